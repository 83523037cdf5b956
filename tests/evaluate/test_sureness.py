"""What a confidence is worth: the parts' own figures, with intervals; and how large an error chance alone makes."""

from dataclasses import replace

import numpy as np
import pytest

from openbook.evaluate.abstention import aurc
from openbook.evaluate.answers import questions
from openbook.evaluate.asked import Cited, Response, Wanted
from openbook.evaluate.auroc_interval import newcombe
from openbook.evaluate.calibration import auroc, calibration_error
from openbook.evaluate.intervals import bootstrap_mean
from openbook.evaluate.resampled import bootstrap
from openbook.evaluate.sureness import TooFew, error_of_chance, most_bins, sureness

RIGHT, ANSWERABLE = "AUROC: right above wrong", "AUROC: answerable above the others"


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
    found = questions([Wanted("q", True, ("yes",))] * 20, [Response(0.5, (Cited("yes", "/a", "", ""),), 0.1)] * 20)
    shown = sureness(found)
    (area,) = shown.measures
    assert (area.name, area.value, area.interval) == ("AURC: risk, mean over coverage", 0.0, None)
    assert shown.too_few == [TooFew(RIGHT, (20, 0)), TooFew(ANSWERABLE, (20, 0))]


def known(right: int, wrong: int, absent: int = 0):
    """All that is right is surer than all that is not."""
    kinds = [True] * right + [False] * (wrong + absent)
    wanted = [Wanted(f"q{n}", n < right + wrong, ("yes",) if n < right + wrong else ()) for n in range(len(kinds))]
    back = [Response(0.9 if each else 0.1, (Cited("yes" if each else "no", "/a", "", ""),), 0.1) for each in kinds]
    return questions(wanted, back)


def test_few_questions_give_no_figure_but_say_how_few() -> None:
    shown = sureness(known(9, 10))
    assert (shown.measures, shown.error) == ([], None)
    assert shown.too_few == [
        TooFew(RIGHT, (9, 10)),
        TooFew(ANSWERABLE, (19, 0)),
        TooFew("AURC: risk, mean over coverage", (19,)),
        TooFew("calibration error", (19,)),
    ]
    enough = sureness(known(10, 0, 10))
    assert (enough.too_few, enough.error) == ([], pytest.approx(0.1))


def test_an_order_without_fault_is_no_certainty() -> None:
    area = sureness(known(10, 10)).measures[0]
    assert (area.name, area.value) == (RIGHT, 1.0)
    assert area.interval == newcombe(1.0, 10, 10)
    grouped = known(10, 10)
    grouped = replace(grouped, groups=[n // 2 for n in range(20)])
    assert sureness(grouped).measures[0].interval == newcombe(1.0, 5, 5)


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
