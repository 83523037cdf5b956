"""What judging a file would take, told before it is begun."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from openbook.cli.judge_input import Method, criteria_for, method_for, read_cases
from openbook.cli.judge_wanted import Wanted, place_of
from openbook.evaluate.judge import geval, pairwise
from openbook.evaluate.judge.ask import Judge, NotRecorded, Tally
from openbook.evaluate.judge.cache import open_replies
from openbook.evaluate.judge.case import Case
from openbook.evaluate.judge.criterion import Criterion
from openbook.evaluate.judge.estimate import FREE, Estimate, estimated
from openbook.evaluate.judge.prompts import steps_prompt
from openbook.values import Decoding, Prompt

_ASSUMED_STEPS = ("x" * 150,) * 4
"""For an estimate, what a judge's own steps come to."""


def only_estimated(path: Path, wanted: Wanted) -> Estimate:
    """What it would take. Opens no model: what is recorded is known where the model was opened before."""
    cases = read_cases(path)
    method = method_for(cases, wanted.method)
    criteria = criteria_for(cases, wanted.criteria, method)
    place = place_of(wanted)
    replies = open_replies(place) if place.is_file() else None
    try:
        name = (replies.named(wanted.model) if replies else None) or wanted.model
        return estimate(Judge(name, None, replies), cases, criteria, method, wanted)
    finally:
        if replies:
            replies.close()


def estimate(
    judge: Judge, cases: Sequence[Case], criteria: Sequence[Criterion], method: Method, wanted: Wanted
) -> Estimate:
    looking = replace(judge, model=None, tally=Tally())  # what is looked up here is no part of the judging
    return estimated(looking, _questions(looking, cases, criteria, method, wanted))


def in_words(found: Estimate, wanted: Wanted, *, scored: bool) -> str:
    """One line: calls, tokens, and money where prices are known."""
    line = f"{found.calls:,} calls ({found.recorded:,} more are recorded)"
    line += f", about {found.tokens_in:,} tokens in and {found.tokens_out:,} out"
    if wanted.prices != FREE:
        line += f", {wanted.prices.of(found.tokens_in, found.tokens_out):,.2f} at these prices"
    if scored and found.calls:
        line += f"; {1 + wanted.samples} times as many where the model gives no log-probabilities"
    return line


def _questions(
    judge: Judge, cases: Sequence[Case], criteria: Sequence[Criterion], method: Method, wanted: Wanted
) -> Iterator[tuple[Prompt, Decoding]]:
    """All that will be asked as far as it is known; with steps assumed where they are not written yet."""
    for criterion in criteria:
        known = criterion
        if wanted.own_steps and not criterion.steps:
            yield steps_prompt(criterion), geval.STEPS_DECODING
            known = _as_recorded(judge, criterion)
        for case in cases:
            if method == "pairwise":
                yield from pairwise.questions(known, case)
            else:
                yield geval.question(known, case)


def _as_recorded(judge: Judge, criterion: Criterion) -> Criterion:
    """With the steps that the judge wrote before, else with some of the usual length."""
    try:
        return geval.with_steps(judge, criterion)
    except NotRecorded:
        return replace(criterion, steps=_ASSUMED_STEPS)
