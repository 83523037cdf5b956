"""What ``openbook eval position`` asks: needles, pairs, or questions over documents, made from what a person named."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import numpy as np

from openbook.documents import Skipped, load, walk
from openbook.encode import open_encoder
from openbook.errors import OpenbookError
from openbook.evaluate.cloze import cloze
from openbook.evaluate.position.documents import MOST_DOCUMENTS, Asked, Mine, document_probes, from_other_pages
from openbook.evaluate.position.key_values import MOST_PAIRS, key_value_probes
from openbook.evaluate.position.needle import MOST_TOKENS, needle_probes, needles
from openbook.evaluate.position.probe import Probe, depths
from openbook.json_lines import BadData, rows_of

MOST_TEXTS = 20_000
MOST_PROBES = 100_000
LONGEST_PASSAGE, SHORTEST_PASSAGE = 1_200, 200
"""Characters of a paragraph that a question is made on."""

LENGTHS = {"needle": (500, 1000, 2000), "kv": (10, 40, 75), "qa": (5, 10, 20)}
MOST_LENGTH = {"needle": MOST_TOKENS, "kv": MOST_PAIRS, "qa": MOST_DOCUMENTS}


@dataclass(frozen=True, slots=True)
class Wanted:
    """documents: a folder, or a .jsonl file of question, context, answers. items: needles, sets of pairs, questions."""

    kind: str
    lengths: tuple[int, ...]
    depths: int
    items: int
    documents: Path | None
    seed: int

    @property
    def in_words(self) -> str:
        """What tells one run from another, for a person."""
        lengths = ", ".join(map(str, self.lengths))
        of = f", {self.documents}" if self.documents else ""
        return f"{self.kind} of {lengths}, {self.depths} depths, {self.items} items, seed {self.seed}{of}"


def parse_lengths(typed: str, kind: str) -> tuple[int, ...]:
    """``500,1000`` as numbers in order; the usual ones where nothing was typed. Raises OpenbookError."""
    words = [word.strip() for word in typed.split(",")] if typed else []
    if len(words) > 12 or not all(word.isascii() and word.isdecimal() and len(word) < 9 for word in words):
        raise OpenbookError(f"--lengths {typed[:40]!r} is no list of at most 12 whole numbers: write it as 500,1000")
    found = tuple(sorted({int(word) for word in words})) or LENGTHS[kind]
    if not 2 <= found[0] <= found[-1] <= MOST_LENGTH[kind]:
        raise OpenbookError(f"lengths of {kind} must lie between 2 and {MOST_LENGTH[kind]:,}: ask for others")
    return found


def probes(wanted: Wanted, count: Callable[[str], int]) -> list[Probe]:
    """All of them, made once. Raises OpenbookError where the documents do not suffice."""
    total = len(wanted.lengths) * wanted.depths * wanted.items
    if total > MOST_PROBES:
        raise OpenbookError(f"that makes {total:,} probes, and {MOST_PROBES:,} can be asked: take fewer --items")
    at = depths(wanted.depths)
    if wanted.kind == "kv":
        return list(key_value_probes(wanted.items, wanted.lengths, at, wanted.seed))
    if wanted.kind == "needle":
        filler = _texts(wanted.documents)
        return list(needle_probes(filler, needles(wanted.items, wanted.seed), wanted.lengths, at, count))
    asked, mine = _questions(wanted)
    found = list(document_probes(asked, wanted.lengths, at, mine))
    if not found:
        raise OpenbookError("there are too few documents for these lengths: name a larger folder, or shorter --lengths")
    return found


def _questions(wanted: Wanted) -> tuple[list[Asked], Mine]:
    """Those of a file, others' passages to mislead; or made on a folder's paragraphs, the nearest ones to mislead."""
    if wanted.documents is not None and wanted.documents.is_file():
        asked = _of_file(wanted.documents)
        return [asked[n] for n in _order(len(asked), wanted)], from_other_pages(asked, wanted.seed)
    paragraphs = [text for text in _paragraphs(_texts(wanted.documents)) if len(text) >= SHORTEST_PASSAGE]
    rng = np.random.default_rng(wanted.seed)
    asked: list[Asked] = []
    order: list[int] = rng.permutation(len(paragraphs)).tolist()
    for number in order:
        text = paragraphs[number]
        made = cloze(text, rng) if len(asked) < wanted.items else None
        if made is not None:
            asked.append(Asked(f"paragraph {number}", made.question, (made.answer.of(text),), text))
    if not asked:
        raise OpenbookError("nothing can be asked of these documents: name a folder with more text, or a .jsonl file")
    return asked, _nearest(paragraphs)


def _nearest(paragraphs: Sequence[str]) -> Mine:
    encoder = open_encoder()
    kept = list(dict.fromkeys(paragraphs))[:MOST_TEXTS]
    vectors = encoder(kept)

    def mine(question: str, k: int) -> list[str]:
        scores = vectors @ encoder([question])[0]
        return [kept[n] for n in np.argsort(-scores, kind="stable")[:k].tolist()]

    return mine


def _texts(source: Path | None) -> list[str]:
    """Those of a folder's documents, by default the handbook's."""
    folder = source or _handbook()
    if folder.is_file():
        return [load(folder).text]
    if not folder.is_dir():
        raise OpenbookError(f"there is no folder {folder}: name one with documents in it")
    texts = [load(path).text for path in walk(folder) if not isinstance(path, Skipped)]
    if not any(text.strip() for text in texts):
        raise OpenbookError(f"{folder} holds no text: name a folder with documents in it")
    return texts[:MOST_TEXTS]


def _handbook() -> Path:
    from openbook.labs.labelled import handbook

    try:
        return handbook()
    except BadData:
        raise OpenbookError("there is no handbook/ here: name a folder of your own, --documents DIR") from None


def _paragraphs(texts: Sequence[str]) -> list[str]:
    return [
        " ".join(piece.split())[:LONGEST_PASSAGE]
        for text in texts
        for piece in text.split("\n\n")
        if not piece.lstrip().startswith(("#", "|", "```"))
    ]


def _of_file(path: Path) -> list[Asked]:
    """Lines of question, context and answers (texts, or objects with a text), as SQuAD's rows are."""
    found: list[Asked] = []
    for number, row in rows_of(path, MOST_TEXTS):
        question, context = row.get("question"), row.get("context")
        references = tuple(_said(answer) for answer in row.get("answers") or ())
        if not isinstance(question, str) or not isinstance(context, str):
            raise OpenbookError(f"{path}:{number} needs question, context and answers: give every line all three")
        if any(references):
            found.append(Asked(f"line {number}", question, references, context, str(row.get("title", ""))))
    if not found:
        raise OpenbookError(f"{path} holds no question with an answer: give lines of question, context, answers")
    return found


def _said(answer: Any) -> str:
    text: object = cast("dict[str, Any]", answer).get("text") if isinstance(answer, dict) else answer
    return text if isinstance(text, str) else ""


def _order(count: int, wanted: Wanted) -> list[int]:
    return np.random.default_rng(wanted.seed).permutation(count)[: wanted.items].tolist()
