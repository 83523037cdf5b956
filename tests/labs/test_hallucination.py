"""The experiment from end to end on a world small enough for a test."""

import re
from dataclasses import replace

import numpy as np
import pytest

from openbook.labs.hallucination import report
from openbook.labs.hallucination.ask import STRANGER, TEXTS
from openbook.labs.hallucination.experiment import Plan, run
from openbook.labs.hallucination.outcome import Outcome
from openbook.labs.hallucination.plots import plots
from openbook.labs.hallucination.train import Training
from openbook.labs.hallucination.world import GROUPS, MISTOLD
from openbook.report.terminal import text

pytestmark = pytest.mark.slow

PLAN = Plan(
    seeds=1, people=32, teachers=12, samples=4, checked=6, training=Training(passes=5, memory=800, text=2000, rows=12)
)


@pytest.fixture(scope="module")
def outcome() -> Outcome:
    steps: list[float] = []
    found = run(PLAN, lambda share, what: steps.append(share))
    assert steps == sorted(steps)
    assert steps[-1] == 1
    return found


def test_what_is_told_often_is_known_and_what_is_never_told_is_made_up(outcome: Outcome) -> None:
    for one in outcome.observed:
        assert one.greedy.right[one.group == 32].mean() > 0.6
        assert one.greedy.right[one.group == 0].mean() < 0.3
        assert not one.greedy.right[one.group == MISTOLD].any()
        assert set(one.group.tolist()) == set(GROUPS)


def test_every_question_has_everything(outcome: Outcome) -> None:
    questions = PLAN.people * 5
    for one in outcome.observed:
        arrays = [one.voted, one.entropy, one.words, *one.confidence.values()]
        assert {len(array) for array in arrays} == {questions}
        assert all(np.isfinite(array).all() for array in one.confidence.values())
        assert set(one.grounded) == set(TEXTS)
        assert not one.support[STRANGER].true.any()
        for drawn in one.sweep.values():
            assert (drawn.right + drawn.wrong + drawn.broken <= 1 + 1e-9).all()
            assert (drawn.meanings >= 1).all()
        assert (one.sweep["T 0"].meanings == 1).all()
        np.testing.assert_array_equal(one.sweep["T 0"].right, one.greedy.right)


def test_what_is_shown_fits_and_agrees(outcome: Outcome) -> None:
    shown, said = report.outcome_parts(outcome)
    assert max(len(line) for table in shown.values() for line in text(table).splitlines()) <= 80
    right = np.concatenate([one.greedy.right[one.group == 32] for one in outcome.observed]).mean()
    assert f"{right:.2f} (" in shown["appearances"].rows[GROUPS.index(32)][1]
    told = report.as_json(outcome, shown, said)
    assert len(told["tables"]["signals"]["rows"]) == 8
    assert not re.search(r"\bnan\b|None", str(told))
    drawn = plots(outcome)
    assert all(plot.text.startswith("<svg") for plot in drawn.values())
    assert report.html(shown, drawn, said).count("<figure>") == 4


def test_the_same_plan_gives_the_same_outcome() -> None:
    training = Training(width=32, passes=2, memory=200, text=200, rows=6)
    plan = replace(PLAN, people=8, teachers=4, samples=2, checked=2, training=training)
    (first,), (again,) = (run(plan, lambda *_: None).observed for _ in range(2))
    np.testing.assert_array_equal(again.greedy.right, first.greedy.right)
    for name, values in again.confidence.items():
        np.testing.assert_allclose(values, first.confidence[name], atol=1e-4)
    assert any(len(np.unique(values)) > 5 for values in first.confidence.values())
