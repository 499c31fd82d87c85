"""Spans of the calendar, each as its first and last day."""

from calendar import monthrange
from datetime import date, timedelta

Days = tuple[date, date]


def day(that: date) -> Days:
    """One day."""
    return that, that


def week(of: date, ahead: int) -> Days:
    """Monday to Sunday, so many weeks ahead of a day's own."""
    monday = of + timedelta(days=7 * ahead - of.weekday())
    return monday, monday + timedelta(days=6)


def weekend(of: date, ahead: int) -> Days:
    """Saturday and Sunday of that week."""
    sunday = week(of, ahead)[1]
    return sunday - timedelta(days=1), sunday


def month(year: int, number: int) -> Days:
    """A month; its number may be below 1 or above 12."""
    year, number = year + (number - 1) // 12, (number - 1) % 12 + 1
    return date(year, number, 1), date(year, number, monthrange(year, number)[1])


def year(number: int) -> Days:
    """The whole of it."""
    return date(number, 1, 1), date(number, 12, 31)
