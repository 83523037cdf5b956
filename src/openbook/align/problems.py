"""What is said to a user of this room in one line."""

from openbook.train.problems import TrainProblem


class AlignProblem(TrainProblem):
    """Preferences, rewards or a recipe that cannot be learnt from."""


class RanAway(AlignProblem):
    """A run that must not go on: a loss that is no number, a policy too far from its reference."""

    def __init__(self, what: str, advice: str) -> None:
        super().__init__(f"{what}: stopped; {advice}")
        self.what, self.advice = what, advice

    def leaving(self, left: str) -> AlignProblem:
        """The same, said with what is left of the run."""
        return AlignProblem(f"{self.what}: stopped; {left}; {self.advice}")
