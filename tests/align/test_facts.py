"""The graded world: what a reply is worth is what its rules say, whatever the order and the words."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openbook.align.task import Problem
from openbook.align.tasks import facts
from openbook.align.tasks.facts import ATTRIBUTES, GIVEN, LEAST, reward, statements

PROMPT = "kettle : price 30 , weight 1kg , colour red , power 2kW , age old ? weight price :"
ONE = Problem(PROMPT, "weight 1kg , price 30", "", 2)


@pytest.mark.parametrize(
    ("reply", "worth"),
    [
        ("weight 1kg , price 30", 2.0),
        ("price 30 , weight 1kg", 2.0),
        ("price 30,weight   1kg", 2.0),
        ("price 30", 1.0),
        ("", 0.0),
        ("  ", 0.0),
        ("price 40 , weight 1kg", 0.0),  # one right, one false
        ("price 30 , weight 1kg , colour red", 1.75),
        ("price 30 , weight 1kg , colour blue", 1.0),
        ("price 30 , weight 1kg , price 30", 1.75),
        ("price 30 , weight 1kg , colour red , colour red", 1.5),
        ("price 30 , weight 1kg ,", 1.0),  # what says nothing is not so
        ("price 30 , weight 1kg , width 20cm", 1.0),  # of which nothing is known
        ("price 30 weight 1kg", -1.0),  # one statement, and no such fact
        ("price , weight", -2.0),
        (" , ".join(["price 90"] * 30), LEAST),
    ],
)
def test_what_a_reply_is_worth(reply: str, worth: float) -> None:
    assert reward(ONE, reply) == worth


@given(st.integers(0, 2**32), st.integers(1, GIVEN), st.data())
@settings(deadline=None)
def test_the_best_reply_is_the_answer_and_none_is_worth_more(key: int, size: int, data: st.DataObject) -> None:
    one = facts.drawn(np.random.default_rng(key), size)
    assert reward(one, one.answer) == one.size == size
    names = st.sampled_from([*ATTRIBUTES, "thing"])
    values = st.sampled_from([value for values in ATTRIBUTES.values() for value in values])
    said = data.draw(st.lists(st.tuples(names, values), max_size=12))
    other = " , ".join(f"{name} {value}" for name, value in said)
    assert LEAST <= reward(one, other) <= size
    assert LEAST <= reward(one, one.solution) <= size
    assert reward(one, " , ".join(reversed(one.answer.split(" , ")))) == size


def test_demonstrations_leave_much_to_learn() -> None:
    problems = facts.TASK.problems(4000, [3])
    gap = np.mean([one.size - reward(one, one.solution) for one in problems])
    assert 1.0 < gap < 2.5
    counts = [statements(one, one.solution) for one in problems]
    for flaw in ("false", "extra", "repeats"):
        assert 0.05 < np.mean([getattr(count, flaw) > 0 for count in counts]) < 0.8
    assert all(one.solution for one in problems)
    assert max(len(one.solution.split()) for one in problems) <= 40
    assert 0.02 < np.mean([reward(one, one.solution) == one.size for one in problems]) < 0.4
