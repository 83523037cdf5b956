"""What ``openbook eval reasoning`` does: ask every question by every strategy, and measure what came back."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from openbook.cli.kept_reasoned import keep, kept_in, key_of
from openbook.errors import OpenbookError
from openbook.evaluate.reasoning import Difference, Given, Measured, differences, measured
from openbook.generate.reasoning import How
from openbook.generate.reasoning.by_name import Strategy, reasoned
from openbook.protocols import LanguageModel
from openbook.values import TRUSTED, Part

MOST_FAILURES = 5
"""Questions in a row. One too long for the model is that question's affair; so many are the model's."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One strategy, and how it is run. reading: by its name, for what is kept."""

    strategy: Strategy
    how: How
    reading: str


@dataclass(frozen=True, slots=True)
class Found:
    """failed: of questions, by strategy, that the model refused; each counts as not answered."""

    model: str
    questions: int
    measured: list[Measured]
    differences: list[Difference]
    failed: dict[str, int]
    taken: int


def measure(
    model: LanguageModel,
    questions: Sequence[str],
    wanted: Sequence[str],
    ways: Sequence[Asked],
    save: Path | None,
    on_question: Callable[[int, int], object],
) -> Found:
    """wanted: each question's answer as its reading spells it. taken: answers that ``save`` had."""
    known = {} if save is None else kept_in(save)
    given: dict[str, list[Given]] = {}
    failed: dict[str, int] = {}
    total, done, taken, in_a_row = len(questions) * len(ways), 0, 0, 0
    for way in ways:
        name = way.strategy.shown
        given[name], failed[name] = [], 0
        for question in questions:
            key = key_of(
                model.name,
                name,
                way.reading,
                question,
                asdict(way.how.decoding),
                asdict(way.how.wording),
                [asdict(example) for example in way.how.examples],
            )
            one = known.get(key)
            taken += one is not None
            if one is None:
                try:
                    one = _asked(model, question, way, key, save)
                    in_a_row = 0
                except OpenbookError:
                    in_a_row += 1
                    if in_a_row >= min(MOST_FAILURES, len(questions)):
                        raise
                    failed[name] += 1
                    one = Given(None, None, None, 1)
            given[name].append(one)
            done += 1
            on_question(done, total)
    found = measured(wanted, given)
    return Found(model.name, len(questions), found, differences(found), failed, taken)


def _asked(model: LanguageModel, question: str, way: Asked, key: str, save: Path | None) -> Given:
    """Asked now, and kept."""
    found = reasoned(model, (Part(question, TRUSTED, "user"),), way.strategy, way.how)
    spent = found.spent
    given = Given(found.answer, spent.prompt, spent.written, spent.calls, bool(found.tied))
    if save is not None:
        keep(save, key, question, way.strategy.shown, given, found.texts)
    return given
