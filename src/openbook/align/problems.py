"""What is said to a user of this room in one line."""

from openbook.train.problems import TrainProblem


class AlignProblem(TrainProblem):
    """Preferences, rewards or a recipe that cannot be learnt from."""
