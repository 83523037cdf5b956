"""One sitting of ``openbook rate``: questions one after another, two answers to each, and a choice kept at once.

What is shown and asked goes to standard error, so that standard output holds the outcome alone.
"""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from zlib import crc32

import numpy as np

from openbook.align.rating import Choice, keep_choice, kept_choices
from openbook.cli.progress import errors, say, waiting
from openbook.cli.rating_questions import typed
from openbook.cli.rating_ways import Answering
from openbook.cli.screen import plural
from openbook.cli.show_rating import show_pair, text_of

LONGEST = 10_000
"""Characters of a line that is read."""


@dataclass(frozen=True, slots=True)
class Session:
    """ways: the names of both. save: the file of choices. roots: of the sources, to name places from."""

    ways: tuple[str, str]
    save: Path
    annotator: str
    seed: int
    roots: Sequence[Path]

    def choices(self) -> list[Choice]:
        """This annotator's between these ways, of this sitting and all before."""
        return [
            choice
            for choice in kept_choices(self.save)
            if sorted(choice.ways) == sorted(self.ways) and choice.annotator == self.annotator
        ]

    def first(self, question: str) -> int:
        """Which way's answer stands first: a question's own coin, so that a sitting goes on as it would have."""
        return int(np.random.default_rng([self.seed, crc32(question.encode())]).integers(2))


def rated(session: Session, questions: Sequence[str] | None, answering: Sequence[Answering]) -> dict[str, int]:
    """Ask until the questions, the lines or the person end; returns what was done, by name.

    questions: None where they are typed.
    """
    before = {choice.prompt for choice in session.choices()}
    counts: dict[str, int] = {"rated": 0, "rated_before": 0, "identical": 0, "skipped": 0}
    for place, question in enumerate(typed(_line, say) if questions is None else questions):
        if question in before:
            counts["rated_before"] += 1
            if questions is None:
                say("this question is rated")
            continue
        with waiting("answering", quiet=False):
            answers = [answer(question) for answer in answering]
        texts = text_of(answers[0]), text_of(answers[1])
        if texts[0] == texts[1]:
            counts["identical"] += 1
            say(f"both ways answer the same, so it is passed over: {question}")
            continue
        first = session.first(question)
        if questions is not None:
            say(f"\nquestion {place + 1:,} of {len(questions):,}")
        show_pair(errors, question, (answers[first], answers[1 - first]), session.roots)
        said = _choice()
        if said == "q":
            break
        if said == "s":
            counts["skipped"] += 1
            continue
        won = None if said == "t" else first if said == "1" else 1 - first
        keep_choice(session.save, Choice(question, session.ways, texts, won, first, session.annotator))
        before.add(question)
        counts["rated"] += 1
    if counts["rated_before"] and questions is not None:
        say(f"{plural(counts['rated_before'], 'question')} of {len(questions):,} had been rated before")
    return counts


def _choice() -> str:
    """One of 1, 2, t, s and q; the end of what is read is q."""
    while (said := _line("Which is better? 1, 2, t(ie), s(kip), q(uit): ")) is not None:
        short = {"tie": "t", "skip": "s", "quit": "q"}.get(said.strip().lower(), said.strip().lower())
        if short in ("1", "2", "t", "s", "q"):
            return short
        say("type 1, 2, t, s or q")
    return "q"


def _line(asked: str) -> str | None:
    """None at the end of what is read, and where nothing can be."""
    errors.print(asked, end="", markup=False, highlight=False)
    try:
        said = "" if sys.stdin is None else sys.stdin.readline(LONGEST)  # pyright: ignore[reportUnnecessaryComparison]  # closed, as by `<&-`
    except (OSError, UnicodeDecodeError):
        return None
    return said or None
