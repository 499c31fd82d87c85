"""Dates in words, resolved against the day on which they were said."""

import re
from calendar import monthrange
from collections.abc import Callable
from datetime import date, timedelta
from functools import partial

from keepsake.memory.domains import spans
from keepsake.memory.domains.feasts import FEASTS, feast
from keepsake.memory.models import Grain, When

DAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
MONTHS = ["january", "february", "march", "april", "may", "june", "july", "august", "september",
          "october", "november", "december"]  # fmt: skip
_NUMBERS = {"a": 1, "an": 1, "one": 1, "a couple of": 2, "two": 2, "three": 3, "a few": 3,
            "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9,
            "ten": 10}  # fmt: skip
_NTH = {"first": 1, "1st": 1, "second": 2, "2nd": 2, "third": 3, "3rd": 3, "fourth": 4, "4th": 4,
        "last": -1}  # fmt: skip
_SEASONS = {"spring": 3, "summer": 6, "autumn": 9, "fall": 9, "winter": 12}
_COUNT = rf"(\d{{1,3}}|{'|'.join(sorted(_NUMBERS, key=len, reverse=True))})"
_UNIT = r"(day|week|fortnight|month|year)s?"
_FIXED = {"the day before yesterday": -2, "yesterday": -1, "last night": -1, "today": 0,
          "tonight": 0, "this morning": 0, "this afternoon": 0, "this evening": 0,
          "tomorrow": 1, "the day after tomorrow": 2}  # fmt: skip
_TIME = re.compile(
    r"\bat\s+((?:[01]?\d|2[0-3])(?::[0-5]\d)?\s*(?:am|pm)|(?:[01]?\d|2[0-3]):[0-5]\d"
    r"|noon|midnight)\b",
    re.IGNORECASE,
)
_PAST = re.compile(
    r"(?<!am )(?<!is )(?<!are )(?<!be )(?<!being )(?<!getting )(?<!have )(?<!'ve )\b(?:was|were|"
    r"did|"
    r"went|had|got|met|saw|came|took|made|bought|told|left|ran|ate|became|began|broke|brought|"
    r"built|"
    r"caught|chose|drank|drove|fell|felt|flew|found|gave|grew|heard|held|hurt|kept|knew|lost|paid|"
    r"quit|rode|sang|sat|sent|slept|sold|spent|spoke|stood|swam|taught|thought|threw|won|wore|"
    r"wrote|"
    r"(?!need|feed|indeed|speed|exceed|hundred|planned|decided|managed|wanted|hoped|agreed|"
    r"arranged|booked|scheduled|promised|shed\b|wed\b)\w{2,}ed)\b",
    re.IGNORECASE,
)
_PLANS = re.compile(r"\b(?:managed|decided|plan(?:ned|ning)?|wanted|hop(?:ed|ing)|agreed|arranged|"
                    r"booked|scheduled|promised|going) (?:to|for|on)\b", re.IGNORECASE)  # fmt: skip
_FIRST_IN = re.compile(
    r"\b(?P<what>(?:first|best|worst|only|biggest|longest|last) (?:[\w'-]+ ){1,4})"
    r"in (?:over )?[\w-]+ (?:years|months|weeks|decades)\b",
    re.IGNORECASE,
)
"""What is rare, which says nothing of when it is: `first holiday in three years`."""
_AMBIGUOUS = re.compile(r"\d{1,2}/\d{1,2}/\d{4}")
_GRAINS: tuple[tuple[int, Grain], ...] = ((1, "day"), (8, "week"), (32, "month"))

_Rule = tuple[re.Pattern[str], Callable[[re.Match[str], date], spans.Days | None]]


def when(sentence: str, said_on: date) -> When | None:
    """The date that a sentence speaks of, how exact it is, and its words."""
    sentence = _FIRST_IN.sub(r"\g<what>", sentence)
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
    find: Callable[[re.Match[str], date], spans.Days | None], match: re.Match[str], said_on: date
) -> spans.Days | None:
    try:
        return find(match, said_on)
    except (ValueError, OverflowError):  # the 31st of February, or before the year 1
        return None


def _when(days: spans.Days, words: str, sentence: str) -> When:
    span = (days[1] - days[0]).days
    grain: Grain = next((name for limit, name in _GRAINS if span < limit), "year")
    time = _TIME.search(sentence)
    ambiguous = grain != "day" and _AMBIGUOUS.fullmatch(words.strip()) is not None
    return When(*days, grain, words.strip(), time[1] if time else "", ambiguous)


def _fixed(match: re.Match[str], said_on: date) -> spans.Days:
    return spans.day(said_on + timedelta(days=_FIXED[" ".join(match[0].lower().split())]))


def _weekday(match: re.Match[str], said_on: date) -> spans.Days:
    """`last friday` is before, `next friday` in the next week, `on friday` the one to come.

    A verb in the past before it makes `on friday` the one that was.
    """
    which, day = match[1].lower(), DAYS.index(match[2].lower())
    if which in {"last", "this past", "past"} or (which == "on" and _is_past(match)):
        return spans.day(said_on - timedelta(days=(said_on.weekday() - day) % 7 or 7))
    if which == "next":
        return spans.day(said_on + timedelta(days=7 - said_on.weekday() + day))
    return spans.day(said_on + timedelta(days=(day - said_on.weekday()) % 7))


def _is_past(match: re.Match[str]) -> bool:
    return _PAST.search(match.string[: match.start()]) is not None


def _weekday_near(match: re.Match[str], said_on: date) -> spans.Days | None:
    """`the sunday before 25 May 2023`: counted from the date that follows."""
    anchor = when(match[3], said_on)
    if anchor is None or anchor.grain != "day":
        return None
    day, there = DAYS.index(match[1].lower()), anchor.first
    if match[2].lower() == "before":
        return spans.day(there - timedelta(days=(there.weekday() - day) % 7 or 7))
    return spans.day(there + timedelta(days=(day - there.weekday()) % 7 or 7))


def _after(_: re.Match[str], said_on: date, days: int) -> spans.Days:
    return spans.day(said_on + timedelta(days=days))


def _span(match: re.Match[str], said_on: date, sign: int) -> spans.Days:
    """`two weeks ago`, `in a fortnight`."""
    count, unit = _count(match[1]) * sign, match[2].lower()
    days = {"day": 1, "week": 7, "fortnight": 14}.get(unit)
    if days:
        return spans.day(said_on + timedelta(days=days * count))
    if unit == "month":
        return spans.month(said_on.year, said_on.month + count)
    return spans.year(said_on.year + count)


def _count(text: str) -> int:
    return _NUMBERS.get(" ".join(text.lower().split())) or int(text)


def _near(match: re.Match[str], said_on: date) -> spans.Days:
    """`last week`, `next month`, `this year`."""
    ahead, unit = {"last": -1, "this": 0, "next": 1}[match[1].lower()], match[2].lower()
    if unit == "week":
        return spans.week(said_on, ahead)
    if unit == "weekend":
        return spans.weekend(said_on, ahead)
    if unit == "month":
        return spans.month(said_on.year, said_on.month + ahead)
    return spans.year(said_on.year + ahead)


def _month_day(match: re.Match[str], said_on: date) -> spans.Days:
    return spans.day(_dated(match, match["day"], said_on))


def _dated(match: re.Match[str], day: str, said_on: date) -> date:
    """A day of a month; without a year the last or the next one, by the tense."""
    month = _number(match["month"])
    if match["year"]:
        return date(int(match["year"]), month, int(day))
    this = date(said_on.year, month, int(day))
    if _PAST.search(match.string) and not _PLANS.search(match.string[: match.start()]):
        return this if this <= said_on else this.replace(year=this.year - 1)
    return this if this >= said_on else this.replace(year=this.year + 1)


def _range(match: re.Match[str], said_on: date) -> spans.Days:
    """`from 3 to 7 June`, `June 3-7`."""
    first = _dated(match, match["day"], said_on)
    return first, first.replace(day=int(match["last"]))


def _numeric(match: re.Match[str], _: date) -> spans.Days:
    """`31/12/2024`; of `03/04/2025` both readings, from the one to the other."""
    first, second, year = int(match[1]), int(match[2]), int(match[3])
    readings = [date(year, month, day) for day, month in {(first, second), (second, first)}
                if month <= 12]  # fmt: skip # noqa: PLR2004 - months
    if "." in match[0]:
        return spans.day(date(year, second, first))
    return min(readings), max(readings)


def _nth_day(match: re.Match[str], said_on: date) -> spans.Days:
    """`on the 3rd`: the next one, or the last one, by the tense."""
    day, month = int(match[1]), date(said_on.year, said_on.month, 1)
    step = -1 if _is_past(match) else 1
    for _ in range(12):
        last = monthrange(month.year, month.month)[1]
        if day <= last:
            then = month.replace(day=day)
            if (said_on - then).days * step <= 0:
                return spans.day(then)
        month = spans.month(month.year, month.month + step)[0]
    raise ValueError("no month has that day")


def _part_of_month(match: re.Match[str], said_on: date) -> spans.Days:
    """`the last week of August`, `the first weekend of June`, `the second Tuesday of July`."""
    nth, what = _NTH[match[1].lower()], match[2].lower()
    first, last = _nearest_month(match, said_on)
    if what == "week":
        if nth > 0:
            start = first + timedelta(days=7 * (nth - 1))
            return start, start + timedelta(days=6)
        monday = last - timedelta(days=last.weekday())
        return (monday if last.weekday() > 1 else monday - timedelta(days=7)), last
    day = 5 if what == "weekend" else DAYS.index(what)
    if nth > 0:
        then = first + timedelta(days=(day - first.weekday()) % 7 + 7 * (nth - 1))
    else:
        latest = last - timedelta(days=what == "weekend")
        then = latest - timedelta(days=(latest.weekday() - day) % 7)
    return (then, then + timedelta(days=1)) if what == "weekend" else spans.day(then)


def _third_of_month(match: re.Match[str], said_on: date) -> spans.Days:
    """`in mid-August`, `at the end of June`, `early next month`."""
    next_month = spans.month(said_on.year, said_on.month + 1)
    first, last = _nearest_month(match, said_on) if match["month"] else next_month
    if match[1].lower().startswith(("early", "begin", "start", "the begin", "the start")):
        return first, first.replace(day=10)
    if "mid" in match[1].lower():
        return first.replace(day=11), first.replace(day=20)
    return first.replace(day=21), last


def _nearest_month(match: re.Match[str], said_on: date) -> spans.Days:
    number = _number(match["month"])
    if match["year"]:
        return spans.month(int(match["year"]), number)
    if _PAST.search(match.string):
        return spans.month(said_on.year - (number > said_on.month), number)
    return spans.month(said_on.year + (number < said_on.month), number)


def _feast(match: re.Match[str], said_on: date) -> spans.Days:
    name = " ".join(match["feast"].lower().split()).replace("\N{RIGHT SINGLE QUOTATION MARK}", "'")
    return feast(name, said_on, past=_PAST.search(match.string) is not None)


def _from_to(match: re.Match[str], said_on: date) -> spans.Days | None:
    """`from 28 June to 3 July`."""
    first, last = when(match[1], said_on), when(match[2], said_on)
    if first is None or last is None or first.grain != "day" or not first.first < last.first:
        return None
    return first.first, last.last


def _nth_of_near_month(match: re.Match[str], said_on: date) -> spans.Days:
    """`the 3rd of next month`."""
    month = spans.month(said_on.year, said_on.month + (match[2].lower() == "next"))[0]
    return spans.day(month.replace(day=int(match[1])))


def _season(match: re.Match[str], said_on: date) -> spans.Days:
    """`last summer`, `next winter`."""
    which, year, month = match[1].lower(), said_on.year, _SEASONS[match[2].lower()]
    if which == "last" and spans.month(year, month + 2)[1] >= said_on:
        year -= 1
    if which == "next" and spans.month(year, month)[0] <= said_on:
        year += 1
    return spans.month(year, month)[0], spans.month(year, month + 2)[1]


def _week_from(match: re.Match[str], said_on: date) -> spans.Days:
    """`a week from Friday`."""
    day = DAYS.index(match[1].lower())
    return spans.day(said_on + timedelta(days=((day - said_on.weekday()) % 7 or 7) + 7))


def _after_next(match: re.Match[str], said_on: date) -> spans.Days:
    """`the weekend after next`, `the week after next`."""
    if match[1].lower() == "week":
        return spans.week(said_on, 2)
    return spans.weekend(said_on, 1)


def _number(month: str) -> int:
    return next(n for n, name in enumerate(MONTHS, 1) if name.startswith(month.lower()[:3]))


def _in_month(match: re.Match[str], said_on: date) -> spans.Days:
    """`last May`, `next May`, or `in May`: the nearest one that fits the tense."""
    which, month = match[1].lower(), _number(match[2])
    if which == "last":
        return spans.month(said_on.year - (month >= said_on.month), month)
    if which == "in" and _is_past(match):
        return spans.month(said_on.year - (month > said_on.month), month)
    return spans.month(said_on.year + (month < said_on.month), month)


def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(rf"\b{text}\b", re.IGNORECASE)


_MONTHS = f"{'|'.join(name if name == 'may' else f'{name}|{name[:3]}' for name in MONTHS)}|sept"
_MONTH = f"(?P<month>{_MONTHS})"
_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?"
_LAST = r"(?P<last>\d{1,2})(?:st|nd|rd|th)?"
_YEAR = r"(?:,?\s+(?P<year>(?:19|20)\d{2}))?"
_DASH = r"\s?[-\u2013]\s?"
_WEEKDAY = f"({'|'.join(DAYS)})"
_WORDS = "|".join(sorted(_FIXED, key=len, reverse=True)).replace(" ", r"\s+")
_FEAST_NAMES = "|".join(FEASTS).replace("'", "['\N{RIGHT SINGLE QUOTATION MARK}]?")
_RULES: tuple[_Rule, ...] = (
    (_pattern(rf"(?:the\s+)?{_WEEKDAY}\s+(before|after)\s+([\w ,]{{1,40}})"), _weekday_near),
    (_pattern(r"(?:from|between)\s+([\w ,]{3,30}?)\s+(?:to|and|until|till)\s+([\w ,]{3,30})"),
     _from_to),
    (_pattern(r"the\s+(\d{1,2})(?:st|nd|rd|th)\s+of\s+(next|this)\s+month"), _nth_of_near_month),
    (_pattern(r"a\s+week\s+(?:from\s+)?today"), partial(_after, days=7)),
    (_pattern(r"(\d{4})[-/](\d{1,2})[-/](\d{1,2})"),
     lambda match, _: spans.day(date(*map(int, match.groups())))),
    (_pattern(r"(\d{1,2})[/.](\d{1,2})[/.]((?:19|20)\d{2})"), _numeric),
    (_pattern(f"({_WORDS})"), _fixed),
    (_pattern(rf"{_COUNT}\s+{_UNIT}\s+(?:ago|back|earlier)"), partial(_span, sign=-1)),
    (_pattern(rf"in\s+{_COUNT}\s+{_UNIT}(?:'\s*time)?"), partial(_span, sign=1)),
    (_pattern(rf"{_COUNT}\s+{_UNIT}\s+from\s+(?:now|today)"), partial(_span, sign=1)),
    (_pattern(rf"(?:from|between)\s+(?:the\s+)?{_DAY}\s+(?:to|and|until|till)\s+(?:the\s+)?"
              rf"{_LAST}\s+(?:of\s+)?{_MONTH}{_YEAR}"), _range),
    (_pattern(rf"{_DAY}{_DASH}{_LAST}\s+(?:of\s+)?{_MONTH}{_YEAR}"), _range),
    (_pattern(rf"{_MONTH}\.?\s+{_DAY}{_DASH}{_LAST}{_YEAR}"), _range),
    (_pattern(rf"({'|'.join(_NTH)})\s+(week|weekend|{'|'.join(DAYS)})\s+(?:of|in)\s+"
              rf"{_MONTH}{_YEAR}"), _part_of_month),
    (_pattern(rf"(early|mid|late|(?:the\s+)?(?:beginning|start|middle|end)\s+of)[\s-]+"
              rf"(?:in\s+|of\s+)?(?:next month|{_MONTH}{_YEAR})"), _third_of_month),
    (_pattern(rf"(?:a\s+)?week\s+(?:from|on|after)\s+(?:this\s+)?{_WEEKDAY}"), _week_from),
    (_pattern(rf"{_WEEKDAY}\s+week"), _week_from),
    (_pattern(r"the\s+(week|weekend)\s+after\s+next"), _after_next),
    (_pattern(rf"{_MONTH}\.?\s+{_DAY}{_YEAR}"), _month_day),
    (_pattern(rf"{_DAY}\s+(?:of\s+)?{_MONTH}{_YEAR}"), _month_day),
    (_pattern(rf"(?:{'|'.join(DAYS)}),?\s+(?:the\s+)?(\d{{1,2}})(?:st|nd|rd|th)"), _nth_day),
    (_pattern(r"(?:at|on|over)\s+the\s+weekend"), lambda _, said_on: spans.weekend(said_on, 0)),
    (_pattern(rf"(?:(last|next|this past|this coming|this|past|on)\s+){_WEEKDAY}(?!s)"),
     _weekday),
    (_pattern(rf"(?:on|over|at|for|by|until|during|this|next|last)\s+(?P<feast>{_FEAST_NAMES})"),
     _feast),
    (_pattern(rf"(last|next|this)\s+({'|'.join(_SEASONS)})"), _season),
    (_pattern(r"(last|this|next)\s+(week|weekend|month|year)"), _near),
    (_pattern(rf"{_MONTH},?\s+(?:of\s+)?(?P<year>(?:19|20)\d{{2}})"), _nearest_month),
    (_pattern(rf"(last|next|this|in)\s+{_MONTH}"), _in_month),
    (_pattern(r"(?:in|since|during|of)\s+((?:19|20)\d{2})"),
     lambda match, _: spans.year(int(match[1]))),
    (_pattern(r"the\s+(\d{1,2})(?:st|nd|rd|th)(?=$|[.,;!?)]|\s+(?:at|and|for|in|with|to|from|not|"
              r"or|we|i|is|was|instead|then)\b)"), _nth_day),
)  # fmt: skip
