"""Dates as tools: later or earlier, how far apart, which day of the week."""

from openbook.agent.declare import declared
from openbook.agent.slots import Day, Duration
from openbook.agent.tool import Tool
from openbook.agent.tools.days import between, later, read_day, read_stretch


def add_to_date(date: Day, span: Duration) -> str:
    """Find the date that lies some days, weeks, months or years after or before a date.

    date: as 2025-03-31, 31 March 2025, March 31, 2025, or today
    span: as 10 days, 3 weeks, 2 months, 1 year; with a minus for earlier
    """
    return later(read_day(date), read_stretch(span)).isoformat()


def date_difference(start: Day, end: Day) -> str:
    """Count the days from one date to another, how long it is between two dates.

    start: as 2025-03-31 or 31 March 2025
    end: the same; before the start, the number is negative
    """
    return between(read_day(start), read_day(end))


def weekday_of(date: Day) -> str:
    """Tell the day of the week of a date.

    date: as 2025-03-31 or 31 March 2025
    """
    return f"{read_day(date):%A}"


def date_tools() -> tuple[Tool, ...]:
    """Calculations: of anything, and as trusted as that."""
    return (
        declared(
            add_to_date,
            content=["date", "span"],
            derived=True,
            examples=(
                "what date is 30 days after 1 May 2024",
                "add 2 weeks to 2024-05-01",
                "3 months before 2024-05-01",
                "when does it end if it starts on 2024-05-01 and takes 10 days",
            ),
        ),
        declared(
            date_difference,
            content=["start", "end"],
            derived=True,
            examples=(
                "how many days between 2024-05-01 and 2024-06-01",
                "how long is it from 1 May 2024 until 1 June 2024",
                "number of days from today to 2030-01-01",
            ),
        ),
        declared(
            weekday_of,
            content=["date"],
            derived=True,
            examples=("what day of the week is 2024-05-01", "is 1 May 2024 a Sunday", "weekday of 2024-05-01"),
        ),
    )
