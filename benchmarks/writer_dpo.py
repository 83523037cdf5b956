"""Does the writer make up less when it learns from what the support model backs? DPO on drafts of its own.

Several drafts are drawn to each of some prompts, and the best backed is preferred to the worst (``writer_pairs``). From
these pairs ``align dpo`` goes on from the shipped writer, in a way that is chosen on another part. Then the whole of
``ask`` over pages of which nothing was learnt, with the writer before and after: the same questions and passages, so
that the tests are paired. What is backed is what it learnt to please, so the answer's own rightness, what is copied,
the words that stand in the passages and how often nothing is said stand beside it. Writes evidence/writer_dpo.json.
Run: python -m benchmarks.writer_dpo [--keep FOLDER] [--try]
"""

import argparse
import tempfile
from importlib import metadata
from pathlib import Path

import numpy as np
import torch

from benchmarks.answer_tasks import TASKS, Task
from benchmarks.corpus import build
from benchmarks.data import EVIDENCE
from benchmarks.publish import publish
from benchmarks.writer import SOURCES
from benchmarks.writer_dpo_tables import Both, tables
from benchmarks.writer_dpo_ways import SEED, chosen, preferences, told
from openbook.answer import ask
from openbook.answer.engine import Engine
from openbook.answer.engine import open_engine as open_answering
from openbook.answer.write import Drafting
from openbook.cli.drafting import drafting_with
from openbook.compress.decoder_folder import Added, Compression, compress_decoder
from openbook.encode import SentenceEncoder, open_encoder
from openbook.encode.support import open_support
from openbook.heads.split import part_of
from openbook.report.record import Figure
from openbook.train.base_folder import WRITER
from openbook.values import Answer

ANSWERED = 100
"""Questions of each set that are answered and looked at."""


def answered(
    task: Task, source: str, encoder: SentenceEncoder, engine: Engine, ways: tuple[Drafting, Drafting]
) -> list[Both]:
    """The first ``ANSWERED`` questions that are answered, of the task's in a fixed random order."""
    rows = [row for row in task.rows if part_of(source, str(row["title"])) == "test"]
    found: list[Both] = []
    with tempfile.TemporaryDirectory() as folder:
        store = build(Path(folder) / "index.sqlite", rows, encoder).store

        def by(asked: str, drafting: Drafting) -> Answer:
            return ask(
                store, encoder, engine.reader, engine.calibration, asked, scorer=engine.scorer, drafting=drafting
            )

        for number in np.random.default_rng([5, 2]).permutation(len(task.asked)).tolist():
            question = task.asked[number]
            before = by(question.text, ways[0])
            if before.abstained:
                continue
            passages = tuple(passage.text for passage in before.passages)
            found.append(Both(question, before, by(question.text, ways[1]), passages))
            if len(found) == ANSWERED:
                break
        store.close()
    return found


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--keep", type=Path, help="a folder where pairs and weights stay, and are found again")
    parser.add_argument("--try", dest="trying", action="store_true", help="print alone, write no evidence")
    given = parser.parse_args()
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as scratch:
        place = given.keep or Path(scratch)
        place.mkdir(parents=True, exist_ok=True)
        support, kept = open_support(), place / "pairs.jsonl"
        pairs = preferences(support, kept)
        way, learnt, ways = chosen(support, kept, place)
        int8 = Path(scratch) / "int8"
        compress_decoder(learnt, int8, Compression(), Added({"prompt": "grounded"}))
        encoder = open_encoder()
        engine, both = open_answering(encoder), (drafting_with(WRITER), drafting_with(f"onnx:{int8}"))
        found = [
            each
            for name, task in TASKS.items()
            for each in answered(task("test"), SOURCES[name], encoder, engine, both)
        ]
    figures: list[Figure] = [Figure("pairs", len(pairs))]
    shown = {"ways": ways, **tables(found, f"{told(pairs)}. {way.name}", figures)}
    publish(
        "writer_dpo",
        figures,
        shown,
        data=["qa/squad_train.jsonl.gz", "qa/nq_train.jsonl.gz", "retrieval/squad_corpus.jsonl.gz"],
        code=["src/openbook/weights"],
        seeds=[SEED],
        versions={"torch": metadata.version("torch")},
        folder=None if given.trying else EVIDENCE,
    )


if __name__ == "__main__":
    main()
