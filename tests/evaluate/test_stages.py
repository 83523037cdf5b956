"""A stage switched off: the change, in a paired test, by Holm for all that are looked at."""

import pytest

from openbook.evaluate.answers import questions
from openbook.evaluate.asked import Cited, Response, Wanted
from openbook.evaluate.significance import holm, paired_randomisation
from openbook.evaluate.stages import stages_off

WANTED = [Wanted(f"q{n}", n < 30, ("yes",) if n < 30 else (), ("/a",) if n < 30 else ()) for n in range(40)]


def back(right: int, rank: int):
    responses = [
        Response(0.9 if n < 30 else 0.1, (Cited("yes" if n < right else "no", "/a", "", ""),), 0.1, rank)
        for n in range(40)
    ]
    return questions(WANTED, responses)


def test_what_helps_shows_and_what_does_nothing_does_not() -> None:
    whole, worse, same = back(25, 1), back(5, 2), back(25, 1)
    rows = {(one.name, one.measure): one for one in stages_off(whole, 0.5, {"a": (worse, 0.5), "b": (same, 0.5)})}
    assert len(rows) == 6
    lost = rows["a", "first sentence right"]
    assert (lost.with_all, lost.without, lost.n) == (25 / 30, 5 / 30, 30)
    assert lost.p_value < 0.01
    assert rows["a", "handled rightly"].without == pytest.approx(15 / 40)
    assert rows["a", "document's reciprocal rank"].without == 0.5
    assert all(one.p_value == 1.0 for (name, _), one in rows.items() if name == "b")


def test_p_values_are_adjusted_for_all_of_them() -> None:
    whole, worse = back(25, 1), back(18, 1)
    rows = stages_off(whole, 0.5, {"a": (worse, 0.5), "b": (worse, 0.5)})
    raw = paired_randomisation([float(n < 25) for n in range(30)], [float(n < 18) for n in range(30)]).p_value
    dealt = paired_randomisation(
        [float(n < 25 or n >= 30) for n in range(40)], [float(n < 18 or n >= 30) for n in range(40)]
    ).p_value
    assert [one.p_value for one in rows] == pytest.approx(holm([raw, dealt, 1.0] * 2))


def test_each_way_has_the_threshold_that_belongs_to_it() -> None:
    whole = back(25, 1)
    (dealt,) = [one for one in stages_off(whole, 0.5, {"a": (whole, 0.95)}) if one.measure == "handled rightly"]
    assert (dealt.with_all, dealt.without) == (35 / 40, 10 / 40)


def test_nothing_off_is_nothing_to_test() -> None:
    assert stages_off(back(25, 1), 0.5, {}) == []
