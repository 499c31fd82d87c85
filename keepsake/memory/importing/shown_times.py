"""Times as pages show them to their reader, such as `Jul 5, 2025, 10:01:22 AM CEST`."""

import re
from datetime import UTC, datetime, timedelta, timezone

_MONTHS = {
    name: number
    for number, names in enumerate((
        "jan gen ene", "feb fév fev", "mar mär mrt", "apr avr abr", "may mai mei mag",
        "jun juin giu", "jul juil lug", "aug aoû ago", "sep set", "oct okt ott out", "nov",
        "dec dez déc dic"), 1)
    for name in names.split()
}  # fmt: skip
"""How months begin in English, German, French, Spanish, Italian, Portuguese and Dutch."""
_ZONES = {
    "UTC": 0, "GMT": 0, "WET": 0, "WEST": 1, "BST": 1, "CET": 1, "CEST": 2, "MEZ": 1, "MESZ": 2,
    "EET": 2, "EEST": 3, "MSK": 3, "EST": -5, "EDT": -4, "CST": -6, "CDT": -5, "MST": -7,
    "MDT": -6, "PST": -8, "PDT": -7, "AKST": -9, "AKDT": -8, "HST": -10, "BRT": -3, "ART": -3,
    "IST": 5.5, "SGT": 8, "HKT": 8, "AWST": 8, "JST": 9, "KST": 9, "AEST": 10, "AEDT": 11,
    "NZST": 12, "NZDT": 13,
}  # fmt: skip
_CLOCK = re.compile(
    r"\b(?P<hour>\d{1,2})[:.](?P<minute>\d\d)[:.](?P<second>\d\d)(?!\d)"
    r"(?:\s?(?P<half>[AaPp])\.?\s?[Mm]\b\.?)?"
    r"(?:\s(?P<zone>[A-Z]{3,4})?(?P<offset>[+-]\d{1,2}(?::?\d\d)?)?)?"
)
_DAY = re.compile(r"\d{1,4}|[^\W\d_]{3,}")
_MONTHS_IN_YEAR, _NOON, _FIRST_YEAR = 12, 12, 1_000


def is_shown_time(line: str) -> bool:
    """Whether a line says a day with its year, and a time with seconds."""
    clock = _CLOCK.search(line[:80])
    return len(line) <= 80 and clock is not None and bool(  # noqa: PLR2004
        re.search(r"\b\d{4}\b", line[: clock.start()]))  # fmt: skip


def shown_time(line: str) -> str:
    """The time as ISO 8601, with its zone where that is known; empty when it cannot be told."""
    clock = _CLOCK.search(line[:80])
    day = _day(line[: clock.start()]) if clock else None
    if clock is None or day is None:
        return ""
    hour = int(clock["hour"])
    if clock["half"]:
        hour = hour % _NOON + (_NOON if clock["half"] in "Pp" else 0)
    try:
        moment = datetime(  # noqa: DTZ001 - the zone follows where there is one
            *day, hour, int(clock["minute"]), int(clock["second"])
        )
        zone = _zone(clock)
        return (moment.replace(tzinfo=zone).astimezone(UTC) if zone else moment).isoformat()
    except (ValueError, OverflowError):
        return ""


def _day(text: str) -> tuple[int, int, int] | None:
    """Year, month and day; numbers with slashes between them begin with the month."""
    words = _DAY.findall(text)
    numbers = [int(word) for word in words if word.isdecimal()]
    named = [month for word in words if (month := _month(word.lower()))]
    if len(named) == 1 and len(numbers) == 2:  # noqa: PLR2004
        return max(numbers), named[0], min(numbers)
    if len(numbers) != 3:  # noqa: PLR2004
        return None
    if numbers[0] >= _FIRST_YEAR:
        return numbers[0], numbers[1], numbers[2]
    first, second, year = numbers
    month_first = "/" in text and first <= _MONTHS_IN_YEAR
    return (year, first, second) if month_first else (year, second, first)


def _month(word: str) -> int | None:
    return _MONTHS.get(word[:4]) or _MONTHS.get(word[:3])


def _zone(clock: re.Match[str]) -> timezone | None:
    offset = clock["offset"]
    if offset:
        digits = offset[1:].replace(":", "")
        hours, minutes = (digits[:-2], digits[-2:]) if len(digits) > 2 else (digits, "0")  # noqa: PLR2004
        ahead = timedelta(hours=int(hours), minutes=int(minutes))
        return timezone(-ahead if offset[0] == "-" else ahead)
    hours_ahead = _ZONES.get(clock["zone"] or "")
    return None if hours_ahead is None else timezone(timedelta(hours=hours_ahead))
