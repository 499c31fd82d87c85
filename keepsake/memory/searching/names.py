"""The people whom a text names, however their names are written."""

import re
from collections.abc import Iterable
from functools import lru_cache

from keepsake.memory.domains.dates import DAYS, MONTHS
from keepsake.memory.domains.frames import RELATIONS
from keepsake.memory.languages.letters import is_open, spaced, spelled, words_of

NO_NAMES = frozenset([*RELATIONS, *MONTHS, *DAYS])
"""Words by which nobody is called."""
_MIN_WORDS = 2


def named_people(query: str, known: Iterable[str]) -> frozenset[str]:
    """Those of the known people whom a query names, by their whole name or the first of it.

    `sister ana` is named by Ana; `sister` alone is no name.
    """
    asked = f" {spaced(words_of(query))} "
    names = {each: [word for word in words_of(each) if word not in NO_NAMES] for each in known}
    wholly = {each for each, name in names.items() if name and f" {spaced(name)} " in asked}
    firsts = {names[each][0] for each in wholly}
    partly = {each for each, name in names.items()
              if name and name[0] not in firsts and f" {spaced(name[:1])} " in asked}  # fmt: skip
    return frozenset(each for each in wholly | partly if "'s" not in each)


def without_names(query: str, names: frozenset[str]) -> str:
    """A text without some names, unless little would be left of it."""
    if not names:
        return query
    bare = " ".join(_any_of(names).sub(" ", query).split())
    enough = len(bare.split()) >= _MIN_WORDS or (bare and is_open(bare))
    return bare if enough else query


@lru_cache(maxsize=1 << 10)
def _any_of(names: frozenset[str]) -> re.Pattern[str]:
    """Some names, or the first of each, as anybody writes them."""
    called = sorted({*names, *(name.split()[0] for name in names)}, key=len, reverse=True)
    forms = (spelled(each) if is_open(each) else rf"\b{spelled(each)}(?!\w)" for each in called)
    return re.compile(rf"(?:{'|'.join(forms)})(?:['’]s)?", re.IGNORECASE)  # noqa: RUF001
