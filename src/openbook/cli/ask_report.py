"""All that ``openbook eval ask`` measures of a person's questions, gathered from what came back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from openbook.answer.calibrate import Asked, Question, suited
from openbook.cli.calibrating import OWN_FALSE
from openbook.errors import OpenbookError
from openbook.evaluate.answers import Measure, Questions, answered_at, handled, of_answers, of_retrieval, of_words
from openbook.evaluate.asked import Cited
from openbook.evaluate.citations import of_citations
from openbook.evaluate.cross_fit import CrossFitted, cross_fitted, halves
from openbook.evaluate.drafts import of_drafts
from openbook.evaluate.significance import paired_randomisation
from openbook.evaluate.stages import StageOff, stages_off
from openbook.evaluate.sureness import Sureness, sureness


@dataclass(frozen=True, slots=True)
class AtThreshold:
    """What is answered at a threshold; at two, where each half of the questions had that of the other."""

    name: str
    thresholds: tuple[float, ...]
    measures: list[Measure]


@dataclass(frozen=True, slots=True)
class OtherHalf:
    """A threshold for this folder, set on the other half of the questions. gain: in questions handled rightly, as a
    share, over the threshold that is in use; p_value: of no gain.
    """

    at: AtThreshold
    gain: float
    p_value: float


@dataclass(frozen=True, slots=True)
class Case:
    """A question that went wrong. wanted: an answer or a quote, or else source, the uri of a document; neither where
    there is no answer. found: what was cited first, if anything.
    """

    question: str
    confidence: float
    wanted: str
    source: str
    found: Cited | None


@dataclass(frozen=True, slots=True)
class Report:
    """questions: how many have an answer, and how many have none. groups: 0 where none are named. seen: questions that
    the folder's threshold was set on. scorer: see ``of_scorer``. other_half: None where the questions are too few to
    set a threshold on. wrong, silent: the surest wrong answers, and answerable questions that are not answered.
    seconds: median and 90 % quantile, by way. writer: the model that drafted, empty where none did; drafts: see
    ``of_drafts``.
    """

    writer: str
    questions: tuple[int, int]
    groups: int
    seen: int
    now: AtThreshold
    shipped: AtThreshold | None
    other_half: OtherHalf | None
    words: list[Measure]
    drafts: list[Measure]
    citations: list[Measure]
    scorer: list[Measure]
    retrieval: list[Measure]
    sureness: Sureness
    stages: list[StageOff]
    seconds: Mapping[str, tuple[float, float]]
    wrong: list[Case]
    silent: list[Case]


@dataclass(frozen=True, slots=True)
class Thresholds:
    """now: what answers; origin: where that is from. shipped: of all stages; seen: see ``Report``."""

    now: float
    origin: str
    shipped: float
    seen: int = 0


def report(
    found: Questions,
    at: Thresholds,
    off: Mapping[str, tuple[Questions, float]],
    scorer: list[Measure],
    *,
    writer: str,
    k: int,
    worst: int,
) -> Report:
    """off: see ``stages_off``. k: passages looked at, the last cutoff of recall. worst: cases of each kind to keep."""
    answered = answered_at(found, at.now)
    answerable = sum(one.answerable for one in found.wanted)
    return Report(
        writer,
        (answerable, len(found.wanted) - answerable),
        0 if found.groups is None else len(set(found.groups)),
        at.seen,
        AtThreshold(at.origin, (at.now,), of_answers(found, answered)),
        None
        if at.now == at.shipped
        else AtThreshold("as shipped", (at.shipped,), of_answers(found, answered_at(found, at.shipped))),
        _other_half(found, answered, at.shipped),
        of_words(found, answered),
        of_drafts(found, answered),
        of_citations(found, answered),
        scorer,
        of_retrieval(found, [cutoff for cutoff in (1, 3, k) if cutoff <= k]),
        sureness(found),
        stages_off(found, at.now, off),
        {name: _seconds(each) for name, each in {"all": found, **{n: q for n, (q, _) in off.items()}}.items()},
        [_case(found, n) for n in _by_confidence(found) if answered[n] and not found.right[n]][:worst],
        [_case(found, n) for n in _by_confidence(found) if found.wanted[n].answerable and not answered[n]][:worst],
    )


def _other_half(found: Questions, now: Sequence[bool], before: float) -> OtherHalf | None:
    """The threshold that ``calibrate`` would set, cross-fitted."""

    def choose(numbers: Sequence[int]) -> float | None:
        asked = [
            Asked(
                Question(one.question, "answerable" if one.answerable else "unanswerable", one.answers),
                found.responses[n].confidence,
                found.right[n],
            )
            for n in numbers
            for one in [found.wanted[n]]
        ]
        try:
            return suited(asked, OWN_FALSE, before).threshold
        except OpenbookError:  # too few of a kind
            return None

    second = halves([one.answerable for one in found.wanted], found.groups)
    crossed: CrossFitted | None = cross_fitted(choose, found.confidence, second)
    if crossed is None:
        return None
    compared = paired_randomisation(
        [float(each) for each in handled(found, crossed.answered)],
        [float(each) for each in handled(found, now)],
        groups=found.groups,
    )
    at = AtThreshold("other half", crossed.thresholds, of_answers(found, crossed.answered))
    return OtherHalf(at, compared.difference, compared.p_value)


def _seconds(found: Questions) -> tuple[float, float]:
    taken = [response.seconds for response in found.responses]
    return float(np.median(taken)), float(np.quantile(taken, 0.9))


def _by_confidence(found: Questions) -> list[int]:
    return sorted(range(len(found.wanted)), key=lambda n: -found.responses[n].confidence)


def _case(found: Questions, number: int) -> Case:
    one, response = found.wanted[number], found.responses[number]
    wanted, source = next(iter((*one.answers, *one.quotes)), ""), next(iter(one.sources), "")
    return Case(one.question, response.confidence, wanted, source, response.cited[0] if response.cited else None)
