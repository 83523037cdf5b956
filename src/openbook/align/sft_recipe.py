"""What a recipe of supervised training says: a task, how many demonstrations of it, and the decoder that learns them.

The tables besides ``[task]`` are those of ``train/recipe.py``.
"""

from dataclasses import dataclass, field
from pathlib import Path

from openbook.align.problems import AlignProblem
from openbook.align.task import check_sizes
from openbook.align.tasks import file_of
from openbook.align.vocabulary import Pieces
from openbook.train.recipe import Model, Optimiser, Out, Schedule, Train, check_ranges, check_tables


@dataclass(frozen=True, slots=True)
class Demonstrations:
    """name: of the task: arithmetic, countdown, counting, facts, sorting, units, or gsm8k:FILE. examples:
    demonstrations to learn from. validation: demonstrations kept apart. sizes: of a problem, the least and the most, as
    [1, 3]; empty: the task's own. terse: the share that gives the answer alone, without its steps. pieces: what a token
    is. seed: of the problems; train.seed is of the weights and the order.
    """

    name: str
    examples: int = 2000
    validation: int = 200
    sizes: tuple[int, ...] = ()
    terse: float = 0.0
    pieces: Pieces = "characters"
    seed: int = 0

    @property
    def between(self) -> tuple[int, int] | None:
        return (self.sizes[0], self.sizes[1]) if self.sizes else None

    @property
    def file(self) -> Path | None:
        """Where the problems are read from, where they are not drawn."""
        return file_of(self.name)


@dataclass(frozen=True, slots=True, kw_only=True)
class SftRecipe:
    """A small decoder from scratch learns a task's demonstrations, for the other methods to start from.

    end: the piece that ends a reply. train.batch: demonstrations a step. train.attention, train.compile, model.start:
    for training on texts; stays as it is.
    """

    task: Demonstrations
    out: Out
    end: str = "<|endoftext|>"
    model: Model = field(default_factory=lambda: Model(layers=3, width=96, context=128))
    optimiser: Optimiser = field(default_factory=lambda: Optimiser(weight_decay=0.01))
    schedule: Schedule = field(default_factory=Schedule)
    train: Train = field(default_factory=Train)

    def __post_init__(self) -> None:
        check_tables(self.train, self.schedule, self.optimiser, self.out)
        check_ranges(
            ("task.examples", self.task.examples, 1, 10**6),
            ("task.validation", self.task.validation, 1, 10**5),
            ("task.terse", self.task.terse, 0, 1),
            ("task.seed", self.task.seed, 0, 2**63 - 1),
        )
        check_sizes(self.task.sizes)
        if not self.out.folder or not self.end.strip():
            raise AlignProblem("out.folder and end must not be empty")
        if self.model.start:
            raise AlignProblem("model.start is for openbook train: leave it out, or fine-tune that model with a [base]")
        for key in ("attention", "compile"):
            if getattr(self.train, key) != getattr(Train(), key):
                raise AlignProblem(f"train.{key} is for training on texts: leave it out of a recipe of demonstrations")
