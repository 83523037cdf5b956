"""One sitting of ``openbook rate``: questions one after another, two answers to each, and a choice kept at once.

What is shown and asked goes to standard error, so that standard output holds the outcome alone.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from zlib import crc32

import numpy as np

from openbook.align.rating import Choice
from openbook.align.rating_file import keep_choice, kept_choices, take_back
from openbook.cli.progress import errors, say, waiting
from openbook.cli.rating_keys import read_choice, read_line
from openbook.cli.rating_questions import UNDO, typed
from openbook.cli.rating_sitting import Sitting
from openbook.cli.rating_ways import Answering
from openbook.cli.screen import one_line, plural
from openbook.cli.show_rating import show_pair, text_of
from openbook.values import Answer

_REMEMBERED = 64
"""Questions whose answers are at hand when a choice is taken back."""


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
        return [choice for choice in kept_choices(self.save) if self.holds(choice)]

    def holds(self, choice: Choice) -> bool:
        return sorted(choice.ways) == sorted(self.ways) and choice.annotator == self.annotator

    def first(self, question: str) -> int:
        """Which way's answer stands first: a question's own coin, so that a sitting goes on as it would have."""
        return int(np.random.default_rng([self.seed, crc32(question.encode())]).integers(2))


def rated(session: Session, questions: Sequence[str] | None, answering: Sequence[Answering]) -> Sitting:
    """Ask until the questions, the lines or the person end; what was chosen until then is kept.

    questions: None where they are typed.
    """
    done = Sitting()

    @lru_cache(_REMEMBERED)
    def answers(question: str) -> tuple[Answer, ...]:
        return tuple(answer(question) for answer in answering)

    course = _Course(session, done, {choice.prompt for choice in session.choices()}, answers)
    try:
        course.typed() if questions is None else course.through(questions)
    except KeyboardInterrupt:
        done.interrupted = True
        say("\nstopped: every choice is kept")
    if done.rated_before and questions is not None:
        say(f"{plural(done.rated_before, 'question')} of {len(questions):,} had been rated before")
    return done


@dataclass(frozen=True, slots=True)
class _Course:
    """before: questions that have a choice in the file, of whatever sitting."""

    session: Session
    done: Sitting
    before: set[str]
    answers: Callable[[str], tuple[Answer, ...]]

    def typed(self) -> None:
        for question in typed(read_line, say):
            if question == UNDO:
                on = self._asked(self._undone())
            elif question in self.before:
                self.done.rated_before += 1
                say("this question is rated: u takes the last choice back")
                continue
            else:
                on = self._asked([(question, "")])
            if not on:
                return

    def through(self, questions: Sequence[str]) -> None:
        for place, question in enumerate(questions, start=1):
            if question in self.before:
                self.done.rated_before += question not in self.done.rated
            elif not self._asked([(question, f"\nquestion {place:,} of {len(questions):,}")]):
                return
        asked = "No question is left. u(ndo) the last choice, or Enter to end: "
        while self.before and (read_line(asked) or "").strip().lower() == UNDO:
            if not self._asked(self._undone()):
                return

    def _asked(self, pending: list[tuple[str, str]]) -> bool:
        """Until none is left, each with a line to show above it; false where the person quits."""
        while pending:
            question, head = pending.pop()
            with waiting("answering", quiet=False):
                answers = self.answers(question)
            texts = text_of(answers[0]), text_of(answers[1])
            if texts[0] == texts[1]:
                self.done.identical[question] = None
                say(f"both ways answer the same, so it is passed over: {one_line(question)}")
                continue
            first = self.session.first(question)
            if head:
                say(head)
            show_pair(errors, question, (answers[first], answers[1 - first]), self.session.roots)
            said = read_choice()
            if said == "q":
                return False
            if said == UNDO:
                pending += [(question, head), *self._undone()]
            elif said == "s":
                self.done.skipped += 1
            else:
                won = None if said == "t" else first if said == "1" else 1 - first
                self._keep(Choice(question, self.session.ways, texts, won, first, self.session.annotator))
        return True

    def _keep(self, choice: Choice) -> None:
        keep_choice(self.session.save, choice)
        self.before.add(choice.prompt)
        self.done.rated.add(choice.prompt)

    def _undone(self) -> list[tuple[str, str]]:
        """The question of the last choice, which is taken back; none where there is no choice."""
        choice = take_back(self.session.save, self.session.holds)
        if choice is None:
            say("there is no choice to take back")
            return []
        self.before.discard(choice.prompt)
        self.done.rated.discard(choice.prompt)
        self.done.undone += 1
        return [(choice.prompt, "\nthe last choice is taken back: choose again, or s")]
