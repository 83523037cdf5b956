"""What a recipe of learning from pairs says: the pairs, the objective, and how far a policy may be drawn."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from openbook.align.problems import AlignProblem
from openbook.align.recipe import AlignRecipe
from openbook.train.answers import PLACE
from openbook.train.recipe import check_ranges, path_of


@dataclass(frozen=True, slots=True)
class PairData:
    """path: JSON lines of pairs (prompt, chosen, rejected) or of ratings (prompt, answer, rating), also .gz. template:
    what a policy reads of a prompt. validation: the share of the prompts, the last ones, whose pairs are kept apart; 0:
    none. Pairs of one prompt stay together, so that no held-out prompt was learnt from.
    """

    path: str
    template: str = PLACE
    validation: float = 0.1

    @property
    def source(self) -> Path:
        return path_of(self.path)


@dataclass(frozen=True, slots=True)
class Dpo:
    """loss: the objective. beta: β of DPO, τ of IPO: the larger, the nearer the policy stays to its reference.
    smoothing: DPO's share of pairs taken to be the wrong way round. per_token: IPO's log-probabilities as means over a
    reply's tokens, not sums. sampled: held-out prompts that a reply is drawn to at each evaluation, to see how far the
    policy is from its reference; 0: none. longest: tokens of such a reply at most. tokens: of the pairs in one pass at
    most, unless a single pair has more; fewer need less memory.
    """

    loss: Literal["dpo", "ipo"] = "dpo"
    beta: float = 0.1
    smoothing: float = 0.0
    per_token: bool = False
    sampled: int = 16
    longest: int = 64
    tokens: int = 2048


@dataclass(frozen=True, slots=True, kw_only=True)
class DpoRecipe(AlignRecipe):
    """Direct preference optimisation: pairs of replies teach the policy itself.

    train.batch: pairs a step.
    """

    data: PairData
    dpo: Dpo = field(default_factory=Dpo)

    def __post_init__(self) -> None:
        AlignRecipe.__post_init__(self)
        check_ranges(
            ("dpo.beta", self.dpo.beta, 1e-6, 1e6),
            ("dpo.smoothing", self.dpo.smoothing, 0, 0.499),
            ("dpo.sampled", self.dpo.sampled, 0, 4096),
            ("dpo.longest", self.dpo.longest, 1, 2**16),
            ("dpo.tokens", self.dpo.tokens, 1, 2**24),
            ("data.validation", self.data.validation, 0, 0.999),
        )
        if not self.data.path:
            raise AlignProblem("data.path must not be empty")
        if self.data.template.count(PLACE) != 1:
            raise AlignProblem(f"data.template is {self.data.template!r}, and must hold {PLACE} once")
        if self.dpo.loss == "ipo" and self.dpo.smoothing:
            raise AlignProblem("dpo.smoothing is for dpo.loss = 'dpo': IPO's gap is finite without it")
        if self.dpo.loss == "dpo" and self.dpo.per_token:
            raise AlignProblem("dpo.per_token is for dpo.loss = 'ipo': leave it out")
