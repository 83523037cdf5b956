"""G-Eval (Liu et al. 2023): steps written by the judge, a form filled in, and the expectation of the score.

Where the engine gives log-probabilities, one reply says all; where it gives none, the mean of replies drawn at
temperature 1 stands for the expectation, as in the paper.
"""

from collections.abc import Sequence
from dataclasses import replace
from statistics import fmean, stdev

from openbook.errors import OpenbookError
from openbook.evaluate.judge.ask import Judge
from openbook.evaluate.judge.case import Case
from openbook.evaluate.judge.criterion import Criterion
from openbook.evaluate.judge.expectation import expected
from openbook.evaluate.judge.fill import Filled, filled
from openbook.evaluate.judge.form import place_of_score, score_form, steps_form
from openbook.evaluate.judge.judgement import Judgement
from openbook.evaluate.judge.prompts import canary, score_prompt, steps_prompt
from openbook.json_lines import shortened
from openbook.values import Decoding, Prompt

SAMPLES = 20
"""Replies drawn where there are no log-probabilities; the paper's number."""

ALTERNATIVES = 20
"""Tokens asked for at each place, which is the most that services give."""

STEPS_DECODING = Decoding(max_tokens=512, schema=steps_form().schema)


def with_steps(judge: Judge, criterion: Criterion) -> Criterion:
    """The criterion with its steps: those it has, or the judge's own. Raises OpenbookError where it writes none."""
    if criterion.steps:
        return criterion
    found = filled(judge, steps_prompt(criterion), STEPS_DECODING, steps_form())
    if found.error is not None:
        raise found.error
    if found.value is None:
        raise OpenbookError(
            f"{judge.name} wrote no steps for {criterion.name} that can be read ({shortened(found.instead)}): "
            "add --steps none, or give them in a criteria file"
        )
    return replace(criterion, steps=found.value)


def question(criterion: Criterion, case: Case) -> tuple[Prompt, Decoding]:
    """The one question that is always asked."""
    schema = score_form(criterion).schema
    return score_prompt(criterion, criterion.steps, case), Decoding(32, alternatives=ALTERNATIVES, schema=schema)


def judged(judge: Judge, criterion: Criterion, case: Case, samples: int = SAMPLES) -> tuple[Judgement, Filled[int]]:
    """The judgement, and the reply that it was read from."""
    prompt, decoding = question(criterion, case)
    form, secret = score_form(criterion), canary(case)
    reply = filled(judge, prompt, decoding, form, secret=secret)
    if reply.value is None:
        return _unread(case, criterion, reply), reply
    found = expected(reply.tokens, place_of_score(reply.text), criterion.low, criterion.high)
    if found is not None:
        return Judgement(case.id, criterion.name, found.score, mass=found.mass), reply
    drawn = [
        filled(
            judge,
            prompt,
            replace(decoding, temperature=1.0, seed=seed, alternatives=0),
            form,
            secret=secret,
            retry=False,
        )
        for seed in range(samples)
    ]
    failed = next((one for one in drawn if one.error is not None), None)
    if failed is not None:
        return _unread(case, criterion, failed), failed
    return _mean(case, criterion, drawn), reply


def _unread(case: Case, criterion: Criterion, reply: Filled[int]) -> Judgement:
    return Judgement(case.id, criterion.name, None, unread=reply.unread, instead=reply.instead)


def _mean(case: Case, criterion: Criterion, drawn: Sequence[Filled[int]]) -> Judgement:
    """Of the replies that could be read; unread where they are fewer than half."""
    scores = [one.value for one in drawn if one.value is not None]
    if 2 * len(scores) < len(drawn):
        first = next(one for one in drawn if one.value is None)
        return replace(_unread(case, criterion, first), samples=len(scores))
    spread = stdev(scores) if len(scores) > 1 else None
    return Judgement(case.id, criterion.name, fmean(scores), spread=spread, samples=len(scores))
