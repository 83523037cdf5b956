"""What ``openbook imagine`` does: open the denoiser, draw, write one PNG, and say what was read back."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from openbook.cli.new_folder import SAID, refuse_far, refuse_other_than_png
from openbook.cli.progress import counted
from openbook.diffusion.denoiser_folder import SHIPPED, Sampling
from openbook.diffusion.imagine import Imagined, check_count, imagined
from openbook.diffusion.onnx_denoiser import OnnxDenoiser, opened
from openbook.diffusion.tiles import check_tiles, tiled
from openbook.encode.side_by_side import usable_threads
from openbook.report.files import write_whole
from openbook.report.plural import plural
from openbook.report.png import png
from openbook.values import Json

_COLUMNS = 8
_SIDE = 256


@dataclass(frozen=True, slots=True)
class Found:
    """The pictures of one caption, where they go, and how they were made."""

    caption: str
    out: Path
    scale: int
    denoiser: OnnxDenoiser
    sampling: Sampling
    pictures: Sequence[Imagined]


def open_denoiser(model: Path | None) -> OnnxDenoiser:
    """The folder's, or the shipped one. Raises OpenbookError where it cannot be used."""
    return opened(model or SHIPPED, usable_threads(None))


def drawn(
    caption: str, out: Path, steps: int | None, seed: int, guidance: float | None, sampler: str | None, count: int,
    scale: int | None, model: Path | None,
) -> Found:  # fmt: skip
    """Nothing is written. Raises OpenbookError for what cannot be drawn, or could not be written afterwards."""
    refuse_far(out, "the picture")
    refuse_other_than_png(out)
    check_count(count)
    denoiser = open_denoiser(model)
    size = denoiser.folder.said.size
    scale = max(1, _SIDE // size) if scale is None else scale
    columns = min(count, _COLUMNS)
    check_tiles(-(-count // columns), columns, size, scale)
    sampling = denoiser.folder.said.sampling.but(sampler, steps, guidance)
    pictures: list[Imagined] = []
    with counted("drawing", quiet=False) as at:
        for picture in imagined(denoiser, caption.strip(), sampling, seed, count):
            pictures.append(picture)
            at(len(pictures), count)
    return Found(caption.strip(), out, scale, denoiser, sampling, pictures)


def write(found: Found) -> None:
    """One PNG that says how it was made, its pictures in rows of up to eight."""
    pictures = [one.picture for one in found.pictures]
    columns = min(len(pictures), _COLUMNS)
    pictures += [np.ones_like(pictures[0])] * (-len(pictures) % columns)
    whole = tiled(np.stack(pictures).reshape(-1, columns, *pictures[0].shape), found.scale)
    said = {**SAID, "Description": found.caption, "Comment": json.dumps(_made(found))}
    write_whole(found.out, png(whole.shape[1], whole.shape[0], whole.tobytes(), said))


def shown(found: Found) -> str:
    """A line for each picture: what was read back. Nothing is claimed where nothing can read it."""
    lines = [f"seed {one.seed}: {_told(one)}" for one in found.pictures]
    if len(found.pictures) > 1 and found.denoiser.folder.said.world:
        true = sum(one.verdict is not None and one.verdict.true for one in found.pictures)
        lines.append(f"The caption is true of {true} of {len(found.pictures)} pictures.")
    seconds = sum(one.seconds for one in found.pictures)
    calls = found.pictures[0].calls
    lines.append(f"Written: {found.out} ({seconds:.1f} s, the denoiser asked {plural(calls, 'time')} a picture)")
    return "\n".join(lines)


def values(found: Found) -> Json:
    """Everything but the pixels, for machines. true: null where nothing can read the picture."""
    pictures: list[Json] = [
        {
            "seed": one.seed,
            "true": None if one.verdict is None else one.verdict.true,
            "reasons": [] if one.verdict is None else list(one.verdict.reasons),
            "calls": one.calls,
            "seconds": round(one.seconds, 4),
        }
        for one in found.pictures
    ]
    return {**_made(found), "out": str(found.out), "pictures": pictures}


def _made(found: Found) -> dict[str, Json]:
    first = found.pictures[0].seed
    return {"caption": found.caption, "seed": first, **asdict(found.sampling), "model": found.denoiser.folder.digest}


def _told(one: Imagined) -> str:
    if one.verdict is None:
        return "drawn; nothing here can read such a picture, so look at it"
    if one.verdict.true:
        return "as the caption says"
    return f"not as the caption says: {'; '.join(one.verdict.reasons)}"
