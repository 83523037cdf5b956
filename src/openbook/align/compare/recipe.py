"""What the recipe of a bake-off says: the task, who judges, what is learnt from them, one budget, what is measured."""

from dataclasses import dataclass, field
from typing import Literal

from openbook.align.problems import AlignProblem
from openbook.train.finetune_recipe import Base
from openbook.train.recipe import check_ranges

MethodName = Literal["rejection", "dpo", "ipo", "ppo", "grpo"]


@dataclass(frozen=True, slots=True)
class Annotators:
    """Simulated people who choose between two supervised replies.

    prompts: how many prompts the choices are made for. held: prompts beside these, kept from the reward models.
    replies: to each prompt, of which every two are compared. temperature: of a choice, in standard deviations of the
    supervised policy's true reward; 0: always the better reply. flips: the share of choices the wrong way round.
    per_token: what a token of length is worth to them, in the same unit as temperature. people: how many choose, each
    for all pairs.
    """

    prompts: int = 400
    held: int = 100
    replies: int = 8
    temperature: float = 0.5
    flips: float = 0.1
    per_token: float = 0.05
    people: int = 2


@dataclass(frozen=True, slots=True)
class Proxy:
    """The reward models that learn from those choices, one of which is climbed.

    members: reward models, each begun and taught in an order of its own; the first is the proxy. 1: no ensemble. steps:
    of each model's training. batch: prompts a step, each with all of its pairs. rate: the learning rate.
    """

    members: int = 3
    steps: int = 150
    batch: int = 32
    rate: float = 5e-4


@dataclass(frozen=True, slots=True)
class Budget:
    """What every method has to spend.

    replies: of the policy, drawn or read from pairs, that it learns from.
    """

    replies: int = 6400


@dataclass(frozen=True, slots=True)
class Learning:
    """One method.

    rate: the learning rate of AdamW. beta: the weight of the KL penalty, or DPO's β and IPO's τ; none in rejection.
    batch: prompts, or pairs, a step. replies: drawn to each prompt, where they are drawn.
    """

    rate: float = 1e-4
    beta: float = 0.05
    batch: int = 8
    replies: int = 8


@dataclass(frozen=True, slots=True)
class Hacking:
    """The hacked case.

    replies: that each of these runs learns from. beta: the weight of the KL penalty in the run that has one. rate: the
    learning rate. batch: prompts a step. group: replies to each prompt.
    """

    replies: int = 12800
    beta: float = 0.1
    rate: float = 2e-4
    batch: int = 8
    group: int = 8


@dataclass(frozen=True, slots=True)
class Measuring:
    """How every policy is measured.

    problems: kept from all training. replies: drawn to each of them. checkpoints: how often a method is measured after
    the start. draws: replies to each problem that the best of n are taken from. best_of: the largest n, a power of 2.
    """

    problems: int = 64
    replies: int = 8
    checkpoints: int = 5
    draws: int = 128
    best_of: int = 64


@dataclass(frozen=True, slots=True)
class Folder:
    """Where the bake-off is kept.

    folder: of its own; the same command goes on with what is in it.
    """

    folder: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CompareRecipe:
    """Every method from one policy, under one budget, with the truth at hand.

    base: the supervised policy, which every method starts from. task: whose true reward is known, as facts. end: the
    piece that ends a reply. longest: tokens of a reply at most. seed: of everything that is drawn. threads: 0: as many
    as there are cores. device: to compute on. methods: that are compared, beside best of n.
    hacking: GRPO without a KL penalty climbs the proxy too far on purpose, and again with one thing changed.
    """

    base: Base
    out: Folder
    task: str = "facts"
    end: str = "<|endoftext|>"
    longest: int = 64
    seed: int = 0
    threads: int = 0
    device: Literal["auto", "cpu", "cuda"] = "auto"
    methods: tuple[MethodName, ...] = ("rejection", "dpo", "ipo", "ppo", "grpo")
    annotators: Annotators = field(default_factory=Annotators)
    proxy: Proxy = field(default_factory=Proxy)
    budget: Budget = field(default_factory=Budget)
    measure: Measuring = field(default_factory=Measuring)
    rejection: Learning = field(default_factory=Learning)
    dpo: Learning = field(default_factory=Learning)
    ipo: Learning = field(default_factory=Learning)
    ppo: Learning = field(default_factory=Learning)
    grpo: Learning = field(default_factory=Learning)
    hacking: Hacking | None = None

    def __post_init__(self) -> None:
        judges, proxy, measure = self.annotators, self.proxy, self.measure
        check_ranges(
            ("seed", self.seed, 0, 2**31 - 1),
            ("threads", self.threads, 0, 4096),
            ("longest", self.longest, 1, 2**16),
            ("annotators.prompts", judges.prompts, 2, 10**6),
            ("annotators.held", judges.held, 2, 10**6),
            ("annotators.replies", judges.replies, 2, 1024),
            ("annotators.temperature", judges.temperature, 0, 1e6),
            ("annotators.flips", judges.flips, 0, 0.5),
            ("annotators.per_token", judges.per_token, -1e3, 1e3),
            ("annotators.people", judges.people, 1, 100),
            ("proxy.members", proxy.members, 1, 16),
            ("proxy.steps", proxy.steps, 1, 10**7),
            ("proxy.batch", proxy.batch, 1, 10**6),
            ("proxy.rate", proxy.rate, 0, 1e3),
            ("budget.replies", self.budget.replies, 1, 10**9),
            ("measure.problems", measure.problems, 4, 10**5),
            ("measure.replies", measure.replies, 2, 1024),
            ("measure.checkpoints", measure.checkpoints, 1, 100),
            ("measure.best_of", measure.best_of, 1, measure.draws),
            ("measure.draws", measure.draws, 2, 4096),
        )
        for name in ("rejection", "dpo", "ipo", "ppo", "grpo"):
            one: Learning = getattr(self, name)
            check_ranges(
                (f"{name}.rate", one.rate, 0, 1e3),
                (f"{name}.beta", one.beta, 0, 1e6),
                (f"{name}.batch", one.batch, 1, 10**6),
                (f"{name}.replies", one.replies, 2, 4096),
            )
        if self.hacking is not None:
            check_ranges(
                ("hacking.replies", self.hacking.replies, 1, 10**9),
                ("hacking.beta", self.hacking.beta, 0, 1e6),
                ("hacking.rate", self.hacking.rate, 0, 1e3),
                ("hacking.batch", self.hacking.batch, 1, 10**6),
                ("hacking.group", self.hacking.group, 2, 4096),
            )
        if not self.base.model or not self.out.folder:
            raise AlignProblem("base.model and out.folder must not be empty")
        if len(set(self.methods)) != len(self.methods):
            raise AlignProblem("methods names one of them twice: name each once")
        if not self.methods and self.hacking is None:
            raise AlignProblem(
                "methods is empty and there is no [hacking], so nothing would be compared: name a method"
            )
