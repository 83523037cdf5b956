"""A date that is held by its format is a day that there is."""

import calendar
import datetime
import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openbook import tokens
from openbook.generate.constrain import Grammar
from openbook.generate.real_dates import REAL_DATE, with_real_dates


@given(st.integers(0, 9999))
def test_the_pattern_knows_every_leap_year(year: int) -> None:
    leap = calendar.isleap(year)
    assert bool(re.match(REAL_DATE, f"{year:04}-02-29")) is leap
    assert re.match(REAL_DATE, f"{year:04}-02-28")


@given(st.dates())
def test_no_day_is_lost(day: datetime.date) -> None:
    assert re.match(REAL_DATE, day.isoformat())


@pytest.mark.parametrize("own", [{}, {"pattern": "^[12]"}])
@pytest.mark.parametrize(("kind", "time"), [("date", ""), ("date-time", "T00:00:00Z")])
def test_what_is_held_to_the_format_is_a_day(kind: str, time: str, own: dict[str, str]) -> None:
    tokenizer = tokens.train_bpe(['"0123456789-T:Z"'] * 5, 262)
    end = tokenizer.id_of("<|endoftext|>")
    grammar = Grammar(tokenizer, frozenset({end}))

    def held(text: str) -> bool:
        constraint = grammar.matching(json.dumps({"type": "string", "format": kind, **own}))
        for number in tokenizer.ids_batch([json.dumps(text)])[0]:
            if not constraint.allowed(tokenizer.size)[number]:
                return False
            constraint.take(number)
        return constraint.done or bool(constraint.allowed(tokenizer.size)[end])

    assert [held(f"{day}{time}") for day in ("2024-02-29", "2000-02-29", "2023-12-31")] == [True] * 3
    assert [held(f"{day}{time}") for day in ("2023-02-29", "1900-02-29", "2023-04-31")] == [False] * 3


def test_values_stay_as_they_are() -> None:
    schema = {"const": {"format": "date"}, "properties": {"format": {"format": "date"}}}
    found = {"const": {"format": "date"}, "properties": {"format": {"format": "date", "pattern": REAL_DATE}}}
    assert with_real_dates(schema) == found
