"""What recipes of learning from drawn replies say: problems, what a reply is worth, and the objective's numbers."""

import os
from dataclasses import dataclass, field
from pathlib import Path

from openbook.align.grpo import Aggregation
from openbook.align.problems import AlignProblem
from openbook.align.recipe import AlignRecipe
from openbook.align.reward_ensemble import How
from openbook.align.task import check_sizes
from openbook.train.recipe import check_ranges, path_of


@dataclass(frozen=True, slots=True)
class Problems:
    """One of name and path is REQUIRED.

    name: of a task whose replies a program checks: arithmetic, countdown, counting, facts, sorting, units, or
    gsm8k:FILE. path: a file of your own prompts, JSON lines each with a "prompt", in place of a task's; needs
    reward.models. sizes: of a task's problems, the least and the most, as [1, 3]; empty: the task's own. held: problems
    kept apart.
    """

    name: str = ""
    path: str = ""
    sizes: tuple[int, ...] = ()
    held: int = 200

    @property
    def source(self) -> Path:
        return path_of(self.path)


@dataclass(frozen=True, slots=True)
class Worth:
    """models: folders of reward models (``openbook align reward``); empty: the task's own checker says what a reply is
    worth. together: how several models' rewards become one; "cautious" is their mean less their standard deviation.
    per_token: taken off for each token, so that length has a price.
    """

    models: tuple[str, ...] = ()
    together: How = "mean"
    per_token: float = 0.0

    @property
    def folders(self) -> list[Path]:
        return [Path(os.path.expandvars(model)).expanduser() for model in self.models]


@dataclass(frozen=True, slots=True, kw_only=True)
class Online:
    """replies: drawn to each prompt. most: tokens of a reply at most. temperature: that they are drawn at. beta: what a
    nat of distance from the reference costs, in units of reward. clip_low: a token's probability may fall to 1 less
    this, over what it was when the reply was drawn, before the gain is cut off. clip_high: it may rise to 1 and this.
    epochs: how often a step's replies are learnt from. minibatch: prompts an update; 0: all at once. tokens: read in
    one pass at most, unless a single prompt has more; fewer need less memory.
    """

    replies: int
    most: int = 64
    temperature: float = 1.0
    beta: float = 0.04
    clip_low: float = 0.2
    clip_high: float = 0.2
    epochs: int = 1
    minibatch: int = 0
    tokens: int = 2048


@dataclass(frozen=True, slots=True, kw_only=True)
class Grpo(Online):
    """scaled: a reply's advantage is divided by the standard deviation of its group's rewards. weighted: the divergence
    is weighed by the ratio, as TRL has it and the paper does not. aggregation: what a token weighs: "sequence", every
    reply alike; "token", every token alike; "constant", every token 1 / most of a reply.
    """

    replies: int = 8
    scaled: bool = True
    weighted: bool = False
    aggregation: Aggregation = "sequence"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ppo(Online):
    """gamma: the discount of a later reward, a token. lam: λ of the generalised advantages; 1: the whole return, less
    the value. value_clip: how far a value may move in a step; 0: anywhere. value_weight: of the value's loss beside the
    policy's. whiten: advantages have mean 0 and variance 1 in each step.
    """

    replies: int = 1
    beta: float = 0.05
    epochs: int = 4
    gamma: float = 1.0
    lam: float = 0.95
    value_clip: float = 0.2
    value_weight: float = 0.1
    whiten: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class OnlineRecipe(AlignRecipe):
    """train.batch: prompts a step."""

    task: Problems
    reward: Worth = field(default_factory=Worth)

    def check(self, name: str, online: Online) -> None:
        """Raises AlignProblem. name: of the table that ``online`` is."""
        AlignRecipe.__post_init__(self)
        check_ranges(
            (f"{name}.replies", online.replies, 1, 4096),
            (f"{name}.most", online.most, 1, 2**16),
            (f"{name}.temperature", online.temperature, 0.01, 100),
            (f"{name}.beta", online.beta, 0, 1e6),
            (f"{name}.clip_low", online.clip_low, 0, 1),
            (f"{name}.clip_high", online.clip_high, 0, 1e6),
            (f"{name}.epochs", online.epochs, 1, 1000),
            (f"{name}.minibatch", online.minibatch, 0, self.train.batch),
            (f"{name}.tokens", online.tokens, 1, 2**24),
            ("reward.per_token", self.reward.per_token, -1e6, 1e6),
            ("task.held", self.task.held, 0, 10**5),
        )
        if self.train.batch * online.replies > 2**16:
            raise AlignProblem(f"train.batch times {name}.replies is over {2**16:,}: draw fewer replies a step")
        if bool(self.task.name) == bool(self.task.path):
            raise AlignProblem("set one of task.name, a task's own problems, and task.path, a file of prompts")
        if self.task.path and not self.reward.models:
            raise AlignProblem("nothing checks replies to the prompts of task.path: set reward.models")
        check_sizes(self.task.sizes)
        if self.task.path and self.task.sizes:
            raise AlignProblem("task.sizes is for a task's own problems: leave it out where task.path is set")


@dataclass(frozen=True, slots=True, kw_only=True)
class GrpoRecipe(OnlineRecipe):
    """Group relative policy optimisation: rewards of drawn replies, each against the others to its prompt."""

    grpo: Grpo = field(default_factory=Grpo)

    def __post_init__(self) -> None:
        self.check("grpo", self.grpo)
        if self.grpo.replies < 2:
            raise AlignProblem("grpo.replies is 1, and a reply is measured against others of its group: set 2 or more")


@dataclass(frozen=True, slots=True, kw_only=True)
class PpoRecipe(OnlineRecipe):
    """Proximal policy optimisation: rewards of drawn replies, with a value head."""

    ppo: Ppo = field(default_factory=Ppo)

    def __post_init__(self) -> None:
        self.check("ppo", self.ppo)
        check_ranges(
            ("ppo.gamma", self.ppo.gamma, 0, 1),
            ("ppo.lam", self.ppo.lam, 0, 1),
            ("ppo.value_clip", self.ppo.value_clip, 0, 1e6),
            ("ppo.value_weight", self.ppo.value_weight, 0, 1e6),
        )
