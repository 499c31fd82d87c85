"""A query, read: its words, the speakers it names and the time it speaks of."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from keepsake.memory.extracting.dates import MONTHS, when
from keepsake.memory.searching import attributes
from keepsake.memory.searching.lexical import terms

_YEAR = re.compile(r"\b(?:19|20)\d\d\b")
_MONTH = re.compile(rf"\b({'|'.join(name for name in MONTHS if name != 'may')})\b", re.IGNORECASE)
_MAY = re.compile(r"\bMay\b(?! (?:I|we|you|he|she|they)\b)")
_MIN_WORDS = 2


@dataclass(frozen=True, slots=True)
class Question:
    """What is looked for.

    `text` is what to embed. Months and years are those named, of any year and any month when the
    other is not; `first` and `last` bound a relative time, such as last week. `subjects` and
    `attributes` are those of the facts that it asks for.
    """

    text: str
    terms: tuple[str, ...]
    speakers: frozenset[str] = frozenset()
    months: frozenset[int] = frozenset()
    years: frozenset[int] = frozenset()
    first: date | None = None
    last: date | None = None
    subjects: frozenset[str] = frozenset()
    attributes: frozenset[str] = frozenset()

    def asks_for(self, subject: str, kind: str) -> bool:
        """Whether facts of a kind (see `attributes.kind`) may be the answer."""
        return kind in self.attributes and not self.subjects.isdisjoint({subject, *subject.split()})

    @property
    def timed(self) -> bool:
        """Whether it speaks of a time."""
        return bool(self.months or self.years or self.first)


def read(query: str, speakers: Iterable[str], today: date) -> Question:
    """Read a query; who is named is matched to the speaker, not to words about them.

    In a conversation everybody says everybody's name, so it finds the wrong turns.
    """
    named = frozenset(s for s in speakers if re.search(rf"\b{re.escape(s)}\b", query.lower()))
    bare = _without(query, named)
    months = {MONTHS.index(name.lower()) + 1 for name in _MONTH.findall(query)}
    months |= {5} if _MAY.search(query) else set()
    years = {int(year) for year in _YEAR.findall(query)}
    period = None if months or years else when(query, today)
    return Question(
        text=bare,
        terms=tuple(terms(bare)),
        speakers=named,
        months=frozenset(months),
        years=frozenset(years),
        first=period.first if period else None,
        last=period.last if period else None,
        subjects=attributes.subjects(query, named),
        attributes=attributes.asked(query),
    )


def _without(query: str, names: frozenset[str]) -> str:
    if not names:
        return query
    pattern = rf"\b(?:{'|'.join(re.escape(name) for name in sorted(names))})\b(?:['’]s)?"  # noqa: RUF001
    bare = " ".join(re.sub(pattern, " ", query, flags=re.IGNORECASE).split())
    return bare if len(bare.split()) >= _MIN_WORDS else query
