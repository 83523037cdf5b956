"""Are captions true of what the shipped text-to-picture model draws, where no training showed their combination?

Drawn as ``openbook imagine`` draws: each scene told in one of many ways, a seed of its own, read back from the pixels.
INT8 as it is shipped beside the same network in FP32, from the same noise, and by the number of steps. Failures are
counted by what is wrong. Writes evidence/diffusion_imagine.json and two sheets in docs/: the first pictures as they
came, and the failures. Run: python -m benchmarks.diffusion_imagine [--floats FOLDER]
"""

import argparse
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from benchmarks.data import ROOT
from benchmarks.publish import columns, publish, with_interval
from openbook.diffusion.denoiser_folder import SHIPPED, Sampling
from openbook.diffusion.imagine import Imagined, imagined
from openbook.diffusion.learn.compress_denoiser import compress_denoiser
from openbook.diffusion.onnx_denoiser import OnnxDenoiser, opened
from openbook.diffusion.world.captions import phrased
from openbook.diffusion.world.sheet import sheet
from openbook.diffusion.world.splits import Part, drawn_scene
from openbook.evaluate.intervals import Interval, wilson
from openbook.evaluate.significance import paired_randomisation
from openbook.report.record import Figure
from openbook.report.svg import Svg
from openbook.report.tables import Table

SCENES, FEWER, SHOWN, FAILED = 1000, 300, 18, 18
SEED, TAG = 73, 911
STEPS = (2, 4, 8, 16, 32)


@dataclass(frozen=True, slots=True)
class Drawn:
    caption: str
    one: Imagined

    @property
    def reasons(self) -> tuple[str, ...]:
        assert self.one.verdict is not None
        return self.one.verdict.reasons


def captions_of(part: Part, count: int) -> list[str]:
    rngs = (np.random.default_rng([SEED, number, TAG]) for number in range(count))
    return [phrased(drawn_scene(part, rng), rng) for rng in rngs]


def drawn(denoiser: OnnxDenoiser, captions: Iterable[str], sampling: Sampling) -> list[Drawn]:
    return [Drawn(caption, next(imagined(denoiser, caption, sampling, seed))) for seed, caption in enumerate(captions)]


def share(pictures: Sequence[Drawn]) -> Interval:
    return wilson(sum(not one.reasons for one in pictures), len(pictures))


def wrong(reason: str) -> str:
    """What kind of fault a reason of the checker tells."""
    if "unclear" in reason:
        return "something of unclear kind or colour"
    if reason.endswith("none asked"):
        return "a shape that nobody asked for"
    if reason.endswith(" asked"):
        return "too few or too many of a shape"
    return "the wrong side" if reason.startswith("the ") else "the wrong size"


def faults(pictures: Sequence[Drawn]) -> Counter[str]:
    """In how many pictures each kind of fault is found; one picture may have several."""
    return Counter(kind for one in pictures for kind in {wrong(reason) for reason in one.reasons})


def shown(title: str, pictures: Sequence[Drawn]) -> Svg:
    return sheet(
        title, [one.one.picture for one in pictures], [one.caption for one in pictures],
        notes=["; ".join(one.reasons) or "true" for one in pictures],
    )  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--floats", type=Path, default=ROOT / "runs" / "world-diffusion" / "model")
    asked = parser.parse_args()
    int8 = opened(SHIPPED)
    sampling = int8.folder.said.sampling
    captions = captions_of("test", SCENES)
    found = {"INT8, as shipped": drawn(int8, captions, sampling)}
    with TemporaryDirectory() as folder:
        compress_denoiser(asked.floats, Path(folder) / "fp32", "fp32")
        fp32 = opened(Path(folder) / "fp32")
        sizes = [each.folder.model.stat().st_size for each in (int8, fp32)]
        found["FP32"] = drawn(fp32, captions, sampling)
    by_steps = {steps: share(drawn(int8, captions[:FEWER], replace(sampling, steps=steps))) for steps in STEPS}
    seen = share(drawn(int8, captions_of("training", SCENES), sampling))
    report(found, sizes, by_steps, seen, sampling)


def report(
    found: dict[str, list[Drawn]], sizes: Sequence[int], by_steps: dict[int, Interval], seen: Interval, way: Sampling
) -> None:
    shipped, floats = found.values()
    shares = {name: share(pictures) for name, pictures in found.items()}
    apart = paired_randomisation(*([float(not one.reasons) for one in each] for each in (shipped, floats)))
    shades = [float(np.abs(a.one.picture - b.one.picture).mean()) * 127.5 for a, b in zip(shipped, floats, strict=True)]
    failed = [one for one in shipped if one.reasons]
    true = shares["INT8, as shipped"]
    figures = [
        Figure("true captions", true.value, "", true.low, true.high, true.n, text=f"{true.value:.1%}"),
        Figure("true captions of training's combinations", seen.value, "", seen.low, seen.high, seen.n),
        Figure("true captions in FP32", shares["FP32"].value, "", shares["FP32"].low, shares["FP32"].high, true.n),
        Figure("INT8 over FP32, p of no difference", apart.p_value, text=f"{apart.p_value:.2f}"),
        Figure("INT8 from FP32, shades a pixel", float(np.median(shades)), "of 255", n=len(shades)),
        Figure("bytes", sizes[0], "bytes", text=f"{sizes[0] / 1e6:.1f} MB"),
        *(Figure(f"true captions, {n} steps", one.value, "", one.low, one.high, one.n) for n, one in by_steps.items()),
    ]
    how = f"{way.steps} steps of {way.sampler}, guidance {way.guidance:g}"
    rows = [
        (name, f"{size / 1e6:.1f} MB", f"{one.n:,}", with_interval(one))
        for (name, one), size in zip(shares.items(), sizes, strict=True)
    ]
    rows.append(("INT8, combinations that training showed", rows[0][1], f"{seen.n:,}", with_interval(seen)))
    truth = Table(
        "Captions that are true of what is drawn", columns("", "size", "pictures", "true"), tuple(rows),
        f"{how}. Each scene in one of many phrasings, drawn once, with Wilson's 95% interval. INT8 and FP32 begin with "
        f"the same noise: p = {apart.p_value:.2f} that they differ by chance alone (paired randomisation).",
    )  # fmt: skip
    steps = Table(
        "By the number of steps", columns("steps", "true"),
        tuple((str(n), with_interval(one)) for n, one in by_steps.items()),
        f"INT8 with {way.sampler}, guidance {way.guidance:g}, on the first {FEWER} of these captions.",
    )  # fmt: skip
    kinds = Table(
        "What is wrong where a caption is not true", columns("", "pictures"),
        tuple((kind, str(count)) for kind, count in faults(shipped).most_common()),
        f"Of {len(failed)} pictures in {len(shipped):,}; a picture may have several faults.",
    )  # fmt: skip
    publish(
        "diffusion_imagine", figures, {"truth": truth, "steps": steps, "wrong": kinds},
        data=["recipes/world-diffusion.toml"], code=["src/openbook/weights/imagine/model.onnx"], seeds=(SEED,),
    )  # fmt: skip
    for name, title, pictures in (
        ("drawn", "As they came: combinations that no training showed", shipped[:SHOWN]),
        ("failed", "The first that are not true, and what the checker says of them", failed[:FAILED]),
    ):
        if pictures:
            path = ROOT / "docs" / f"diffusion-{name}.svg"
            path.write_text(shown(title, pictures).text, encoding="utf-8")


if __name__ == "__main__":
    main()
