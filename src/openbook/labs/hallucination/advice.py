"""What to do about made-up answers: sentences that follow from the figures, and from nothing else."""

import numpy as np

from openbook.labs.hallucination.ask import FALSE, STRANGER, TRUE
from openbook.labs.hallucination.cells import group_name, of_group
from openbook.labs.hallucination.measures import against_best, asked_about, separates
from openbook.labs.hallucination.outcome import Outcome
from openbook.labs.hallucination.world import APPEARANCES, MISTOLD

LEVEL = 0.05
"""The p value above which a signal is not shown worse than the best."""


def advice(outcome: Outcome) -> list[str]:
    """A sentence each on the cause, temperature, signals, what they miss, and grounding."""
    return [_cause(outcome), _temperature(outcome), _signals(outcome), _missed(outcome), *_grounding(outcome)]


def _cause(outcome: Outcome) -> str:
    made_up = {times: of_group(outcome, times, "wrong") for times in (0, 1, APPEARANCES[-1])}
    told = ", ".join(f"{found.value:.0%} at {group_name(times)}" for times, found in made_up.items() if found)
    return f"Made-up answers by how often the training text tells the fact: {told}."


def _temperature(outcome: Outcome) -> str:
    wrong = {name: _mean(outcome, f"T {name}", "wrong") for name in ("0", "1")}
    broken = {name: _mean(outcome, f"T {name}", "broken") for name in ("0", "1")}
    told = f"Made up at temperature 1: {wrong['1']:.0%}, at 0: {wrong['0']:.0%}. What temperature 0 does away with are"
    return f"{told} answers that are no sentence about the question: {broken['1']:.0%} and {broken['0']:.0%}."


def _signals(outcome: Outcome) -> str:
    values = {
        name: found.value
        for name in outcome.observed[0].confidence
        if (found := separates(outcome.observed, name, mistold=False)) is not None
    }
    if len(values) < 2:
        return "All answers are right or all are wrong, so that no signal can be judged."
    best = max(values, key=values.__getitem__)
    tested = against_best(outcome.observed, values, mistold=False)
    level = [f"{name} ({values[name]:.3f})" for name, (_, p) in tested.items() if p >= LEVEL]
    also = f"; not shown worse: {', '.join(level)}" if level else ", shown better than every other"
    return f"{best[0].upper()}{best[1:]} tells right from made-up answers best (AUROC {values[best]:.3f}){also}."


def _missed(outcome: Outcome) -> str:
    false = [one.as_sure(one.group == MISTOLD) for one in outcome.observed]
    other = [one.as_sure(asked_about(one, mistold=False)) for one in outcome.observed]
    shares = [f"{np.concatenate(flags).mean():.0%}" if sum(map(len, flags)) else "none" for flags in (false, other)]
    told = f"Of the wrong answers that the training text itself tells, samples agree on {shares[0]} as well as on the"
    return f"{told} median right one, against {shares[1]} of the others: agreement is no sign of truth."


def _grounding(outcome: Outcome) -> list[str]:
    def mean(kind: str, what: str) -> float:
        return float(np.mean(np.concatenate([getattr(one.grounded[kind].replies, what) for one in outcome.observed])))

    copied = {
        kind: np.mean(np.concatenate([one.grounded[kind].copied for one in outcome.observed]))
        for kind in (FALSE, STRANGER)
    }
    closed = float(np.mean(np.concatenate([one.greedy.right for one in outcome.observed])))
    misled = (
        f"A false sentence is repeated in {copied[FALSE]:.0%}, and one about someone else in {copied[STRANGER]:.0%}"
    )
    return [
        f"With the true sentence at hand {mean(TRUE, 'right'):.0%} are right, against {closed:.0%} from memory.",
        f"{misled}: grounding is as good as what is found, so check that a passage is true and about the question.",
    ]


def _mean(outcome: Outcome, name: str, what: str) -> float:
    columns = [getattr(one.sweep[name], what)[asked_about(one, mistold=False)] for one in outcome.observed]
    return float(np.mean(np.concatenate(columns)))
