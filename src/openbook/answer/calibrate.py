"""When to answer from a folder: its questions asked, of itself or by a person, and the threshold that suits them.

Questions made here are clozes of the folder's own sentences. What it cannot answer are clozes asked while their
document is hidden, and clozes about names that stand nowhere in it.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import cycle
from typing import Literal

import numpy as np
from numpy.random import Generator

from openbook.answer.ask import AskSettings, ask
from openbook.answer.engine import Engine
from openbook.errors import OpenbookError
from openbook.evaluate.abstention import OperatingPoint, at_false_answers
from openbook.evaluate.cloze import cloze, swapped
from openbook.evaluate.reading import normalised
from openbook.index.location import below
from openbook.index.search import SearchSettings
from openbook.protocols import Embedder, Store

Kind = Literal["answerable", "absent", "swapped", "unanswerable"]

UNANSWERED: tuple[Kind, ...] = ("absent", "swapped")
"""The kinds of made questions that have no answer."""

FEWEST = 10
"""Questions of each kind without which no threshold is set, or of made ones none lower than the shipped."""

MOST_DOCUMENTS = 300
"""Documents that questions are made from: enough to draw from, and few enough to hide one among them."""

STRANGERS = (
    "Varnholt Zebrowski Quillard Ostrava Tamsin Kjeldsen Orlath Brackwell Nivenko Sulawan Pellgrave Idrissou Marchetti "
    "Yaroslava Fenwick Dunmore Castelar Holmqvist Abernethy Rasputnik"
).split()
"""Names to ask about that a folder is unlikely to hold; those that it does are left out."""


@dataclass(frozen=True, slots=True)
class Question:
    """answers: texts one of which the quoted sentence has to hold; empty where any answer counts as right.

    within: the documents that may be looked at; empty for all.
    """

    text: str
    kind: Kind
    answers: tuple[str, ...] = ()
    within: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Asked:
    """confidence: of the best candidate, answered or not; right: whether its sentence answers."""

    question: Question
    confidence: float
    right: bool


@dataclass(frozen=True, slots=True)
class Suited:
    """The threshold, what it gives, and what the calibration that is shipped would give.

    few: the made kinds without an answer of which too few were asked for a lower threshold, where one was found.
    """

    asked: Sequence[Asked]
    threshold: float
    before: float
    few: Sequence[Kind] = ()

    def share_answered(self, threshold: float, kinds: Sequence[Kind]) -> float | None:
        """Of the questions of these kinds; None where there are none."""
        of = [a.confidence >= threshold for a in self.asked if a.question.kind in kinds]
        return sum(of) / len(of) if of else None

    def share_right(self, threshold: float) -> float | None:
        """Of the answers given to answerable questions."""
        of = [a.right for a in self.asked if a.question.kind == "answerable" and a.confidence >= threshold]
        return sum(of) / len(of) if of else None

    def share_wrong(self, threshold: float) -> float:
        """Of all questions, those that are answered wrongly."""
        return sum(a.confidence >= threshold and not a.right for a in self.asked) / len(self.asked)


def make_questions(store: Store, sources: Sequence[str], count: int, seed: int = 0) -> list[Question]:
    """About ``count`` questions, half of them without an answer. Raises OpenbookError for too little text."""
    rng = np.random.default_rng(seed)
    chunks = _chunks(store, sources, rng)
    uris = tuple(dict.fromkeys(uri for uri, _ in chunks))
    whole = "\n".join(text for _, text in chunks)
    strangers = cycle([name for name in STRANGERS if name not in whole] or ["Xanthoquill"])
    found: list[Question] = []
    for turn in range(20 * count):
        if len(found) >= count or not chunks:
            break
        uri, text = chunks[int(rng.integers(len(chunks)))]
        made = cloze(text, rng)
        if made is None:
            continue
        kind: Kind = ("answerable", "absent", "answerable", "swapped")[turn % 4]
        question = _of_kind(kind, made.question, made.answer.of(text), uri, uris, strangers)
        if question is not None:
            found.append(question)
    for kinds in (("answerable",), UNANSWERED):
        n = sum(q.kind in kinds for q in found)
        if n < FEWEST:
            raise OpenbookError(
                f"only {n} {' or '.join(kinds)} questions could be made of these documents, {FEWEST} are needed: "
                "give questions of your own"
            )
    return found


def ask_all(
    store: Store,
    embedder: Embedder,
    engine: Engine,
    questions: Sequence[Question],
    on_progress: Callable[[int, int], object] | None = None,
) -> list[Asked]:
    """Every question, answered however low its confidence."""
    found: list[Asked] = []
    for done, question in enumerate(questions, start=1):
        settings = AskSettings(SearchSettings(within=question.within), threshold=0.0)
        answer = ask(store, embedder, engine.reader, engine.calibration, question.text, settings, engine.scorer)
        quoted = answer.sentences[0].text if answer.sentences else ""
        found.append(Asked(question, answer.confidence if answer.sentences else 0.0, _right(question, quoted)))
        if on_progress:
            on_progress(done, len(questions))
    return found


def once(asked: Sequence[Asked]) -> list[Asked]:
    """Each question by itself: one that was asked twice counts once."""
    return list({one.question: one for one in asked}.values())


def suited(asked: Sequence[Asked], most_false: float, before: float) -> Suited:
    """The threshold of the largest coverage at which at most ``most_false`` of the unanswerable are answered.

    It lies half-way between the least confident of the answerable that are answered and the next question below it, so
    that no question without an answer is let in for nothing. It is never above ``before`` where that keeps enough out
    already, and never below it where fewer than ``FEWEST`` of a made kind without an answer were asked: the other kind
    may be the easier. A question asked twice counts once.
    """
    asked = once(asked)
    others = np.array([a.confidence for a in asked if a.question.kind != "answerable"])
    if len(others) < FEWEST or len(asked) - len(others) < FEWEST:
        raise OpenbookError(
            f"{len(asked) - len(others)} answerable and {len(others)} unanswerable questions are too few: "
            f"give at least {FEWEST} of each"
        )
    point: OperatingPoint = at_false_answers(others, np.zeros(len(others)), most_false)
    kept_out = others[others < point.threshold]
    highest = float(kept_out.max()) if len(kept_out) else 0.0
    above = min(
        (a.confidence for a in asked if a.confidence > highest and a.question.kind == "answerable"), default=1.0
    )
    below = max((a.confidence for a in asked if a.confidence < above), default=0.0)
    threshold = (below + above) / 2
    threshold = round(min(threshold, before) if before > highest else threshold, 4)
    few = _too_few(asked) if threshold < before else ()
    return Suited(asked, before if few else threshold, before, few)


def _too_few(asked: Sequence[Asked]) -> tuple[Kind, ...]:
    """The kinds that are made without an answer of which there are not enough; none among a person's own questions."""
    if any(one.question.kind == "unanswerable" for one in asked):
        return ()
    return tuple(kind for kind in UNANSWERED if sum(one.question.kind == kind for one in asked) < FEWEST)


def _of_kind(
    kind: Kind, question: str, answer: str, uri: str, uris: tuple[str, ...], strangers: Iterator[str]
) -> Question | None:
    if kind == "absent":
        others = tuple(other for other in uris if other != uri)
        return Question(question, kind, within=others) if others else None
    if kind == "swapped":
        changed = swapped(question, strangers)
        return None if changed is None else Question(changed, kind)
    return Question(question, kind, (answer,))


def _chunks(store: Store, sources: Sequence[str], rng: Generator) -> list[tuple[str, str]]:
    """uri and text of each chunk of at most ``MOST_DOCUMENTS`` documents at or below the sources, drawn."""
    documents = [d for d in store.catalogue() if not sources or any(below(d.uri, source) for source in sources)]
    drawn: list[int] = rng.permutation(len(documents))[:MOST_DOCUMENTS].tolist()
    found: list[tuple[str, str]] = []
    for number in sorted(drawn):
        whole = store.document(documents[number].id)
        chunks, _ = store.contents(whole.id)
        found += [(whole.uri, c.span.of(whole.text)) for c in chunks]
    return found


def _right(question: Question, quoted: str) -> bool:
    if question.kind != "answerable" or not quoted:
        return False
    held = f" {normalised(quoted)} "
    return not question.answers or any(f" {normalised(answer)} " in held for answer in question.answers)
