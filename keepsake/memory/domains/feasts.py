"""Feasts, fixed and movable, as days of a year."""

from datetime import date, timedelta

from keepsake.memory.domains.spans import Days

_FIXED = {
    "christmas day": (12, 25, 25), "christmas eve": (12, 24, 24), "christmas": (12, 24, 26),
    "xmas": (12, 24, 26), "boxing day": (12, 26, 26), "new year's eve": (12, 31, 31),
    "new year's day": (1, 1, 1), "valentine's day": (2, 14, 14), "halloween": (10, 31, 31),
    "epiphany": (1, 6, 6), "saint patrick's day": (3, 17, 17), "st patrick's day": (3, 17, 17),
    "independence day": (7, 4, 4), "bonfire night": (11, 5, 5), "juneteenth": (6, 19, 19),
    "all saints' day": (11, 1, 1), "midsummer": (6, 24, 24), "bastille day": (7, 14, 14),
}  # fmt: skip
"""Month, first day and last day."""
_FROM_EASTER = {
    "easter": (-2, 1), "easter sunday": (0, 0), "easter monday": (1, 1), "good friday": (-2, -2),
    "maundy thursday": (-3, -3), "palm sunday": (-7, -7), "ash wednesday": (-46, -46),
    "shrove tuesday": (-47, -47), "mardi gras": (-47, -47), "ascension day": (39, 39),
    "ascension": (39, 39), "pentecost": (49, 50), "whit sunday": (49, 49), "whit monday": (50, 50),
    "corpus christi": (60, 60),
}  # fmt: skip
"""Days after Easter Sunday, first and last."""
_NTH_WEEKDAY = {
    "thanksgiving": (11, 3, 4, 0), "black friday": (11, 3, 4, 1), "mother's day": (5, 6, 2, 0),
    "mothers' day": (5, 6, 2, 0), "father's day": (6, 6, 3, 0), "fathers' day": (6, 6, 3, 0),
    "labor day": (9, 0, 1, 0), "memorial day": (6, 0, 1, -7),
    "martin luther king day": (1, 0, 3, 0),
}  # fmt: skip
"""Month, weekday, which of them, and days after it."""
_NEW_YEAR = frozenset({"new year", "new years"})
FEASTS = tuple(sorted((*_FIXED, *_FROM_EASTER, *_NTH_WEEKDAY, *_NEW_YEAR), key=len, reverse=True))
"""Names, the longest first."""


def feast(name: str, said_on: date, *, past: bool) -> Days:
    """The days of the feast that was last, or that comes next."""
    years = range(said_on.year + 1, said_on.year - 3, -1) if past else range(said_on.year, 9999)
    days = (_days(name, year) for year in years)
    return next(each for each in days if (each[0] <= said_on if past else each[1] >= said_on))


def _days(name: str, year: int) -> Days:
    name = name if name in FEASTS else name.replace("s day", "'s day").replace("s eve", "'s eve")
    if name in _NEW_YEAR:
        return date(year, 12, 31), date(year + 1, 1, 1)
    if name in _FIXED:
        month, first, last = _FIXED[name]
        return date(year, month, first), date(year, month, last)
    if name in _FROM_EASTER:
        before, after = _FROM_EASTER[name]
        return _easter(year) + timedelta(days=before), _easter(year) + timedelta(days=after)
    month, weekday, nth, after = _NTH_WEEKDAY[name]
    begin = date(year, month, 1)
    day = begin + timedelta(days=(weekday - begin.weekday()) % 7 + 7 * (nth - 1) + after)
    return day, day


def _easter(year: int) -> date:
    """Easter Sunday of the Gregorian calendar, after Butcher and Meeus."""
    century, of_century = divmod(year, 100)
    leap, rest = divmod(century, 4)
    moon = (century - (century + 8) // 25 + 1) // 3
    epact = (19 * (year % 19) + century - leap - moon + 15) % 30
    weekday = (32 + 2 * rest + 2 * (of_century // 4) - epact - of_century % 4) % 7
    late = (year % 19 + 11 * epact + 22 * weekday) // 451
    month, day = divmod(epact + weekday - 7 * late + 114, 31)
    return date(year, month, day + 1)
