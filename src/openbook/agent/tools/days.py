"""Dates as people write them, and spans of time between them: ISO and the common English forms."""

import calendar
import re
from dataclasses import dataclass
from datetime import date, timedelta

from openbook.agent.tool import BadArguments

MONTHS = [name.lower() for name in calendar.month_name[1:]]
_MONTH = "|".join(f"{name[:3]}(?:{name[3:]})?" for name in MONTHS) + "|sept"

DATE = re.compile(
    rf"""\b(?:
    (?P<year>\d{{4}})-(?P<mm>\d{{2}})-(?P<dd>\d{{2}})(?!\d)
    | (?P<day1>\d{{1,2}})(?:st|nd|rd|th)?\ (?:of\ )?(?P<month1>{_MONTH})\.?,?\ (?P<year1>\d{{4}})(?!\d)
    | (?P<month2>{_MONTH})\.?\ (?P<day2>\d{{1,2}})(?:st|nd|rd|th)?,?\ (?P<year2>\d{{4}})(?!\d)
    | (?P<near>today|tomorrow|yesterday)\b)""",
    re.IGNORECASE | re.VERBOSE,
)
"""A date within a text. 3/4/2025 is none: half the world reads it as March, the other half as April."""

DURATION = re.compile(r"(?P<count>\d{1,6}|an?|one)[ -](?P<unit>day|week|fortnight|month|year)s?\b", re.IGNORECASE)
_NEAR = {"yesterday": -1, "today": 0, "tomorrow": 1}
_DAYS = {"day": 1, "week": 7, "fortnight": 14}


@dataclass(frozen=True, slots=True)
class Stretch:
    """A span of time as said: months and days are kept apart, since months differ in length."""

    months: int
    days: int


def read_day(text: str, today: date | None = None) -> date:
    """The one date that the text is. Raises BadArguments."""
    match = DATE.fullmatch(" ".join(text.split()))
    if match is None:
        raise BadArguments(f"{text[:40]!r} is no date that is read here: write it as 2025-03-31 or 31 March 2025")
    return day_of(match, today)


def day_of(match: re.Match[str], today: date | None = None) -> date:
    """today: of the clock where None. Raises BadArguments for the 31st of June."""
    found = {name.rstrip("12"): value for name, value in match.groupdict().items() if value is not None}
    try:
        if "near" in found:
            return (today or date.today()) + timedelta(_NEAR[found["near"].lower()])  # noqa: DTZ011 - the person's own day
        if "mm" in found:
            return date(int(found["year"]), int(found["mm"]), int(found["dd"]))
        month = next(place for place, name in enumerate(MONTHS, 1) if name[:3] == found["month"].lower()[:3])
        return date(int(found["year"]), month, int(found["day"]))
    except ValueError:
        raise BadArguments(f"there is no day {match[0]!r} in the calendar: check it") from None


def read_stretch(text: str) -> Stretch:
    """``3 weeks``, ``2 years and 1 month``, ``-5 days``. Raises BadArguments."""
    plain = " ".join(text.split())
    sign = -1 if plain[:1] in ("-", "−") else 1
    plain = plain.lstrip("+-− ")
    parts = list(DURATION.finditer(plain))
    if not parts or DURATION.sub("", plain).replace("and", "").strip(" ,"):
        raise BadArguments(f"{text[:40]!r} is no span of time: write it as 10 days, 3 weeks, 2 months or 1 year")
    months = days = 0
    for part in parts:
        count = int(part["count"]) if part["count"].isdigit() else 1
        unit = part["unit"].lower()
        if unit in _DAYS:
            days += count * _DAYS[unit]
        else:
            months += count * (12 if unit == "year" else 1)
    return Stretch(sign * months, sign * days)


def later(day: date, by: Stretch) -> date:
    """Months first; where the month is too short, its last day. Raises BadArguments outside the years 1 to 9999."""
    try:
        years, month = divmod(day.year * 12 + day.month - 1 + by.months, 12)
        last = calendar.monthrange(years, month + 1)[1] if 1 <= years <= 9999 else 0
        return date(years, month + 1, min(day.day, last)) + timedelta(by.days)
    except (ValueError, OverflowError):
        raise BadArguments("that is beyond the years 1 to 9999: take a shorter span") from None


def between(start: date, end: date) -> str:
    """``108 days (3 months and 16 days)``, with a minus where the end comes first."""
    days = (end - start).days
    early, late = min(start, end), max(start, end)
    months = (late.year - early.year) * 12 + late.month - early.month
    months -= later(early, Stretch(months, 0)) > late
    rest = (late - later(early, Stretch(months, 0))).days
    words = [
        f"{count} {unit}{'' if count == 1 else 's'}"
        for count, unit in ((months // 12, "year"), (months % 12, "month"), (rest, "day"))
        if count
    ]
    told = f" ({' and '.join([', '.join(words[:-1]), words[-1]] if len(words) > 1 else words)})" if months else ""
    return f"{days} day{'' if abs(days) == 1 else 's'}{told}"
