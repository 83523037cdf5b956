"""What the experiment found, as values: accuracy at every place, its shape, and orders side by side."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from openbook.evaluate.position.compare import Compared, compared
from openbook.evaluate.position.probe import Row, depths
from openbook.evaluate.position.shape import Shape, shape
from openbook.labs.crossed import Spread, crossed_bootstrap

Right = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Model:
    """One kind of model: how it was trained, and the kind of its positions."""

    regime: str
    positions: str

    @property
    def shown(self) -> str:
        return f"{self.regime}, {self.positions}"


@dataclass(frozen=True, slots=True)
class Outcome:
    """trained: pairs of the longest context trained on. right: by model and pairs, (seeds, questions, places).

    ways: by model and order of a context of ``trained`` pairs, (seeds, questions); the first is the plain one.
    """

    trained: int
    seeds: int
    questions: int
    right: Mapping[Model, Mapping[int, Right]]
    ways: Mapping[Model, Mapping[str, Right]]

    @property
    def lengths(self) -> list[int]:
        return list(next(iter(self.right.values())))

    def accuracy(self, model: Model, pairs: int) -> Spread:
        """Over all places: models and questions drawn again, a question with all of its places."""
        return crossed_bootstrap(self.right[model][pairs].mean(axis=2))

    def at(self, model: Model, pairs: int, place: int) -> Spread:
        return crossed_bootstrap(self.right[model][pairs][:, :, place], resamples=1_000)

    def part(self, model: Model, pairs: int, low: float, high: float) -> Spread:
        """Accuracy over the places whose depth lies in [low, high]."""
        at = np.array(depths(pairs))
        return crossed_bootstrap(self.right[model][pairs][:, :, (at >= low) & (at <= high)].mean(axis=2))

    def shape(self, model: Model, pairs: int) -> Shape | None:
        """Of these very models: questions are what is drawn, each with the mean over the models of its kind."""
        return shape(rows_of(self.right[model][pairs]), resamples=4_000)

    def compared(self, model: Model) -> list[Compared]:
        """Orders against the plain one, question by question."""
        return compared(
            {
                way: [Row("kv", str(n), self.trained, 0.0, float(value)) for n, value in enumerate(found.mean(axis=0))]
                for way, found in self.ways[model].items()
            }
        )


def rows_of(right: NDArray[Any]) -> list[Row]:
    """A row for each question and place, right being the share of models that were."""
    mean = right.mean(axis=0)
    places = depths(mean.shape[1])
    return [
        Row("kv", str(n), mean.shape[1], depth, float(mean[n, place]))
        for n in range(mean.shape[0])
        for place, depth in enumerate(places)
    ]
