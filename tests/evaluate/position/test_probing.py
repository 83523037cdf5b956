"""The probe itself, probed: a subject that loses the middle is found out, one that does not is not accused."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from subjects import Scripted, told_where

from openbook.evaluate.intervals import wilson
from openbook.evaluate.position.ask import asked, digest_of, of_model
from openbook.evaluate.position.compare import compared
from openbook.evaluate.position.curves import by_depth, by_length, by_range, grid, in_tenths
from openbook.evaluate.position.key_values import key_value_probes
from openbook.evaluate.position.probe import Probe, Row, depths
from openbook.evaluate.position.shape import shape
from openbook.evaluate.scores import BadScores
from openbook.generate.context_prompt import QUESTION_TWICE

PROBES = list(key_value_probes(40, [5, 20], depths(5)))


def rows(chance) -> list[Row]:
    return list(asked(PROBES, told_where(PROBES, chance)))


def test_a_subject_that_loses_the_middle_is_found_out() -> None:
    found = shape(rows(lambda depth: 0.95 if depth in (0, 1) else 0.45))
    assert found is not None
    assert found.verdict == "U"
    edges = found.contrasts[0]
    assert edges.difference == pytest.approx(0.5, abs=0.12)
    assert edges.interval.low <= edges.difference <= edges.interval.high
    assert edges.p < 0.01


def test_a_subject_that_reads_everywhere_alike_is_not_accused() -> None:
    assert shape(rows(lambda depth: 0.7)).verdict == "none shown"
    assert shape(rows(lambda depth: 1.0)).verdict == "none shown"


def test_a_subject_that_answers_nothing_is_wrong_everywhere_alike() -> None:
    found = list(asked(PROBES, lambda parts, question: ""))
    assert {row.right for row in found} == {0.0}
    assert shape(found).verdict == "none shown"
    assert by_depth(found)[0].right.high < 0.1


@pytest.mark.parametrize(
    ("chance", "verdict"),
    [
        (lambda depth: 0.9 if depth == 0 else 0.3, "beginning"),
        (lambda depth: 0.9 if depth == 1 else 0.3, "end"),
        (lambda depth: 0.3 if depth in (0, 1) else 0.9, "inverted U"),
        (lambda depth: 0.1 + 0.8 * depth, "rising"),
        (lambda depth: 0.9 - 0.8 * depth, "falling"),
    ],
)
def test_other_shapes_have_their_names(chance, verdict: str) -> None:
    assert shape(rows(chance)).verdict == verdict


def test_alike_positions_are_called_a_shape_about_as_often_as_the_level() -> None:
    rng = np.random.default_rng(5)
    called = 0
    for _ in range(150):
        made = [Row("kv", str(n), 5, d, float(rng.random() < 0.6)) for n in range(20) for d in depths(5)]
        called += shape(made, resamples=199).verdict != "none shown"
    assert called <= 15


def test_one_needle_is_tested_over_its_lengths() -> None:
    one = [Row("needle", "n", length, depth, float(depth in (0, 1))) for length in range(1, 13) for depth in depths(5)]
    found = shape(one)
    assert (found.contrasts[0].items, found.verdict) == (12, "U")


def test_without_a_middle_there_is_no_shape() -> None:
    assert shape([Row("kv", str(n), 5, depth, 1.0) for n in range(4) for depth in (0.0, 1.0)]) is None


@given(st.lists(st.tuples(st.integers(0, 5), st.sampled_from([0.0, 0.5, 1.0]), st.integers(1, 4), st.booleans()),
                min_size=1, max_size=60))  # fmt: skip
def test_curves_are_means_and_hold_them(drawn: list) -> None:
    made = [Row("kv", str(item), length, depth, float(right)) for item, depth, length, right in drawn]
    for points, of in ((by_depth(made), "depth"), (by_length(made), "length")):
        assert [point.at for point in points] == sorted({getattr(row, of) for row in made})
        for point in points:
            own = [row.right for row in made if getattr(row, of) == point.at]
            assert point.right.value == pytest.approx(np.mean(own))
            assert 0 <= point.right.low <= point.right.value <= point.right.high <= 1
    filled = [share for line in grid(made).shares for share in line if share is not None]
    assert len(filled) == len({(row.depth, row.length) for row in made})


def test_one_row_an_item_comes_near_wilsons_interval() -> None:
    made = [Row("kv", str(n), 5, 0.0, float(n < 70)) for n in range(100)]
    found, plain = by_depth(made)[0].right, wilson(70, 100)
    assert (found.value, found.low, found.high) == pytest.approx((0.7, plain.low, plain.high), abs=0.002)
    assert by_depth([Row("kv", "one", n, 0.0, float(n < 7)) for n in range(1, 11)])[0].right == wilson(6, 10)


def test_many_lengths_are_put_together_and_many_depths_rounded() -> None:
    made = [Row("needle", str(n), n, n / 40, float(n % 2)) for n in range(1, 41)]
    points = by_range(made, 12)
    assert [(point.at, point.to) for point in points] == [(n, n + 3) for n in range(1, 41, 4)]
    assert sum(point.right.n for point in points) == 40
    assert len({row.depth for row in in_tenths(made)}) == 11


def test_known_rows_are_not_asked_again() -> None:
    subject = told_where(PROBES, lambda depth: 0.5)
    whole = list(asked(PROBES, subject))
    new: list[Row] = []

    def only_later(parts, question) -> str:
        assert any(probe.parts == tuple(parts) for probe in PROBES[100:])
        return subject(parts, question)

    assert list(asked(PROBES, only_later, whole[:100], new.append)) == whole
    assert new == whole[100:]
    assert digest_of(PROBES, "a") != digest_of(PROBES, "b") != digest_of(PROBES[1:], "b")


def test_a_language_model_sees_labelled_parts_and_the_question_where_it_is_wanted() -> None:
    probe = next(p for p in PROBES if p.depth == 0.5)
    model = Scripted(lambda text: probe.references[0] if text.count(probe.question) == 2 else "nothing")
    plain = next(asked([probe], of_model(model)))
    twice = next(asked([probe], of_model(model, QUESTION_TWICE)))
    assert (plain.right, twice.right) == (0.0, 1.0)
    first, second = model.seen
    assert [part.role for part in first] == ["system", "document", "user"]
    assert [part.role for part in second] == ["system", "user", "document", "user"]
    assert [part.label.trusted for part in second] == [True, True, False, True]


def test_ways_are_compared_in_pairs_against_the_first() -> None:
    plain, same = rows(lambda d: 0.5), rows(lambda d: 0.5)
    better = rows(lambda d: 0.9)
    found = compared({"plain": plain, "same": same, "better": better})
    assert [one.name for one in found] == ["plain", "same", "better"]
    assert found[0].p is None
    assert (found[1].difference, found[1].p) == (0.0, 1.0)
    assert found[2].difference > 0.2
    assert found[2].p < 0.01
    with pytest.raises(BadScores, match="other probes"):
        compared({"plain": plain, "other": better[1:]})


def test_nothing_to_measure_is_refused() -> None:
    for of in (by_depth, by_length):
        with pytest.raises(BadScores, match="no row"):
            of([])
    with pytest.raises(BadScores):
        compared({})
    assert isinstance(PROBES[0], Probe)
