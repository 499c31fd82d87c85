"""Dates in words, resolved against when they were said."""

import re
from collections.abc import Callable
from datetime import date, timedelta

_DAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
_MONTHS = ["january", "february", "march", "april", "may", "june", "july", "august", "september",
           "october", "november", "december"]  # fmt: skip
_UNITS = {"day": 1, "week": 7}
_NUMBERS = {"a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6}
_COUNT = rf"(\d{{1,3}}|{'|'.join(_NUMBERS)})"
_FIXED = {"the day before yesterday": -2, "yesterday": -1, "today": 0, "tonight": 0,
          "this morning": 0, "tomorrow": 1, "the day after tomorrow": 2}  # fmt: skip

_Rule = tuple[re.Pattern[str], Callable[[re.Match[str], date], date | None]]


def resolve(sentence: str, said_on: date) -> date | None:
    """The date that a sentence speaks of, if it names one."""
    for pattern, found in _RULES:
        match = pattern.search(sentence)
        day = found(match, said_on) if match else None
        if day is not None:
            return day
    return None


def mentions_date(sentence: str) -> bool:
    """Whether a sentence names a date."""
    return resolve(sentence, date(2000, 1, 5)) is not None


def _iso(match: re.Match[str], _: date) -> date | None:
    try:
        return date.fromisoformat(match[0])
    except ValueError:
        return None


def _fixed(match: re.Match[str], said_on: date) -> date:
    return said_on + timedelta(days=_FIXED[match[0].lower()])


def _weekday(match: re.Match[str], said_on: date) -> date:
    """`last friday` is before, `next friday` in the next week, `on friday` the one to come."""
    which, day = (match[1] or "on").lower(), _DAYS.index(match[2].lower())
    ahead = (day - said_on.weekday()) % 7
    if which == "last":
        return said_on - timedelta(days=(said_on.weekday() - day) % 7 or 7)
    if which == "next":
        return said_on + timedelta(days=7 - said_on.weekday() + day)
    return said_on + timedelta(days=ahead)


def _ago(match: re.Match[str], said_on: date) -> date:
    return said_on - _span(match[1], match[2])


def _ahead(match: re.Match[str], said_on: date) -> date:
    return said_on + _span(match[1], match[2])


def _span(count: str, unit: str) -> timedelta:
    number = _NUMBERS.get(count.lower()) or int(count)
    return timedelta(days=number * _UNITS[unit.lower()])


def _month_day(match: re.Match[str], said_on: date) -> date | None:
    return _dated(match[3] or str(said_on.year), match[1], match[2])


def _day_month(match: re.Match[str], said_on: date) -> date | None:
    return _dated(match[3] or str(said_on.year), match[2], match[1])


def _dated(year: str, month: str, day: str) -> date | None:
    try:
        return date(int(year), _MONTHS.index(month.lower()) + 1, int(day))
    except ValueError:
        return None


def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(rf"\b{text}\b", re.IGNORECASE)


_MONTH = f"({'|'.join(_MONTHS)})"
_ORDINAL = r"(\d{1,2})(?:st|nd|rd|th)?"
_YEAR = r"(?:,?\s+(\d{4}))?"
_RULES: tuple[_Rule, ...] = (
    (_pattern(r"\d{4}-\d{2}-\d{2}"), _iso),
    (_pattern(f"({'|'.join(sorted(_FIXED, key=len, reverse=True))})"), _fixed),
    (_pattern(rf"(?:(last|next|this|on)\s+)({'|'.join(_DAYS)})"), _weekday),
    (_pattern(rf"{_COUNT}\s+(day|week)s?\s+ago"), _ago),
    (_pattern(rf"in\s+{_COUNT}\s+(day|week)s?"), _ahead),
    (_pattern(rf"{_MONTH}\s+{_ORDINAL}{_YEAR}"), _month_day),
    (_pattern(rf"{_ORDINAL}\s+(?:of\s+)?{_MONTH}{_YEAR}"), _day_month),
)
