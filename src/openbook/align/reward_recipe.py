"""What a recipe of a reward model says: the pairs, and what the loss adds to Bradley and Terry's."""

from dataclasses import dataclass, field

from openbook.align.dpo_recipe import PairData
from openbook.align.problems import AlignProblem
from openbook.align.recipe import AlignRecipe
from openbook.train.answers import PLACE
from openbook.train.recipe import check_ranges


@dataclass(frozen=True, slots=True)
class Loss:
    """margin: how far ahead a chosen reply has to be. centre: the weight of what holds rewards around 0. by_prompt: all
    pairs of a prompt are one element of a batch, and each reply is read once. tokens: read in one pass at most, unless
    a single pair or prompt has more; fewer need less memory.
    """

    margin: float = 0.0
    centre: float = 0.01
    by_prompt: bool = False
    tokens: int = 4096


@dataclass(frozen=True, slots=True, kw_only=True)
class RewardRecipe(AlignRecipe):
    """A reward model: a number for a reply, by Bradley and Terry from pairs.

    train.batch: pairs a step, or prompts with all their pairs where reward.by_prompt.
    """

    data: PairData
    reward: Loss = field(default_factory=Loss)

    def __post_init__(self) -> None:
        AlignRecipe.__post_init__(self)
        check_ranges(
            ("reward.margin", self.reward.margin, 0, 1e3),
            ("reward.centre", self.reward.centre, 0, 1e3),
            ("reward.tokens", self.reward.tokens, 1, 2**24),
            ("data.validation", self.data.validation, 0, 0.999),
        )
        if not self.data.path:
            raise AlignProblem("data.path must not be empty: set it to a .jsonl file of pairs or ratings")
        if self.data.template.count(PLACE) != 1:
            raise AlignProblem(f"data.template is {self.data.template!r}, and must hold {PLACE} once")
