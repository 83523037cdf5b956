"""What judging a file would take, told before it is begun."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from openbook.cli.judge_input import Method, criteria_for, method_for, read_cases
from openbook.cli.judge_wanted import Wanted, place_of
from openbook.evaluate.judge import geval, pairwise
from openbook.evaluate.judge.ask import Judge, NotRecorded, Tally
from openbook.evaluate.judge.cache import open_replies
from openbook.evaluate.judge.case import Case
from openbook.evaluate.judge.criterion import Criterion
from openbook.evaluate.judge.estimate import FREE, Estimate, Plan, Prices, estimated, money
from openbook.evaluate.judge.prompts import steps_prompt
from openbook.values import Decoding, Prompt

_ASSUMED_STEPS = ("x" * 150,) * 4
"""For an estimate, what a judge's own steps come to."""


def only_planned(path: Path, wanted: Wanted) -> Plan:
    """What it would take. Opens no model: what is recorded is known where the model was opened before."""
    cases = read_cases(path)
    method = method_for(cases, wanted.method)
    criteria = criteria_for(cases, wanted.criteria, method)
    place = place_of(wanted)
    replies = open_replies(place) if place.is_file() else None
    try:
        name = (replies.named(wanted.model) if replies else None) or wanted.model
        return planned(Judge(name, None, replies), cases, criteria, method, wanted)
    finally:
        if replies:
            replies.close()


def planned(judge: Judge, cases: Sequence[Case], criteria: Sequence[Criterion], method: Method, wanted: Wanted) -> Plan:
    looking = replace(judge, model=None, tally=Tally())  # what is looked up here is no part of the judging
    unwritten = [c for c in criteria if wanted.own_steps and not c.steps]
    steps = estimated(looking, [(steps_prompt(criterion), geval.STEPS_DECODING) for criterion in unwritten])
    known = [_with_steps(looking, c) if c in unwritten else c for c in criteria]
    judgements = estimated(looking, _questions(cases, known, method))
    return Plan(steps, judgements, 0 if method == "pairwise" else wanted.samples)


def in_words(plan: Plan, prices: Prices) -> str:
    """One line: calls, tokens, and money where prices are known; with samples too, where those may be drawn."""
    line = f"{plan.once.calls:,} calls ({plan.once.recorded:,} more are recorded), {_cost(plan.once, prices)}"
    if plan.samples and plan.judgements.calls:
        line += f"; {plan.drawn.calls:,} calls, {_cost(plan.drawn, prices)} where the model gives no log-probabilities"
    return line


def plan_data(plan: Plan, prices: Prices) -> dict[str, Any]:
    """The same for machines."""
    drawn = _data(plan.drawn, prices) if plan.samples else None
    return {**_data(plan.once, prices), "steps": asdict(plan.steps), "without_logprobs": drawn}


def _cost(found: Estimate, prices: Prices) -> str:
    tokens = f"about {found.tokens_in:,} tokens in and {found.tokens_out:,} out"
    if prices == FREE:
        return tokens
    return f"{tokens}, {money(prices.of(found.tokens_in, found.tokens_out))} at these prices"


def _data(found: Estimate, prices: Prices) -> dict[str, Any]:
    return {**asdict(found), "money": prices.of(found.tokens_in, found.tokens_out)}


def _questions(
    cases: Sequence[Case], criteria: Sequence[Criterion], method: Method
) -> Iterator[tuple[Prompt, Decoding]]:
    """All that will be asked of the cases, as far as it is known."""
    for criterion in criteria:
        for case in cases:
            if method == "pairwise":
                yield from pairwise.questions(criterion, case)
            else:
                yield geval.question(criterion, case)


def _with_steps(judge: Judge, criterion: Criterion) -> Criterion:
    """With the steps that the judge wrote before, else with some of the usual length."""
    try:
        return geval.with_steps(judge, criterion)
    except NotRecorded:
        return replace(criterion, steps=_ASSUMED_STEPS)
