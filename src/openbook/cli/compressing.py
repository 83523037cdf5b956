"""What ``openbook compress`` does: tell what kind of model it is, write the folder, and measure it."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from openbook.cli.compress_wanted import Asked, refuse_bad, replaces
from openbook.cli.progress import counted
from openbook.errors import MissingExtra

if TYPE_CHECKING:
    from openbook.cli.compress_decoder import Truth
    from openbook.cli.compress_denoiser import DenoiserTruth
    from openbook.cli.compress_encoder import EncoderTruth


@dataclass(frozen=True, slots=True)
class Compressed:
    """bytes: of the model's file. replaced: what was made before lay in its place. truth: None unless measured."""

    asked: Asked
    bytes: int
    replaced: bool
    truth: "Truth | EncoderTruth | DenoiserTruth | None"


def compressed(asked: Asked, *, quiet: bool) -> Compressed:
    """Raises OpenbookError; for bad input nothing is written."""
    from openbook.compress.checkpoint_kind import kind_of
    from openbook.diffusion.described import DESCRIPTION

    refuse_bad(asked)
    try:
        if (asked.model / DESCRIPTION).is_file():
            from openbook.cli.compress_denoiser import compress_and_measure
        elif kind_of(asked.model) == "encoder":
            from openbook.cli.compress_encoder import compress_and_measure
        else:
            from openbook.cli.compress_decoder import compress_and_measure
    except ModuleNotFoundError as missing:
        if missing.name not in ("onnx", "safetensors"):
            raise
        raise MissingExtra("compressing a model", "compress") from None
    replaced = replaces(asked.out)
    with counted("compressing", quiet=quiet) as at:
        size, truth = compress_and_measure(asked, at)
    return Compressed(asked, size, replaced, truth)
