"""Training: one loop, its techniques, checkpoints that go on exactly, and data larger than memory."""

from openbook.train.problems import TrainProblem
from openbook.train.recipe import TrainRecipe

__all__ = ["TrainProblem", "TrainRecipe"]
