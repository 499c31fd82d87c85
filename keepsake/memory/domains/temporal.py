"""The domain `temporal`: events with a date, resolved against when they were said."""

import re
from calendar import monthrange
from collections.abc import Callable, Iterator
from datetime import date, timedelta

from keepsake.memory.domains.declaration import Clause, Domain
from keepsake.memory.models import Candidate, Grain, When

_FIRST_PERSON = re.compile(r"\b(i|me|my|mine|we|our|us)\b", re.IGNORECASE)
_SCHEDULED = re.compile(
    r"\b(meeting|appointment|flight|party|deadline|exam|interview|wedding|birthday|anniversary|"
    r"concert|trip|conference|visit|delivery|move|surgery|release|launch|call|holiday|vacation)\b",
    re.IGNORECASE,
)
_MIN_WORDS = 3
_CONFIDENCE = 0.9

DAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
MONTHS = ["january", "february", "march", "april", "may", "june", "july", "august", "september",
          "october", "november", "december"]  # fmt: skip
_NUMBERS = {"a": 1, "an": 1, "one": 1, "a couple of": 2, "two": 2, "three": 3, "a few": 3,
            "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9,
            "ten": 10}  # fmt: skip
_COUNT = rf"(\d{{1,3}}|{'|'.join(sorted(_NUMBERS, key=len, reverse=True))})"
_UNIT = r"(day|week|month|year)s?"
_FIXED = {"the day before yesterday": -2, "yesterday": -1, "last night": -1, "today": 0,
          "tonight": 0, "this morning": 0, "this afternoon": 0, "this evening": 0,
          "tomorrow": 1, "the day after tomorrow": 2}  # fmt: skip
_TIME = re.compile(
    r"\bat\s+((?:[01]?\d|2[0-3])(?::[0-5]\d)?\s*(?:am|pm)|(?:[01]?\d|2[0-3]):[0-5]\d"
    r"|noon|midnight)\b",
    re.IGNORECASE,
)
_PAST = re.compile(
    r"\b(was|were|did|went|had|got|met|saw|came|took|made|bought|told|left|ran|\w{2,}ed)\b",
    re.IGNORECASE,
)
_GRAINS: tuple[tuple[int, Grain], ...] = ((1, "day"), (8, "week"), (32, "month"))

_Days = tuple[date, date]
_Rule = tuple[re.Pattern[str], Callable[[re.Match[str], date], _Days | None]]


def _is_event(clause: Clause) -> bool:
    """Whether something of the user's has a date, or is to be remembered on one."""
    if clause.reminder:
        return mentions_date(clause.text)
    ours = clause.states and (_FIRST_PERSON.search(clause.plain) or _SCHEDULED.search(clause.plain))
    return bool(ours) and len(clause.plain.split()) >= _MIN_WORDS and mentions_date(clause.text)


def _event(clause: Clause, said_on: date) -> Iterator[Candidate]:
    day = when(clause.text, said_on)
    if day is not None:
        yield Candidate(TEMPORAL.name, clause.text, when=day, confidence=_CONFIDENCE)


def when(sentence: str, said_on: date) -> When | None:
    """The date that a sentence speaks of, how exact it is, and its words."""
    for pattern, find in _RULES:
        for match in pattern.finditer(sentence):
            days = _safely(find, match, said_on)
            if days is not None:
                return _when(days, match[0], sentence)
    return None


def mentions_date(sentence: str) -> bool:
    """Whether a sentence names a date."""
    return when(sentence, date(2000, 1, 5)) is not None


def _safely(
    find: Callable[[re.Match[str], date], _Days | None], match: re.Match[str], said_on: date
) -> _Days | None:
    try:
        return find(match, said_on)
    except (ValueError, OverflowError):  # the 31st of February, or before the year 1
        return None


def _when(days: _Days, words: str, sentence: str) -> When:
    span = (days[1] - days[0]).days
    grain: Grain = next((name for limit, name in _GRAINS if span < limit), "year")
    time = _TIME.search(sentence)
    return When(*days, grain, words.strip(), time[1] if time else "")


def _day(day: date) -> _Days:
    return day, day


def _month(year: int, month: int) -> _Days:
    year, month = year + (month - 1) // 12, (month - 1) % 12 + 1
    return date(year, month, 1), date(year, month, monthrange(year, month)[1])


def _year(year: int) -> _Days:
    return date(year, 1, 1), date(year, 12, 31)


def _week(said_on: date, ahead: int) -> _Days:
    monday = said_on + timedelta(days=7 * ahead - said_on.weekday())
    return monday, monday + timedelta(days=6)


def _iso(match: re.Match[str], _: date) -> _Days:
    return _day(date.fromisoformat(match[0]))


def _fixed(match: re.Match[str], said_on: date) -> _Days:
    return _day(said_on + timedelta(days=_FIXED[" ".join(match[0].lower().split())]))


def _weekday(match: re.Match[str], said_on: date) -> _Days:
    """`last friday` is before, `next friday` in the next week, `on friday` the one to come.

    A verb in the past before it makes `on friday` the one that was.
    """
    which, day = match[1].lower(), DAYS.index(match[2].lower())
    if which == "last" or (which == "on" and _is_past(match)):
        return _day(said_on - timedelta(days=(said_on.weekday() - day) % 7 or 7))
    if which == "next":
        return _day(said_on + timedelta(days=7 - said_on.weekday() + day))
    return _day(said_on + timedelta(days=(day - said_on.weekday()) % 7))


def _is_past(match: re.Match[str]) -> bool:
    return _PAST.search(match.string[: match.start()]) is not None


def _weekday_near(match: re.Match[str], said_on: date) -> _Days | None:
    """`the sunday before 25 May 2023`: counted from the date that follows."""
    anchor = when(match[3], said_on)
    if anchor is None or anchor.grain != "day":
        return None
    day, there = DAYS.index(match[1].lower()), anchor.first
    if match[2].lower() == "before":
        return _day(there - timedelta(days=(there.weekday() - day) % 7 or 7))
    return _day(there + timedelta(days=(day - there.weekday()) % 7 or 7))


def _ago(match: re.Match[str], said_on: date) -> _Days:
    return _span(match, said_on, -1)


def _ahead(match: re.Match[str], said_on: date) -> _Days:
    return _span(match, said_on, 1)


def _span(match: re.Match[str], said_on: date, sign: int) -> _Days:
    count, unit = _count(match[1]) * sign, match[2].lower()
    if unit == "day":
        return _day(said_on + timedelta(days=count))
    if unit == "week":
        return _day(said_on + timedelta(days=7 * count))
    if unit == "month":
        return _month(said_on.year, said_on.month + count)
    return _year(said_on.year + count)


def _count(text: str) -> int:
    return _NUMBERS.get(" ".join(text.lower().split())) or int(text)


def _near(match: re.Match[str], said_on: date) -> _Days:
    """`last week`, `next month`, `this year`."""
    ahead, unit = {"last": -1, "this": 0, "next": 1}[match[1].lower()], match[2].lower()
    if unit == "week":
        return _week(said_on, ahead)
    if unit == "weekend":
        sunday = _week(said_on, ahead)[1]
        return sunday - timedelta(days=1), sunday
    if unit == "month":
        return _month(said_on.year, said_on.month + ahead)
    return _year(said_on.year + ahead)


def _month_day(match: re.Match[str], said_on: date) -> _Days:
    return _dated(match[3] or str(said_on.year), match[1], match[2])


def _day_month(match: re.Match[str], said_on: date) -> _Days:
    return _dated(match[3] or str(said_on.year), match[2], match[1])


def _dated(year: str, month: str, day: str) -> _Days:
    return _day(date(int(year), _number(month), int(day)))


def _number(month: str) -> int:
    return next(n for n, name in enumerate(MONTHS, 1) if name.startswith(month.lower()[:3]))


def _month_year(match: re.Match[str], _: date) -> _Days:
    return _month(int(match[2]), _number(match[1]))


def _in_month(match: re.Match[str], said_on: date) -> _Days:
    """`last May`, `next May`, or `in May`: the nearest one that fits the tense."""
    which, month = match[1].lower(), _number(match[2])
    if which == "last":
        return _month(said_on.year - (month >= said_on.month), month)
    if which == "in" and _is_past(match):
        return _month(said_on.year - (month > said_on.month), month)
    return _month(said_on.year + (month < said_on.month), month)


def _in_year(match: re.Match[str], _: date) -> _Days:
    return _year(int(match[1]))


def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(rf"\b{text}\b", re.IGNORECASE)


_MONTH = f"({'|'.join(name if name == 'may' else f'{name}|{name[:3]}' for name in MONTHS)}|sept)"
_ORDINAL = r"(\d{1,2})(?:st|nd|rd|th)?"
_YEAR = r"(?:,?\s+((?:19|20)\d{2}))?"
_WEEKDAY = f"({'|'.join(DAYS)})"
_WORDS = "|".join(sorted(_FIXED, key=len, reverse=True)).replace(" ", r"\s+")
_RULES: tuple[_Rule, ...] = (
    (_pattern(rf"(?:the\s+)?{_WEEKDAY}\s+(before|after)\s+([\w ,]{{1,40}})"), _weekday_near),
    (_pattern(r"\d{4}-\d{2}-\d{2}"), _iso),
    (_pattern(f"({_WORDS})"), _fixed),
    (_pattern(rf"{_COUNT}\s+{_UNIT}\s+(?:ago|back|earlier)"), _ago),
    (_pattern(rf"in\s+{_COUNT}\s+{_UNIT}(?:'\s*time)?"), _ahead),
    (_pattern(rf"{_COUNT}\s+{_UNIT}\s+from\s+(?:now|today)"), _ahead),
    (_pattern(rf"{_MONTH}\.?\s+{_ORDINAL}{_YEAR}"), _month_day),
    (_pattern(rf"{_ORDINAL}\s+(?:of\s+)?{_MONTH}{_YEAR}"), _day_month),
    (_pattern(rf"(?:(last|next|this|on)\s+){_WEEKDAY}"), _weekday),
    (_pattern(r"(last|this|next)\s+(week|weekend|month|year)"), _near),
    (_pattern(rf"{_MONTH},?\s+(?:of\s+)?((?:19|20)\d{{2}})"), _month_year),
    (_pattern(rf"(last|next|this|in)\s+{_MONTH}"), _in_month),
    (_pattern(r"(?:in|since|during|of)\s+((?:19|20)\d{2})"), _in_year),
)

TEMPORAL = Domain(
    name="temporal", belongs=_is_event, read=_event, asked_of_model="dated events", dated=True,
    source="event", reported=True,
)  # fmt: skip
"""Events with a date."""
