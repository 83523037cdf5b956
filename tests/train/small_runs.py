"""A text to train on, the type of the recipe fixture, and a watcher that keeps what it is shown."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from openbook.train.recipe import TrainRecipe
from openbook.train.run import Plan
from openbook.train.watch import Watch

TEXT = "the quick brown fox jumps over the lazy dog; she sells sea shells by the sea shore.\n"

Make = Callable[..., TrainRecipe]
"""A recipe with the keys given changed, as on the command line; out: its folder."""


@dataclass
class Seen:
    plans: list[Plan] = field(default_factory=list)
    rows: list[dict[str, Any]] = field(default_factory=list)
    at_step: Callable[[int], None] = lambda step: None

    @property
    def watch(self) -> Watch:
        return Watch(self.plans.append, lambda step: self.at_step(step), lambda row: self.rows.append(dict(row)))

    def losses(self, key: str = "loss") -> dict[int, float]:
        return {row["step"]: row[key] for row in self.rows if key in row}
