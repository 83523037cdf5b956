"""Risk, coverage and thresholds: equal to plain loops over every threshold, whatever the order and the ties."""

from math import inf

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from openbook.evaluate.abstention import (
    SILENT,
    OperatingPoint,
    at_best_utility,
    at_false_answers,
    at_risk,
    aurc,
    risk_coverage,
)
from openbook.evaluate.scores import BadScores

# Confidences on a coarse grid tie often.
examples = st.lists(st.tuples(st.integers(0, 8).map(lambda x: x / 8), st.booleans()), min_size=1, max_size=30)


def answered_at(threshold: float, drawn: list) -> OperatingPoint:
    answers = [right for confidence, right in drawn if confidence >= threshold]
    wrong = answers.count(False)
    return OperatingPoint(threshold, len(answers) / len(drawn), wrong / len(answers), wrong / len(drawn))


def split(drawn: list) -> tuple[list, list]:
    return [confidence for confidence, _ in drawn], [right for _, right in drawn]


@given(examples)
def test_the_curve_is_a_loop_over_thresholds(drawn: list) -> None:
    thresholds = sorted({confidence for confidence, _ in drawn}, reverse=True)
    assert risk_coverage(*split(drawn)) == tuple(answered_at(threshold, drawn) for threshold in thresholds)


@given(examples, st.randoms(use_true_random=False))
def test_the_order_of_the_examples_never_matters(drawn: list, random) -> None:
    shuffled = list(drawn)
    random.shuffle(shuffled)
    assert risk_coverage(*split(shuffled)) == risk_coverage(*split(drawn))
    assert aurc(*split(shuffled)) == pytest.approx(aurc(*split(drawn)), abs=1e-12)


def test_aurc_worked_by_hand() -> None:
    # Risks of the first 1, 2, 3, 4 answers: 0, 1/2, 1/3, 1/2.
    assert aurc([0.9, 0.8, 0.7, 0.6], [1, 0, 1, 0]) == pytest.approx((0 + 1 / 2 + 1 / 3 + 1 / 2) / 4)


@given(st.lists(st.booleans(), min_size=1, max_size=6))
def test_in_a_tie_aurc_is_the_mean_over_orders(correct: list) -> None:
    rng = np.random.default_rng(0)
    confidence = [0.5] * len(correct)
    orders = [rng.permutation(correct) for _ in range(300)]
    distinct = np.linspace(1, 0, len(correct))
    mean = np.mean([aurc(distinct, order) for order in orders])
    assert aurc(confidence, correct) == pytest.approx(mean, abs=0.1)
    assert aurc(confidence, correct) == pytest.approx(1 - np.mean(correct))


@given(examples, st.sampled_from([0, 0.1, 0.25, 0.5, 1]))
def test_a_bound_is_kept_with_the_largest_coverage(drawn: list, bound: float) -> None:
    confidence, correct = split(drawn)
    curve = [SILENT, *risk_coverage(confidence, correct)]
    chosen, chosen_false = at_risk(confidence, correct, bound), at_false_answers(confidence, correct, bound)
    assert chosen.risk <= bound
    assert chosen_false.false_answers <= bound
    assert chosen.coverage == max(point.coverage for point in curve if point.risk <= bound)
    assert chosen_false.coverage == max(point.coverage for point in curve if point.false_answers <= bound)


def test_a_bound_that_cannot_be_kept_means_silence() -> None:
    assert at_risk([0.9, 0.8], [0, 1], 0.1) == SILENT
    assert at_false_answers([0.9, 0.8], [0, 0], 0.0).threshold == inf
    # A risk that falls again further down is found: 0/1 would miss it.
    assert at_risk([0.9, 0.8, 0.7, 0.6], [0, 1, 1, 1], 0.25).coverage == 1


@given(examples, st.integers(-3, 0), st.integers(0, 2))
def test_the_best_utility_is_the_best_of_all_thresholds(drawn: list, wrong: int, silence: int) -> None:
    confidence, correct = split(drawn)

    def earned(threshold: float) -> int:
        return sum((1 if right else wrong) if score >= threshold else silence for score, right in drawn)

    chosen = at_best_utility(confidence, correct, wrong=wrong, silence=silence)
    best = max(map(earned, {inf, *confidence}))
    assert earned(chosen.threshold) == best
    assert chosen.threshold == max(level for level in {inf, *confidence} if earned(level) == best)


def test_the_threshold_of_squad_earns_for_silence_where_no_answer_exists() -> None:
    # Right answers on questions 1, 2 and 4; 3 and 5 are unanswerable. From .8 up two answers and two silences earn 4;
    # from .6 up three answers and one silence earn 4 as well: of equals, the more silent.
    correct, silence = [1, 1, 0, 1, 0], [0, 0, 1, 0, 1]
    point = at_best_utility([0.9, 0.8, 0.7, 0.6, 0.2], correct, wrong=0, silence=silence)
    assert point == OperatingPoint(0.8, 0.4, 0.0, 0.0)
    # With a second right answer at .6 the tie breaks towards answering.
    point = at_best_utility([0.9, 0.8, 0.7, 0.6, 0.6, 0.2], [1, 1, 0, 1, 1, 0], wrong=0, silence=[0, 0, 1, 0, 0, 1])
    assert point == OperatingPoint(0.6, 5 / 6, 1 / 5, 1 / 6)


def test_a_graded_score_is_its_own_share_of_right() -> None:
    (point,) = risk_coverage([0.5, 0.5], [0.25, 0.75])
    assert point == OperatingPoint(0.5, 1.0, 0.5, 0.5)


@pytest.mark.parametrize(
    ("confidence", "correct"),
    [([], []), ([0.5], [1, 0]), ([float("nan")], [1]), ([0.5], [2]), ([0.5], [-1]), ([0.5], [float("nan")])],
)
def test_bad_examples_are_refused(confidence: list, correct: list) -> None:
    for measure in (risk_coverage, aurc, at_best_utility):
        with pytest.raises(BadScores):
            measure(confidence, correct)


def test_bad_settings_are_refused() -> None:
    for choose in (at_risk, at_false_answers):
        for bound in (-0.1, 1.1, float("nan")):
            with pytest.raises(BadScores, match="between 0 and 1"):
                choose([0.5], [1], bound)
    with pytest.raises(BadScores, match="one an example"):
        at_best_utility([0.5, 0.6], [1, 0], silence=[0.0])
    for settings in ({"wrong": inf}, {"right": float("nan")}, {"silence": float("nan")}):
        with pytest.raises(BadScores):
            at_best_utility([0.5, 0.6], [1, 0], **settings)
