"""What every recipe of this room says: where to start from, what learns, how fast, how long, and where it is kept.

A method adds a table of its own (``[dpo]``, ``[grpo]``, ...) and says where its preferences or prompts come from.
"""

from dataclasses import dataclass, field

from openbook.align.problems import AlignProblem
from openbook.train.finetune_recipe import Base
from openbook.train.lora_targets import LoraConfig
from openbook.train.recipe import Optimiser, Out, Schedule, Train, check_ranges, check_tables


@dataclass(frozen=True, slots=True)
class Limits:
    """kl: nats a reply that the policy may be from its reference; beyond it the run stops with the last checkpoint.
    Estimated from drawn replies, and outside DPO below 0 by chance where the two are near. idle: steps in succession
    that may have nothing but groups of equal rewards; then the run ends with what it learnt.
    """

    kl: float = 100.0
    idle: int = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class AlignRecipe:
    """base: the model to start from, and the reference of methods that have one. end: the piece that ends a reply.

    lora: an adapter learns, and the base stays; without this table all weights learn. optimiser.kind: aligning takes
    "adamw". train.batch: preference pairs, or prompts, a step. train.rows_at_once: of these in one pass at most; 0:
    all. train.precision, train.attention, train.compile, train.checkpointing, train.chunked_loss: for training on
    texts; stays as it is.
    """

    base: Base
    out: Out
    end: str = "<|endoftext|>"
    lora: LoraConfig | None = None
    optimiser: Optimiser = field(default_factory=lambda: Optimiser(rate=5e-5, weight_decay=0.0))
    schedule: Schedule = field(default_factory=lambda: Schedule(kind="constant", warmup=0))
    train: Train = field(default_factory=Train)
    limits: Limits = field(default_factory=Limits)

    def __post_init__(self) -> None:
        check_tables(self.train, self.schedule, self.optimiser, self.out)
        check_ranges(("limits.kl", self.limits.kl, 0, 1e9), ("limits.idle", self.limits.idle, 1, 10**9))
        if not self.out.folder or not self.base.model:
            raise AlignProblem("base.model and out.folder must not be empty")
        if self.lora is None and self.base.precision != "fp32":
            raise AlignProblem(
                f"base.precision is {self.base.precision}, which is for a base that stays as it is: add a [lora] "
                "table, or set base.precision=fp32"
            )
        if self.optimiser.kind != "adamw":
            raise AlignProblem(f"optimiser.kind is {self.optimiser.kind!r}, and aligning takes 'adamw'")
        for key in ("attention", "compile", "checkpointing", "chunked_loss", "precision"):
            if getattr(self.train, key) != getattr(Train(), key):
                raise AlignProblem(f"train.{key} is for training on texts: leave it out of a recipe that aligns")
