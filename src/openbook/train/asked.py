"""What the loop asks of what it trains on, and of a recipe: tokens, pairs or pictures, it is one loop."""

from typing import Any, ClassVar, Protocol, Self

import torch

from openbook.train.recipe import Optimiser, Out, Schedule, Train


class Pass(Protocol):
    """Rows that go through the model together. inputs: what the objective is called with, which returns a sum over
    ``count`` targets.
    """

    @property
    def inputs(self) -> tuple[Any, ...]: ...
    @property
    def count(self) -> int: ...
    def to(self, device: torch.device) -> Self: ...


class Learnt(Protocol):
    """What is learnt from. unit: of the targets, as "tokens"."""

    unit: ClassVar[str]

    def training(self, seed: int, step: int, rows: int, first: int, last: int) -> Pass:
        """Rows ``first`` to ``last`` of the ``rows`` of a step, by seed and step alone."""
        ...


class KeptApart(Protocol):
    """What is measured on. evaluations: of rows; context: how large one is, in tokens or pixels."""

    @property
    def context(self) -> int: ...
    @property
    def evaluations(self) -> int: ...
    def evaluation(self, first: int, last: int) -> Pass:
        """Rows ``first`` to ``last``, in order."""
        ...


class Recipe(Protocol):
    """The tables that every recipe of training has."""

    @property
    def train(self) -> Train: ...
    @property
    def schedule(self) -> Schedule: ...
    @property
    def optimiser(self) -> Optimiser: ...
    @property
    def out(self) -> Out: ...
