"""One method on its way: its own run, stopped at checkpoints to be measured, and gone on with where it was killed.

What is measured at a step is kept beside the run, by the step; a run that goes back to a checkpoint measures again.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar, cast

from openbook import recipes
from openbook.align.compare.measure import Exam, Measured, measured
from openbook.align.compare.memory import forget_peak, peak
from openbook.align.compare.outcome import Climb, Point
from openbook.align.compare.proxies import TRUE
from openbook.align.loop import Measures, Method
from openbook.align.problems import AlignProblem
from openbook.align.recipe import AlignRecipe
from openbook.align.run import Begin, Setting, run
from openbook.train.metrics import Metrics
from openbook.train.watch import Watch
from openbook.train.whole import write_whole

R = TypeVar("R", bound=AlignRecipe)
_LARGEST = 50_000_000


@dataclass(frozen=True, slots=True)
class Way:
    """How a method is run. replies: of the policy that a step learns from. head: as in ``align.run.run``."""

    recipe: AlignRecipe
    begin: Begin[Any]
    replies: int
    sources: Mapping[str, Path]
    head: Callable[[Any], Any] | None = None


def climb(name: str, climbs: str, way: Way, exam: Exam, start: Measured, told: Callable[[float], None]) -> Climb:
    """Run it, or go on with it, to its end, or to where it stops itself; start: the supervised policy's measures.

    Raises KeyboardInterrupt where a person stops it: what was learnt is kept.
    """
    folder, steps = Path(way.recipe.out.folder), way.recipe.train.steps

    def begin(recipe: AlignRecipe, setting: Setting) -> Method:
        setting.policy.keep_reference()  # what all are measured against, also where the method itself needs none
        method = way.begin(recipe, setting)

        def evaluate() -> Measures:
            if setting.state.step == 0:
                return {}  # the supervised policy, which is measured once for all
            found = measured(setting.policy, exam)
            write_whole(_place(folder, setting.state.step), json.dumps(recipes.as_table(found)).encode("utf-8"))
            return {"held_reward": _mean(found.rewards[TRUE]), "held_kl": _mean(found.kl)}

        return Method(method.take, evaluate, method.notes)

    forget_peak()
    watch = Watch(lambda _: None, lambda step: told(step / steps), lambda _: None)
    try:
        result = run(way.recipe, watch, lambda _: None, begin, sources=dict(way.sources), head=way.head)
    except AlignProblem as problem:
        if not _points(folder, way.replies):
            raise  # nothing was learnt, so there is nothing to compare
        stopped = str(problem)
    else:
        if not result.finished:
            raise KeyboardInterrupt
        stopped = result.note
    return Climb(name, climbs, (Point(0, 0, 0.0, start), *_points(folder, way.replies)), peak(), stopped)


def _points(folder: Path, replies: int) -> list[Point]:
    """In the order of their steps, with the seconds that the run had learnt until then."""
    seconds = {
        row["step"]: float(row["seconds"]) for row in Metrics(folder / "metrics.jsonl").rows() if "seconds" in row
    }
    return [
        Point(step, step * replies, seconds[step], _read(_place(folder, step)))
        for step in sorted(seconds)
        if _place(folder, step).is_file()
    ]


def _place(folder: Path, step: int) -> Path:
    return folder / "measured" / f"step-{step:09}.json"


def _read(path: Path) -> Measured:
    try:
        with path.open("rb") as file:
            found: Any = json.loads(file.read(_LARGEST))
        return recipes.build(cast("dict[str, Any]", found), Measured, str(path))
    except (OSError, ValueError, TypeError, RecursionError, recipes.BadRecipe):
        raise AlignProblem(f"{path} is not what is measured here: remove {path.parent.parent}") from None


def _mean(values: tuple[float, ...]) -> float:
    return sum(values) / len(values)
