"""Training and drawing pictures here beside diffusers' U-Net of equal size, on a CPU.

Scikit-learn's digits, told which digit; both learn from the same pictures with the same noise at the same levels in the
same steps, each in a process of its own, in turn. Training: pictures a second after the warm-up. Drawing: DDIM. What is
learnt: the loss on digits kept apart after so many seconds of training, whatever the steps, compiling not counted.
Then the same networks on 32 by 32 pixels in colours, for their speed alone.
Writes evidence/diffusion_speed.json. Run: python -m benchmarks.diffusion_speed
(with benchmarks/requirements-diffusers.txt; --tune tries the peer's settings one by one)
"""

import argparse
import json
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.beside_trl import alone, peak_megabytes
from benchmarks.data import ROOT
from benchmarks.publish import columns, publish
from openbook.report.record import Figure
from openbook.report.tables import Table

BATCH, RATE, REPEATS = 64, 2e-3, 3
WARM, TIMED = 3, {"digits": 24, "colours": 12}  # steps: not timed, timed
SECONDS = 40.0
"""Of training, for what is learnt."""

DRAWN, DRAW_STEPS = 16, 20
RECIPES: dict[str, dict[str, Any]] = {
    "digits": {"size": 8, "channels": 1, "widths": (32, 64), "attention": (4,), "patch": 2},
    "colours": {"size": 32, "channels": 3, "widths": (32, 64, 64), "attention": (16, 8), "patch": 4},
}
LEARN = sorted(str(path.relative_to(ROOT)) for path in (ROOT / "src/openbook/diffusion/learn").glob("*.py"))
SYSTEMS: dict[str, dict[str, Any]] = {
    "openbook U-Net": {"network": "unet", "compile": True},
    "openbook U-Net, not compiled": {"network": "unet"},
    "openbook DiT": {"network": "dit", "compile": True},
    "openbook DiT, not compiled": {"network": "dit"},
    "diffusers U-Net": {"peer": True},
    "diffusers U-Net, best": {"peer": True, "channels_last": True, "compile": True, "fused": True},
}
TRIED: dict[str, dict[str, Any]] = {
    "as its example": {"peer": True},
    "channels last": {"peer": True, "channels_last": True},
    "fused optimiser": {"peer": True, "fused": True},
    "compiled": {"peer": True, "compile": True},
    "compiled, fused": {"peer": True, "compile": True, "fused": True},
    "compiled, fused, channels last": SYSTEMS["diffusers U-Net, best"],
}


def recipe_of(task: str, settings: Mapping[str, Any], folder: Path) -> Any:
    from openbook.diffusion.described import Process
    from openbook.diffusion.learn.recipe import Data, DiffusionRecipe
    from openbook.diffusion.shapes import DitShape, UnetShape
    from openbook.train.recipe import Optimiser, Out, Train

    shape = RECIPES[task]
    multipliers = tuple(width // shape["widths"][0] for width in shape["widths"])
    unet = UnetShape(shape["widths"][0], multipliers, 1, shape["attention"], 4)
    dit = DitShape(96, 4, 4, shape["patch"])
    return DiffusionRecipe(
        data=Data("digits" if task == "digits" else str(folder), shape["size"], shape["channels"], "class"),
        out=Out(str(folder / "run")),
        diffusion=Process(drop=0.0),
        unet=unet if settings.get("network") != "dit" else None,
        dit=dit if settings.get("network") == "dit" else None,
        optimiser=Optimiser(rate=RATE, beta2=0.99, weight_decay=0.0),
        train=Train(steps=10**6, batch=BATCH, compile="whole" if settings.get("compile") else "no"),
    )


def pictures_of(task: str) -> Any:
    from openbook.diffusion.learn.digits import digits
    from openbook.diffusion.learn.pictures import Pictures

    if task == "digits":
        return digits()
    shape = RECIPES[task]
    rng = np.random.default_rng([0, 1])
    values = rng.integers(256, size=(512, shape["channels"], shape["size"], shape["size"]), dtype=np.uint8)
    return Pictures(values, rng.integers(10, size=512), tuple(map(str, range(10))))


def worker(task: str, settings: Mapping[str, Any], seed: int, seconds: float) -> dict[str, float]:
    """seconds: of training, 0 for speed alone."""
    import torch

    from openbook.diffusion.learn.pictures import parted

    timed = TIMED[task]
    pictures = pictures_of(task)
    recipe = recipe_of(task, settings, Path("unused"))
    learnt, apart = parted(pictures, 0.1, replace(recipe.diffusion, drop=0.0))
    assert apart is not None
    torch.manual_seed(seed)
    made = theirs if settings.get("peer") else ours
    parameters, step, validated, draw = made(task, settings, recipe, learnt, seed)
    since = time.perf_counter()
    for number in range(WARM):
        step(number, RATE)
    before = time.perf_counter() - since
    since = time.perf_counter()
    for number in range(WARM, WARM + timed):
        step(number, RATE)
    each = (time.perf_counter() - since) / timed
    found = {"parameters": parameters, "rate": BATCH / each, "warm": before, "megabytes": peak_megabytes()}
    if seconds:
        steps = max(WARM + timed, int(seconds / each))
        for number in range(WARM + timed, steps):
            step(number, RATE * (1 - number / steps))
        found |= {"loss": validated(apart.evaluation(0, apart.evaluations)), "steps": steps}
    rng = np.random.default_rng([seed, 2])
    noise = rng.standard_normal((DRAWN, *pictures.values.shape[1:]), np.float32)
    labels = np.arange(DRAWN) % 10
    draw(noise, labels)
    times: list[float] = []
    for _ in range(3):
        since = time.perf_counter()
        draw(noise, labels)
        times.append(time.perf_counter() - since)
    return found | {"drawing": DRAWN / statistics.median(times)}


Made = tuple[int, Callable[[int, float], object], Callable[[Any], float], Callable[[Any, Any], object]]


def ours(_task: str, _settings: Mapping[str, Any], recipe: Any, learnt: Any, _seed: int) -> Made:
    import torch

    from openbook.diffusion.learn.begin import begin, describe
    from openbook.diffusion.learn.samples import drawn
    from openbook.diffusion.sheet import Sheet
    from openbook.train.group import Group
    from openbook.train.loop import update
    from openbook.train.optimise import set_rate
    from openbook.train.techniques import evaluating

    group = Group(0, 1, torch.device("cpu"))
    state = begin(recipe, describe(recipe, learnt.pictures), group)
    objective: Any = state.objective
    schedule = recipe.diffusion.schedule()

    def step(number: int, rate: float) -> None:
        state.step = number
        set_rate(state.optimisers, rate)
        update(state, recipe, learnt, group)

    def validated(batch: Any) -> float:
        with evaluating(objective):
            return float(objective(*batch.inputs)) / batch.count

    def draw(noise: Any, labels: Any) -> Any:
        return drawn(
            objective.average, "noise", schedule, torch.from_numpy(labels), noise, Sheet(DRAW_STEPS, guidance=1.0)
        )

    return sum(p.numel() for p in objective.model.parameters()), step, validated, draw


def theirs(task: str, settings: Mapping[str, Any], _recipe: Any, learnt: Any, seed: int) -> Made:
    from benchmarks.diffusion_peer import Peer

    shape = RECIPES[task]
    peer = Peer(shape["size"], shape["channels"], shape["widths"], 10, RATE, settings)

    def step(number: int, rate: float) -> None:
        peer.step(learnt.training(seed, number, BATCH, 0, BATCH), rate)

    return peer.parameters, step, peer.validated, lambda noise, labels: peer.drawn(noise, labels, DRAW_STEPS)


def run(task: str, settings: Mapping[str, Any], seed: int, seconds: float) -> dict[str, float]:
    """One run in a fresh process."""
    found = alone("diffusion_speed", task, json.dumps(settings), str(seed), str(seconds))
    print(task, settings, seed, {key: round(value, 4) for key, value in found.items()}, flush=True)
    return found


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--worker", nargs=4)
    parser.add_argument("--tune", action="store_true")
    parser.add_argument("--seconds", type=float, default=SECONDS)
    given = parser.parse_args()
    if given.worker:
        task, settings, seed, seconds = given.worker
        print(json.dumps(worker(task, json.loads(settings), int(seed), float(seconds))))
    elif given.tune:
        for task in RECIPES:
            for settings in ({"network": "unet"}, *TRIED.values()):
                run(task, settings, 0, 0)
    else:
        runs: dict[str, dict[str, list[dict[str, float]]]] = {task: {name: [] for name in SYSTEMS} for task in RECIPES}
        for seed in range(1, REPEATS + 1):
            for task, found in runs.items():
                for name, settings in SYSTEMS.items():
                    found[name].append(run(task, settings, seed, given.seconds if task == "digits" else 0))
        report(runs, given.seconds)


def report(runs: Mapping[str, Mapping[str, Sequence[Mapping[str, float]]]], seconds: float) -> None:
    figures: list[Figure] = []
    rows: list[tuple[str, ...]] = []
    peers = [name for name, settings in SYSTEMS.items() if settings.get("peer")]

    def told(name: str, found: Sequence[float]) -> float:
        figures.append(Figure(name, statistics.median(found), low=min(found), high=max(found), n=len(found)))
        return statistics.median(found)

    for task, systems in runs.items():
        middle = {
            name: {key: statistics.median(run[key] for run in found) for key in ("rate", "drawing")}
            for name, found in systems.items()
        }
        for name, found in systems.items():
            cells = [task, name, f"{found[0]['parameters']:,.0f}"]
            for key in ("rate", "drawing"):
                cells.append(f"{told(f'{task} {name} {key}', [run[key] for run in found]):,.0f}")
                for peer in peers:
                    ratio = middle[name][key] / middle[peer][key]
                    if name not in peers:
                        figures.append(Figure(f"{task} {name} {key} over {peer}", ratio, "x", text=f"{ratio:.2f}x"))
                    cells.append("" if name in peers else f"{ratio:.2f}x")
            losses = [run["loss"] for run in found if "loss" in run]
            rows.append((*cells, f"{told(f'{task} {name} loss', losses):.4f}" if losses else "–"))
    note = (
        f"Medians of {REPEATS} runs, each a process of its own, in turn. Trained: steps of {BATCH}, FP32, with moving "
        f"average and clipping; drawn: {DRAWN} at once, DDIM of {DRAW_STEPS} steps. Over: first diffusers as its "
        "example trains, then with channels last, torch.compile and a fused AdamW. Loss: of the noise, on digits kept "
        f"apart, after {seconds:g} seconds of training, compiling not counted."
    )
    over = ("over", "over best")
    heads = columns("pictures", "system", "parameters", "trained/s", *over, "drawn/s", *over, "loss")
    publish(
        "diffusion_speed",
        figures,
        {"speed": Table("Pictures a second on a CPU, beside diffusers", heads, tuple(rows), note)},
        data=[],
        code=["benchmarks/diffusion_peer.py", "src/openbook/train/loop.py", *LEARN],
        seeds=range(1, REPEATS + 1),
        versions={name: metadata.version(name) for name in ("torch", "diffusers", "scikit-learn")},
    )


if __name__ == "__main__":
    main()
