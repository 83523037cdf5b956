"""Who looks on at a run, and what the loop calls: a step done, a row of metrics, a checkpoint, whether to stop."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from openbook.train import checkpoint
from openbook.train.folder import RunFolder
from openbook.train.group import Group
from openbook.train.loop import Hooks, Row
from openbook.train.metrics import Metrics
from openbook.train.recipe import Out, Train
from openbook.train.state import State

if TYPE_CHECKING:
    from openbook.train.run import Plan


@dataclass(frozen=True, slots=True)
class Watch:
    """Who looks on: called in the first process alone."""

    planned: "Callable[[Plan], None]"
    progress: Callable[[int], None]
    record: Callable[[Row], None]


class Kept(Protocol):
    """What every recipe says of how a run is kept."""

    @property
    def train(self) -> Train: ...
    @property
    def out(self) -> Out: ...


def hooks(
    recipe: Kept,
    state: State,
    folder: RunFolder,
    metrics: Metrics,
    group: Group,
    watch: Watch,
    stop: Callable[[], bool],
) -> Hooks:
    """Rows go to the metrics and to who looks on; checkpoints into the run's folder."""

    def nothing(_: Any) -> None: ...

    def record(row: Row) -> None:
        metrics.add(row)
        watch.record(row)

    def keep() -> None:
        seed, batch, kept = recipe.train.seed, recipe.train.batch, recipe.out.keep
        checkpoint.save(folder.checkpoints, state, group, seed=seed, batch=batch, keep=kept)

    return Hooks(watch.progress if group.first else nothing, record if group.first else nothing, keep, stop)
