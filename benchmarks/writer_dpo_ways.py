"""How the writer learns from what the support model backs: pairs of its own drafts, DPO, and the setting that is best.

Best on prompts of the calibration part: after it, most of the likeliest drafts are backed and hold a marked answer.
Being backed alone is what they learnt to please.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from benchmarks.publish import columns
from benchmarks.writer import holds
from benchmarks.writer_pairs import NOTHING, Asked, asked, drawn, judged, pairs_of
from openbook.align.dpo_recipe import Dpo, DpoRecipe, PairData
from openbook.align.pairs_run import run
from openbook.align.policy import Policy, opened
from openbook.align.preferences import Pair, read_pairs, write_pairs
from openbook.encode.support import SupportChecker
from openbook.report.tables import Table
from openbook.train.base_folder import WRITER, base_folder
from openbook.train.finetune_merge import merge_folders
from openbook.train.finetune_recipe import Base
from openbook.train.lora_targets import LoraConfig
from openbook.train.recipe import Optimiser, Out, Schedule, Train
from openbook.train.watch import Watch

PROMPTS, DRAWS, TEMPERATURE, MARGIN = 300, 4, 0.8, 2.0
VALIDATED = 120
"""Prompts of the calibration part that a setting is chosen on."""

SEED = 1
TOKENS = 1024
"""In one pass, as in ``reward_human``."""


@dataclass(frozen=True, slots=True)
class Way:
    """How it learns. lora: an adapter's rank, 0 for all weights."""

    lora: int
    rate: float
    beta: float = 0.1
    steps: int = 20

    @property
    def name(self) -> str:
        return f"LoRA of rank {self.lora}, rate {self.rate:g}" if self.lora else f"all weights, rate {self.rate:g}"


WAYS = (Way(0, 1e-5), Way(0, 5e-5), Way(8, 5e-4))


@dataclass(frozen=True, slots=True)
class Scored:
    """Shares of likeliest drafts: backed; of those asked what has an answer, right, and both; that say nothing."""

    backed: float
    right: float
    both: float
    silent: float
    words: float

    @property
    def cells(self) -> tuple[str, ...]:
        shares = (self.backed, self.right, self.both, self.silent)
        return (*(f"{share:.3f}" for share in shares), f"{self.words:.1f}")


def preferences(support: SupportChecker, kept: Path) -> list[Pair]:
    """What the shipped writer's own drafts of the training part give. kept: the file where they are, or will be."""
    if not kept.is_file():
        prompts = asked("train", PROMPTS, SEED)
        of = drawn(policy_of(WRITER), prompts, DRAWS, TEMPERATURE, SEED)
        drafts = [
            [judged(support, text, one.shown) for text in dict.fromkeys(texts)]
            for one, texts in zip(prompts, of, strict=True)
        ]
        write_pairs(kept, pairs_of(prompts, drafts, MARGIN))
    return read_pairs(kept)


def told(pairs: Sequence[Pair]) -> str:
    """What the pairs are, for a table's note."""
    silent = sum(NOTHING in pair.chosen for pair in pairs), sum(NOTHING in pair.rejected for pair in pairs)
    return (
        f"{PROMPTS:,} prompts of the training part, {DRAWS} drafts each at temperature {TEMPERATURE}: {len(pairs)} "
        f"pairs at least {MARGIN:g} nats apart; in {silent[0]} saying nothing is preferred, in {silent[1]} something "
        "else to it"
    )


def aligned(pairs: Path, way: Way, place: Path) -> Path:
    """The checkpoint of the writer after ``align dpo`` on a file of pairs; a run that is in the folder goes on."""
    recipe = DpoRecipe(
        base=Base(WRITER),
        data=PairData(str(pairs), validation=0.0),
        dpo=Dpo(beta=way.beta, sampled=0, tokens=TOKENS),
        lora=LoraConfig(rank=way.lora, alpha=2.0 * way.lora) if way.lora else None,
        optimiser=Optimiser(rate=way.rate, weight_decay=0.0),
        schedule=Schedule(kind="cosine", warmup=5, floor=0.05),
        train=Train(steps=way.steps, batch=16, seed=SEED, threads=1, device="cpu"),
        out=Out(str(place), evaluate_every=0, checkpoint_every=5),
    )

    def ignored(_: object) -> None: ...

    result = run(recipe, Watch(ignored, ignored, ignored), ignored)
    if result.weights is None:
        raise SystemExit("interrupted: nothing was measured")
    if not result.adapted:
        return result.weights
    if not (place / "merged").exists():
        merge_folders(base_folder(WRITER), result.weights, place / "merged")
    return place / "merged"


def policy_of(base: str) -> Policy:
    return opened(Base(base), None, "<|endoftext|>", 0, torch.device("cpu"))


def chosen(support: SupportChecker, pairs: Path, place: Path) -> tuple[Way, Path, Table]:
    """The best way, its checkpoint, and what each does, beside the shipped writer."""
    prompts = asked("calibration", VALIDATED, SEED)
    rows = [("as shipped", *scored(policy_of(WRITER), support, prompts).cells)]
    found: list[tuple[float, Way, Path]] = []
    for number, way in enumerate(WAYS):
        model = aligned(pairs, way, place / f"way-{number + 1}")
        of = scored(policy_of(str(model)), support, prompts)
        found.append((of.both, way, model))
        rows.append((way.name, *of.cells))
        print(*rows[-1], flush=True)
    _, best, model = max(found, key=lambda each: each[0])
    note = (
        f"{len(prompts)} prompts of the calibration part, the likeliest draft of each; right: of those with a marked "
        f"answer. DPO with β {best.beta:g}, {best.steps} steps of 16 pairs. The next table's is the one with most "
        "backed and right."
    )
    heads = columns("", "backed", "right", "backed and right", "says nothing", "words")
    return best, model, Table("Ways to learn from what is backed", heads, tuple(rows), note)


def scored(policy: Policy, support: SupportChecker, prompts: Sequence[Asked]) -> Scored:
    texts = [text for (text,) in drawn(policy, prompts, 1, 0.0, 0)]
    silent = [NOTHING in text for text in texts]
    backed = [
        not nothing and judged(support, text, one.shown).score >= support.threshold
        for text, one, nothing in zip(texts, prompts, silent, strict=True)
    ]
    right = [(holds(t, one.answers), b) for t, one, b in zip(texts, prompts, backed, strict=True) if one.answers]
    return Scored(
        float(np.mean(backed)),
        float(np.mean([is_right for is_right, _ in right])),
        float(np.mean([is_right and is_backed for is_right, is_backed in right])),
        float(np.mean(silent)),
        float(np.mean([len(text.split()) for text in texts])),
    )
