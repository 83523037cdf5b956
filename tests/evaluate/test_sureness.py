"""What a confidence is worth: the parts' own figures, with intervals; and how large an error chance alone makes."""

import numpy as np
import pytest

from openbook.evaluate.abstention import aurc
from openbook.evaluate.answers import questions
from openbook.evaluate.asked import Cited, Response, Wanted
from openbook.evaluate.calibration import auroc, calibration_error
from openbook.evaluate.intervals import bootstrap_mean
from openbook.evaluate.resampled import bootstrap
from openbook.evaluate.sureness import error_of_chance, most_bins, sureness


def made(n: int, seed: int = 0):
    rng = np.random.default_rng(seed)
    wanted, back = [], []
    for number in range(n):
        sure = float(rng.random())
        right = bool(rng.random() < sure)
        wanted.append(Wanted(f"q{number}", number % 3 > 0, ("yes",) if number % 3 else ()))
        back.append(Response(sure, (Cited("yes" if right else "no", "/a", "", ""),), 0.1))
    return questions(wanted, back)


def test_the_figures_are_their_rooms() -> None:
    found = made(90)
    sure, right = found.confidence, [float(each) for each in found.right]
    shown = sureness(found)
    known = {one.name: one for one in shown.measures}
    assert known["AUROC: right above wrong"].value == auroc(sure, right)
    assert known["AURC: risk, mean over coverage"].value == aurc(sure, right)
    assert shown.error == calibration_error(sure, right, bins=9)
    assert sum(each.n for each in shown.bins) == 90
    for one in shown.measures:
        assert one.interval is not None
        assert one.interval.low <= one.value <= one.interval.high


def test_all_right_has_no_order_to_measure() -> None:
    found = questions([Wanted("q", True, ("yes",))] * 3, [Response(0.5, (Cited("yes", "/a", "", ""),), 0.1)] * 3)
    assert [one.name for one in sureness(found).measures] == ["AURC: risk, mean over coverage"]


def test_few_questions_make_few_bins() -> None:
    assert [most_bins(n) for n in (1, 19, 20, 149, 150, 5_000)] == [1, 1, 2, 14, 15, 15]


def test_chance_alone_shows_less_error_the_more_questions_there_are() -> None:
    rng = np.random.default_rng(1)
    few, many = (error_of_chance(rng.random(n).tolist(), 5) for n in (50, 2_000))
    assert 0 < many[0] < few[0] < few[1]
    assert error_of_chance([1.0, 0.0, 1.0], 1) == (0.0, 0.0)


def test_nine_in_ten_confidences_that_mean_what_they_say_stay_below() -> None:
    rng = np.random.default_rng(2)
    below = 0
    for _ in range(40):
        sure = rng.random(60)
        right = (rng.random(60) < sure).astype(float)
        below += calibration_error(sure, right, bins=6) <= error_of_chance(sure.tolist(), 6)[1]
    assert below >= 34


def test_the_bootstrap_of_a_mean_is_the_means() -> None:
    scores = np.random.default_rng(3).random(40)
    ours = bootstrap(lambda of: float(scores[of].mean()), 40, resamples=4_000)
    theirs = bootstrap_mean(scores.tolist(), resamples=4_000)
    assert ours is not None
    assert theirs is not None
    assert (ours.value, ours.low, ours.high) == pytest.approx((theirs.value, theirs.low, theirs.high), abs=0.01)


def test_the_bootstrap_draws_whole_groups_and_needs_two() -> None:
    groups = ["a"] * 5 + ["b"] * 5
    sizes: set[int] = set()

    def spy(of) -> float:
        sizes.add(len(set(of.tolist()) & set(range(5))))
        return float(len(of))

    assert bootstrap(spy, 10, groups=groups, resamples=50) is not None
    assert sizes == {0, 5}
    assert bootstrap(spy, 10, groups=["a"] * 10) is None
    assert bootstrap(lambda of: None, 10) is None
    rare = bootstrap(lambda of: 1.0 if set(of.tolist()) >= set(range(9)) else None, 10, resamples=100)
    assert rare is None  # most draws leave it undefined
