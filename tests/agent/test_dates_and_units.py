"""Dates against the calendar's own arithmetic, units against the defining factors; what is no date or unit is said."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openbook.agent.tool import BadArguments
from openbook.agent.tools.dates import add_to_date, date_difference, date_tools, weekday_of
from openbook.agent.tools.days import between, later, read_day, read_stretch
from openbook.agent.tools.unit_table import SCALES
from openbook.agent.tools.units import convert_units, unit_converter

DAYS = st.dates(date(1600, 1, 1), date(2400, 12, 31))


@pytest.mark.parametrize(
    "said", ["2025-06-19", "19 June 2025", "19th of June 2025", "June 19, 2025", "jun 19th 2025", "19 Jun. 2025"]
)
def test_the_forms_of_a_date(said: str) -> None:
    assert read_day(said) == date(2025, 6, 19)


@pytest.mark.parametrize("said", ["3/4/2025", "30 February 2025", "2025-13-01", "June 2025", "", "2025-06-19 or so"])
def test_what_is_no_date_or_may_be_two_is_said(said: str) -> None:
    with pytest.raises(BadArguments):
        read_day(said)


def test_near_days_are_the_clocks() -> None:
    assert read_day("tomorrow", date(2024, 2, 28)) == date(2024, 2, 29)


@given(DAYS, DAYS)
def test_a_difference_is_in_days_and_adding_it_leads_back(one: date, other: date) -> None:
    days = (other - one).days
    assert between(one, other).startswith(f"{days} day")
    assert later(one, read_stretch(f"{days} days")) == other


@given(DAYS, st.integers(0, 400))
def test_months_end_where_the_month_does(day: date, months: int) -> None:
    found = later(day, read_stretch(f"{months} months"))
    assert (found.year - day.year) * 12 + found.month - day.month == months
    assert found.day == day.day or (found + timedelta(1)).day == 1


def test_the_tools_say_days_weekdays_and_dates() -> None:
    assert date_difference("3 March 2025", "June 19, 2025") == "108 days (3 months and 16 days)"
    assert date_difference("2025-01-02", "2025-01-01") == "-1 day"
    assert add_to_date("31 January 2024", "1 month") == "2024-02-29"
    assert add_to_date("2024-01-31", "-2 weeks and 3 days") == "2024-01-14"
    assert weekday_of("20 July 1969") == "Sunday"
    with pytest.raises(BadArguments, match="9999"):
        add_to_date("9999-12-31", "1 day")


@pytest.mark.parametrize(
    ("quantity", "unit", "result"),
    [
        ("72 miles", "kilometres", "115.872768 km"),
        ("5,000 MB", "GiB", "4.65661287307739 GiB"),
        ("1 KiB", "bytes", "1024 B"),
        ("1 KB", "B", "1000 B"),
        ("5 Mb", "MB", "0.625 MB"),
        ("-40 °C", "fahrenheit", "-40 °F"),
        ("0 K", "°C", "-273.15 °C"),
        ("5 feet", "in", "60 in"),
        ("1 lb", "kg", "0.45359237 kg"),
        ("60 mph", "km/h", "96.56064 km/h"),
        ("36 km/h", "m/s", "10 m/s"),
        ("1.5 hours", "Minutes", "90 min"),
        ("1 nautical mile", "m", "1852 m"),
    ],
)
def test_units_by_their_definitions(quantity: str, unit: str, result: str) -> None:
    assert convert_units(quantity, unit) == result


@pytest.mark.parametrize(
    ("quantity", "unit"), [("5 km", "kg"), ("-300 °C", "K"), ("12", "m"), ("3 blah", "m"), ("3 m", "blah"), ("", "")]
)
def test_what_cannot_be_converted_is_said(quantity: str, unit: str) -> None:
    with pytest.raises(BadArguments):
        convert_units(quantity, unit)


def test_no_two_units_share_a_name_and_the_tools_have_no_effect() -> None:
    names = [name for scale in SCALES for name in scale.names]
    assert len(names) == len(set(names))
    for tool in (*date_tools(), unit_converter()):
        assert tool.derived
        assert not tool.capability.effects
        assert set(tool.schema["properties"]) == tool.capability.content  # type: ignore[arg-type]
