"""The texts that the writer learns from, made ready for its two recipes: its tokenizer, free text, and drafts.

Writes three files into a folder: tokenizer.json (byte-level BPE), free.jsonl (passages, and cloze drafts as text, for
recipes/writer-base.toml) and drafts.jsonl (people's questions, for recipes/writer.toml). Only the training part of
each set is read. Run: python -m openbook.heads.writer_data FOLDER
"""

import argparse
import json
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np

from openbook import tokens
from openbook.errors import OpenbookError
from openbook.heads.cloze_pairs import Text, cloze_examples
from openbook.heads.drafts import Draft, drafts_of
from openbook.heads.examples import Example
from openbook.heads.free_text import FREE, free_texts
from openbook.heads.sets import data_folder, read_set
from openbook.heads.split import only

PIECES = 8_192
PEOPLE = ("squad", "nq", "fairytale")
TEXTS = ("squad", "nq", "fairytale", "medquad", *FREE)
MOST_MEDICAL = 3_000
"""Passages of medquad, of 12,000: its answers are templates and repeat each other."""
CLOZE = 30_000
ROUNDS = 4
"""How often each of people's questions comes, among other sentences each time."""


def free(folder: Path, rng: np.random.Generator) -> list[Text]:
    texts: list[Text] = []
    for name in TEXTS:
        found = free_texts([name], folder, "train")
        if name == "medquad":
            order: list[int] = rng.permutation(len(found))[:MOST_MEDICAL].tolist()
            found = [found[n] for n in order]
        texts += found
    order = rng.permutation(len(texts)).tolist()
    return [texts[n] for n in order]


def asked(folder: Path, rng: np.random.Generator) -> Iterator[Draft]:
    """People's questions, in another order each round."""
    examples: list[Example] = [e for name in PEOPLE for e in only(read_set(name, folder), "train")]
    for _ in range(ROUNDS):
        order: list[int] = rng.permutation(len(examples)).tolist()
        yield from drafts_of([examples[n] for n in order], rng)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    target: Path = parser.parse_args().folder
    rng = np.random.default_rng(0)
    try:
        texts = free(data_folder(), rng)
        cloze = list(drafts_of(cloze_examples(texts, CLOZE, seed=0), rng))
        people = list(asked(data_folder(), rng))
    except OpenbookError as error:
        sys.exit(f"openbook: {error}")
    target.mkdir(parents=True, exist_ok=True)
    passages = [text.text for text in texts]
    tokens.train_bpe([*passages, *(draft.prompt for draft in people)], PIECES).save(target / "tokenizer.json")
    mixed = [*passages, *(draft.prompt + draft.answer for draft in cloze)]
    order: list[int] = rng.permutation(len(mixed)).tolist()
    _write(target / "free.jsonl", ({"text": mixed[n]} for n in order))
    _write(target / "drafts.jsonl", ({"prompt": d.prompt, "answer": d.answer} for d in people))
    counts = f"{len(passages):,} passages, {len(cloze):,} cloze drafts, {len(people):,} drafts of questions"
    sys.stdout.write(f"{target}: {counts}\n")


def _write(path: Path, rows: Iterable[object]) -> None:
    with path.open("w", encoding="utf-8") as file:
        file.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


if __name__ == "__main__":
    main()
