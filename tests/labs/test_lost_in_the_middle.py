"""The lab of lost middles: rows say what is asked, a decoder learns a tiny task, and the outcome says what it shows."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from openbook.labs.lost_in_the_middle import report
from openbook.labs.lost_in_the_middle.advice import advice
from openbook.labs.lost_in_the_middle.experiment import Plan, run
from openbook.labs.lost_in_the_middle.fit import Fitting, Regime, fitted, right
from openbook.labs.lost_in_the_middle.outcome import Model, Outcome
from openbook.labs.lost_in_the_middle.tables import losing, tables
from openbook.labs.lost_in_the_middle.task import IGNORED, Task, drawn, moved, probes
from openbook.report.terminal import text

TASK = Task(keys=12, values=4, edge=1)


@given(st.integers(2, 12), st.integers(1, 4), st.sampled_from(["everywhere", "edges"]), st.integers(0, 5))
def test_each_question_repeats_a_key_and_wants_its_value(pairs: int, questions: int, asked, seed: int) -> None:
    rows = drawn(TASK, 7, pairs, questions, asked, np.random.default_rng(seed))
    for ids, targets, places in zip(rows.ids, rows.targets, rows.asked, strict=True):
        keys, values = ids[: 2 * pairs : 2], ids[1 : 2 * pairs : 2]
        assert len(set(keys.tolist())) == pairs
        assert keys.max() < TASK.keys <= values.min()
        assert len(set(places.tolist())) == len(places) == min(questions, 2 if asked == "edges" else pairs)
        assert (ids[2 * pairs :: 2] == keys[places]).all()
        assert (targets[targets != IGNORED] == values[places]).all()
        assert (ids[2 * pairs + 1 :: 2] == values[places]).all()
        assert asked == "everywhere" or set(places.tolist()) <= {0, pairs - 1}


def test_a_moved_pair_leaves_the_others_in_their_order() -> None:
    keys, values = probes(TASK, 3, 5, np.random.default_rng(0))
    for place in range(5):
        rows = moved(keys, values, place)
        shown = rows.ids[:, :10:2]
        assert (shown[:, place] == keys[:, 0]).all()
        assert (np.delete(shown, place, axis=1) == keys[:, 1:]).all()
        assert (rows.ids[:, -2] == keys[:, 0]).all()
        assert (rows.targets[:, -2] == values[:, 0]).all()


@pytest.mark.slow
def test_a_decoder_learns_to_look_up_what_it_is_asked() -> None:
    regime = Regime("r", "everywhere", varied=True, steps=400)
    task = Task(keys=16, values=6, edge=1)
    model = fitted(task, Fitting(pairs=6, longest=6), regime, "learned", 0, lambda share: None)
    keys, values = probes(task, 200, 6, np.random.default_rng(3))
    assert np.mean([right(model, moved(keys, values, place)).mean() for place in range(6)]) > 0.9


def made(at: dict[str, list[float]]) -> Outcome:
    """Models of known accuracy at five places, whatever the length."""
    rng = np.random.default_rng(1)
    found = {
        Model(name, "learned"): {n: rng.random((2, 120, n)) < np.resize(chances, n) for n in (5, 10)}
        for name, chances in at.items()
    }
    ways = {model: {"plain": rng.random((2, 120)) < 0.4, "better": rng.random((2, 120)) < 0.9} for model in found}
    return Outcome(5, 2, 120, found, ways)


OUTCOME = made({"flat": [0.97] * 5, "hollow": [1, 0.1, 0.05, 0.1, 1], "poor": [0.3] * 5})


def test_the_one_that_loses_its_middle_is_named_and_the_others_are_not() -> None:
    assert [model.regime for model in losing(OUTCOME)] == ["hollow"]
    flat, hollow, poor = (
        next(line for line in advice(OUTCOME) if line.startswith(name)) for name in ("Flat", "Hollow", "Poor")
    )
    assert "no dependence on the position is shown" in flat
    assert "lost in the middle" in hollow
    assert "not learnt" in poor
    assert any("orders that help: better" in line for line in advice(OUTCOME))


def test_tables_fit_and_the_report_is_whole(tmp_path: Path) -> None:
    for table in tables(OUTCOME).values():
        assert max(map(len, text(table).splitlines())) <= 80
    paths = report.write(tmp_path, OUTCOME, json.dumps(report.as_json(OUTCOME)))
    assert {path.name for path in paths} == {"report.html", "tables.md", "result.json", "pairs-5.svg", "pairs-10.svg"}
    saved = json.loads((tmp_path / "result.json").read_text(encoding="utf-8"))
    assert saved["models"][1]["shape"]["verdict"] == "U"
    assert (tmp_path / "report.html").read_text(encoding="utf-8").count("<svg") == 2


def test_the_whole_experiment_small() -> None:
    fitting = Fitting(width=16, layers=1, heads=1, pairs=4, longest=8, batch=4)
    outcome = run(Plan(1, 6, 3, ("rotary",)), on_step=lambda share, what: None, task=TASK, fitting=fitting)
    assert outcome.lengths == [2, 4, 8]
    assert all(own[8].shape == (1, 6, 8) for own in outcome.right.values())
    again = run(Plan(1, 6, 3, ("rotary",)), on_step=lambda share, what: None, task=TASK, fitting=fitting)
    assert all((own[8] == again.right[model][8]).all() for model, own in outcome.right.items())
    assert advice(outcome)
