"""Does the writer make up less when it learns from what the support model backs? DPO on drafts of its own.

Several drafts are drawn to each of some prompts, and the best backed is preferred to the worst (``writer_pairs``). From
these pairs ``align dpo`` goes on from the shipped writer. Then the whole of ``ask`` over pages of which nothing was
learnt, with the writer before and after: the same questions and passages, so that the tests are paired. What is backed
is what it learnt to please, so the answer's own rightness, what is copied, the words that stand in the passages and how
often nothing is said stand beside it. Writes evidence/writer_dpo.json.
Run: python -m benchmarks.writer_dpo [--choose] [--try]
"""

import argparse
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

import numpy as np
import torch

from benchmarks.answer_tasks import TASKS, Task
from benchmarks.answer_tasks import Asked as Question
from benchmarks.corpus import build
from benchmarks.data import EVIDENCE
from benchmarks.publish import columns, publish
from benchmarks.writer import SOURCES, holds
from benchmarks.writer_dpo_tables import Both, tables
from benchmarks.writer_pairs import NOTHING, Asked, asked, drawn, judged, pairs_of
from openbook.align.dpo_recipe import Dpo, DpoRecipe, PairData
from openbook.align.pairs_run import run
from openbook.align.policy import Policy, opened
from openbook.align.preferences import Pair, write_pairs
from openbook.answer import ask
from openbook.answer.engine import Engine
from openbook.answer.engine import open_engine as open_answering
from openbook.answer.write import Drafting
from openbook.cli.drafting import drafting_with
from openbook.compress.decoder_folder import Added, Compression, compress_decoder
from openbook.encode import SentenceEncoder, open_encoder
from openbook.encode.support import SupportChecker, open_support
from openbook.heads.split import part_of
from openbook.report.record import Figure
from openbook.report.tables import Table
from openbook.train.base_folder import WRITER, base_folder
from openbook.train.finetune_merge import merge_folders
from openbook.train.finetune_recipe import Base
from openbook.train.lora_targets import LoraConfig
from openbook.train.recipe import Optimiser, Out, Schedule, Train
from openbook.train.watch import Watch
from openbook.values import Answer

PROMPTS, DRAWS, TEMPERATURE, MARGIN = 300, 4, 0.8, 2.0
ANSWERED = 120
"""Questions of each set that are answered and looked at."""

VALIDATED = 150
"""Prompts of the calibration part that a setting is chosen on."""

SEED, CHOOSING = 1, 2
TOKENS = 1024
"""In one pass, as in ``reward_human``."""


@dataclass(frozen=True, slots=True)
class Way:
    """How it learns. lora: an adapter's rank, 0 for all weights."""

    lora: int
    rate: float
    beta: float = 0.1
    steps: int = 24

    @property
    def name(self) -> str:
        what = f"LoRA of rank {self.lora}" if self.lora else "all weights"
        return f"{what}, rate {self.rate:g}, β {self.beta:g}, {self.steps} steps"


WAYS = (Way(0, 1e-5), Way(0, 5e-5), Way(8, 3e-4), Way(8, 1e-3))
CHOSEN = WAYS[0]


def preferences(support: SupportChecker, seed: int) -> tuple[list[Pair], str]:
    """What the shipped writer's own drafts give, and what that was."""
    prompts = asked("train", PROMPTS, seed)
    of = drawn(_policy(WRITER), prompts, DRAWS, TEMPERATURE, seed)
    drafts = [
        [judged(support, text, one.shown) for text in dict.fromkeys(texts)]
        for one, texts in zip(prompts, of, strict=True)
    ]
    found = pairs_of(prompts, drafts, MARGIN)
    silent = sum(NOTHING in pair.chosen for pair in found), sum(NOTHING in pair.rejected for pair in found)
    return found, (
        f"{len(prompts):,} prompts of the training part, {DRAWS} drafts each at temperature {TEMPERATURE}: "
        f"{len(found)} pairs at least {MARGIN:g} nats apart; in {silent[0]} saying nothing is preferred, in "
        f"{silent[1]} something else to it"
    )


def aligned(pairs: Sequence[Pair], way: Way, place: Path, seed: int) -> Path:
    """The checkpoint of the writer after ``align dpo``."""
    place.mkdir()
    write_pairs(place / "pairs.jsonl", pairs)
    recipe = DpoRecipe(
        base=Base(WRITER),
        data=PairData(str(place / "pairs.jsonl"), validation=0.0),
        dpo=Dpo(beta=way.beta, sampled=0, tokens=TOKENS),
        lora=LoraConfig(rank=way.lora, alpha=2.0 * way.lora) if way.lora else None,
        optimiser=Optimiser(rate=way.rate, weight_decay=0.0),
        schedule=Schedule(kind="cosine", warmup=5, floor=0.05),
        train=Train(steps=way.steps, batch=16, seed=seed, threads=1, device="cpu"),
        out=Out(str(place / "run"), evaluate_every=0, checkpoint_every=0),
    )

    def ignored(_: object) -> None: ...

    result = run(recipe, Watch(ignored, ignored, ignored), ignored)
    if result.weights is None:
        raise SystemExit("interrupted: nothing was measured")
    if not result.adapted:
        return result.weights
    merge_folders(base_folder(WRITER), result.weights, place / "merged")
    return place / "merged"


def _policy(base: str) -> Policy:
    return opened(Base(base), None, "<|endoftext|>", 0, torch.device("cpu"))


def choose(support: SupportChecker) -> Table:
    """What each way does to drafts on prompts of the calibration part, beside the shipped writer."""
    pairs, note = preferences(support, CHOOSING)
    prompts = asked("calibration", VALIDATED, CHOOSING)
    rows = [("shipped", *_on(_policy(WRITER), support, prompts))]
    for way in WAYS:
        with tempfile.TemporaryDirectory() as place:
            policy = _policy(str(aligned(pairs, way, Path(place) / "way", CHOOSING)))
        rows.append((way.name, *_on(policy, support, prompts)))
        print(*rows[-1], flush=True)
    heads = columns("", "backed", "right", "backed and right", "says nothing", "words")
    return Table("Ways to learn, on prompts of the calibration part", heads, tuple(rows), note)


def _on(policy: Policy, support: SupportChecker, prompts: Sequence[Asked]) -> tuple[str, ...]:
    texts = [text for (text,) in drawn(policy, prompts, 1, 0.0, 0)]
    silent = [NOTHING in text for text in texts]
    backed = [
        not nothing and judged(support, text, one.shown).score >= support.threshold
        for text, one, nothing in zip(texts, prompts, silent, strict=True)
    ]
    right = [holds(text, one.answers) for text, one in zip(texts, prompts, strict=True) if one.answers]
    both = [b and holds(t, one.answers) for b, t, one in zip(backed, texts, prompts, strict=True) if one.answers]
    shares = [f"{float(np.mean(each)):.3f}" for each in (backed, right, both, silent)]
    return (*shares, f"{float(np.mean([len(text.split()) for text in texts])):.1f}")


def answered(
    task: Task, source: str, encoder: SentenceEncoder, engine: Engine, ways: tuple[Drafting, Drafting]
) -> list[Both]:
    """The first ``ANSWERED`` questions that are answered, of the task's in a fixed random order."""
    rows = [row for row in task.rows if part_of(source, str(row["title"])) == "test"]
    found: list[Both] = []
    with tempfile.TemporaryDirectory() as folder:
        store = build(Path(folder) / "index.sqlite", rows, encoder).store

        def by(question: Question, drafting: Drafting | None) -> Answer:
            return ask(
                store,
                encoder,
                engine.reader,
                engine.calibration,
                question.text,
                scorer=engine.scorer,
                drafting=drafting,
            )

        for number in np.random.default_rng([5, 2]).permutation(len(task.asked)).tolist():
            question = task.asked[number]
            if by(question, None).abstained:
                continue
            before, after = (by(question, way) for way in ways)
            found.append(Both(question, before, after, tuple(passage.text for passage in before.passages)))
            if len(found) == ANSWERED:
                break
        store.close()
    return found


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--choose", action="store_true", help="print what each setting does, write no evidence")
    parser.add_argument("--try", dest="trying", action="store_true", help="print alone, write no evidence")
    given = parser.parse_args()
    torch.set_num_threads(1)
    if given.choose:
        publish("writer_dpo", [], {"ways": choose(open_support())}, data=[], code=[], folder=None)
        return
    encoder, before = open_encoder(), drafting_with(WRITER)
    pairs, note = preferences(open_support(), SEED)
    with tempfile.TemporaryDirectory() as place:
        learnt, int8 = aligned(pairs, CHOSEN, Path(place) / "run", SEED), Path(place) / "int8"
        compress_decoder(learnt, int8, Compression(), Added({"prompt": "grounded"}))
        after = drafting_with(f"onnx:{int8}")
        engine = open_answering(encoder)
        found = [
            both
            for name, task in TASKS.items()
            for both in answered(task("test"), SOURCES[name], encoder, engine, (before, after))
        ]
    figures: list[Figure] = [Figure("pairs", len(pairs))]
    shown = tables(found, f"{note}. {CHOSEN.name}", figures)
    publish(
        "writer_dpo",
        figures,
        shown,
        data=["qa/squad_train.jsonl.gz", "qa/nq_train.jsonl.gz", "retrieval/squad_corpus.jsonl.gz"],
        code=["src/openbook/weights", "benchmarks/writer_pairs.py"],
        seeds=[SEED],
        versions={"torch": metadata.version("torch")},
        folder=None if given.trying else EVIDENCE,
    )


if __name__ == "__main__":
    main()
