"""How good answers to a person's questions are at a threshold: what is answered, what is right, what is found."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

from openbook.evaluate.asked import Response, Wanted, exact_and_f1, groups_of, is_right
from openbook.evaluate.intervals import Interval, bootstrap_mean, wilson, wilson_in_groups


@dataclass(frozen=True, slots=True)
class Measure:
    """A mean over n questions or sentences, in [0, 1]. interval: 95 %; None for one alone, which shows no spread."""

    name: str
    value: float
    n: int
    interval: Interval | None


@dataclass(frozen=True, slots=True)
class Questions:
    """Questions with what came back, in one order. groups: see ``groups_of``."""

    wanted: Sequence[Wanted]
    responses: Sequence[Response]
    right: Sequence[bool]
    groups: Sequence[Hashable] | None

    @property
    def confidence(self) -> list[float]:
        return [response.confidence for response in self.responses]

    def group(self, numbers: Sequence[int]) -> list[Hashable] | None:
        return None if self.groups is None else [self.groups[n] for n in numbers]


def questions(wanted: Sequence[Wanted], responses: Sequence[Response]) -> Questions:
    """Each judged once."""
    right = [is_right(one, response) for one, response in zip(wanted, responses, strict=True)]
    return Questions(wanted, responses, right, groups_of(wanted))


def answered_at(found: Questions, threshold: float) -> list[bool]:
    """Which questions an answer is shown to."""
    return [bool(r.cited) and r.confidence >= threshold for r in found.responses]


def handled(found: Questions, answered: Sequence[bool]) -> list[bool]:
    """Rightly dealt with: answered rightly, or, where there is no answer, not answered."""
    return [
        right if shown else not one.answerable
        for one, right, shown in zip(found.wanted, found.right, answered, strict=True)
    ]


def of_answers(found: Questions, answered: Sequence[bool]) -> list[Measure]:
    """What is answered and what of it is right; a measure that no question bears on is left out."""
    everything = range(len(found.wanted))
    answerable = [n for n in everything if found.wanted[n].answerable]
    absent = [n for n in everything if not found.wanted[n].answerable]
    right = handled(found, answered)
    shown = [n for n in answerable if answered[n]]
    measures = (
        share(found, "answerable: answered", answerable, [answered[n] for n in answerable]),
        share(found, "of those answered, right", shown, [found.right[n] for n in shown]),
        share(found, "without an answer: answered", absent, [answered[n] for n in absent]),
        share(found, "of all: answered wrongly", everything, [answered[n] and not found.right[n] for n in everything]),
        share(found, "of all: handled rightly", everything, [right[n] for n in everything]),
    )
    return [measure for measure in measures if measure is not None]


def of_words(found: Questions, answered: Sequence[bool]) -> list[Measure]:
    """Exact match and token F1 of the cited words, over answered questions whose answer is known in words.

    Nothing where a model drafted: it writes sentences, which are no answer's words.
    """
    if any(response.drafted for response in found.responses):
        return []
    shown = [n for n, one in enumerate(found.wanted) if one.answers and answered[n]]
    scores = [exact_and_f1(found.wanted[n], found.responses[n]) for n in shown]
    measures = (
        mean(found, "the words are the answer's (exact match)", shown, [exact for exact, _ in scores]),
        mean(found, "words shared with the answer's (token F1)", shown, [f1 for _, f1 in scores]),
    )
    return [measure for measure in measures if measure is not None]


def of_retrieval(found: Questions, cutoffs: Sequence[int]) -> list[Measure]:
    """Recall at each cutoff and mean reciprocal rank of the named document, and of the passage with the named quote.

    Any of several that are named is enough, so recall is that of one relevant document.
    """
    measures: list[Measure | None] = []
    by_file = [n for n, one in enumerate(found.wanted) if one.sources]
    by_quote = [n for n, one in enumerate(found.wanted) if one.quotes]
    for what, numbers, ranks in (
        ("document", by_file, [found.responses[n].file_rank for n in by_file]),
        ("passage", by_quote, [found.responses[n].quote_rank for n in by_quote]),
    ):
        for k in cutoffs:
            within = [rank is not None and rank <= k for rank in ranks]
            measures.append(share(found, f"{what}: recall@{k}", numbers, within))
        measures.append(mean(found, f"{what}: MRR", numbers, [1 / rank if rank else 0.0 for rank in ranks]))
    return [measure for measure in measures if measure is not None]


def share(found: Questions, name: str, numbers: Sequence[int], outcomes: Sequence[bool]) -> Measure | None:
    """Wilson's interval, for whole groups where there are any. numbers: the question of each outcome; the outcomes of
    one question, as its sentences, are a group too.
    """
    if not outcomes:
        return None
    groups = found.group(numbers)
    if groups is None and len(set(numbers)) < len(numbers):
        groups = list(numbers)
    value = sum(outcomes) / len(outcomes)
    if len(outcomes) == 1:
        return Measure(name, value, 1, None)
    interval = wilson(sum(outcomes), len(outcomes)) if groups is None else wilson_in_groups(outcomes, groups)
    return Measure(name, value, len(outcomes), interval)


def mean(found: Questions, name: str, numbers: Sequence[int], scores: Sequence[float]) -> Measure | None:
    """The bootstrap's interval, for whole groups where there are any; of zeros and ones alone that of a share, since it
    has a width where all are alike too.
    """
    if not scores:
        return None
    if set(scores) <= {0.0, 1.0}:
        return share(found, name, numbers, [score == 1.0 for score in scores])
    interval = bootstrap_mean(scores, groups=found.group(numbers), resamples=2_000)
    return Measure(name, sum(scores) / len(scores), len(scores), interval)
