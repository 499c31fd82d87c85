"""A query, read: its words, the speakers and attributes it names and the time it speaks of."""

import re
import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

import Stemmer

from keepsake.memory.domains.phrases import RELATIONS
from keepsake.memory.domains.temporal import MONTHS, when

_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)?")
_UNSPACED = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\u0e00-\u0e7f]+")
_STOP_WORDS = (
    "a about all am an and any are as at be been being but by can could did do does doing done "
    "don't didn't for from get got had has have he her him his how i i'm i've if in into is it "
    "it's its just like many may me might more most much my no not of on or our really s she "
    "should so some t than that that's the their them then there these they this those to us was "
    "we were what when where which who whom whose why will with would yes you your"
)
_STOP = frozenset(_STOP_WORDS.split())
_local = threading.local()


def terms(text: str) -> list[str]:
    """The stems of a text's words; all words when nothing but stop words is there."""
    plain = text.lower().replace("\N{RIGHT SINGLE QUOTATION MARK}", "'")
    words = [word.removesuffix("'s") for word in _WORD.findall(plain)]
    telling = [word for word in words if word not in _STOP]
    return [stem for word in telling or words for stem in _stems(word)]


@lru_cache(maxsize=1 << 16)
def _stems(word: str) -> tuple[str, ...]:
    return tuple(_stemmer().stemWords(list(_parts(word))))


def _parts(word: str) -> Iterator[str]:
    """Scripts without spaces in pairs of characters."""
    if not _UNSPACED.fullmatch(word) or len(word) <= 2:  # noqa: PLR2004 - a pair
        yield word
        return
    yield from (word[at : at + 2] for at in range(len(word) - 1))


def _stemmer() -> Stemmer.Stemmer:
    """One per thread: they keep state."""
    if not hasattr(_local, "stemmer"):
        _local.stemmer = Stemmer.Stemmer("english")
    stemmer: Stemmer.Stemmer = _local.stemmer
    return stemmer


TASTE = "taste"
"""The first word of the attribute of liking something: `taste for tea`."""
_ASKED = {
    r"lives?|(?<!for a )living|home|address|city|town|resid(?:e|es|ing|ence)": ("lives_in",),
    r"jobs?|works?(?! on\b)|working(?! on\b)|employ\w*|company|profession|occupation|career"
    r"|for a living": ("works_at", "works_as"),
    r"pets?|animals?|dogs?|cats?|pupp(?:y|ies)|kittens?|parrots?|rabbits?": ("owns_pet",),
    r"likes?|loves?|enjoys?|prefers?|favou?rites?": ("prefers", TASTE),
    r"my name|am i called|who am i": ("name",),
    r"how old|age": ("age", "birthday"),
    r"birthday|birth|born": ("birthday", "born_in"),
    r"married|husband|wife|spouse|engaged": ("married_to",),
    r"allerg\w*|avoid|(?:not|never) (?:eat|drink)": ("allergic_to", "avoids"),
    r"languages?": ("speaks",),
    r"cars?": ("drives",),
    r"university|college|school|degree": ("studied_at",),
    r"hometown|originally|nationality": ("from", "born_in"),
    r"illness|disease|condition|diagnosis": ("condition",),
    r"instruments?|sports?": ("plays",),
    r"goals?|plans?|dreams?": ("goal",),
}  # fmt: skip
ATTRIBUTE_WORDS = [
    (re.compile(rf"\b(?:{words})\b", re.IGNORECASE), names) for words, names in _ASKED.items()
]
"""Words, and the attributes that they ask for."""
_PETS = frozenset({"dog", "cat", "puppy", "kitten", "parrot", "rabbit"})
_RELATION = re.compile(
    rf"\b(?:my|our) (?:\w+ )?({'|'.join(w for w in RELATIONS.split() if w not in _PETS)})\b",
    re.IGNORECASE,
)
_OWN = re.compile(r"\b(?:i|i'm|me|my|we|our|us|user)\b", re.IGNORECASE)
_PAST = re.compile(
    r"\b(?:did|was|were|had|used to|before|previous(?:ly)?|former(?:ly)?|once|until|ago)\b",
    re.IGNORECASE,
)


def attribute_kind(attribute: str) -> str:
    """What an attribute is asked for by: `taste for tea` is a taste."""
    return attribute.split(" ", maxsplit=1)[0]


def asked_attributes(query: str) -> frozenset[str]:
    """The attributes that a question names; none when it is about what was."""
    if _PAST.search(query):
        return frozenset()
    return frozenset(
        name for words, names in ATTRIBUTE_WORDS if words.search(query) for name in names
    )


def asked_subjects(query: str, speakers: frozenset[str]) -> frozenset[str]:
    """Whose: the speakers named, else a relation of the user's, else the user, if any."""
    if speakers:
        return speakers
    relations = frozenset(word.lower() for word in _RELATION.findall(query))
    return relations or frozenset({"user"} if _OWN.search(query) else ())


_NAMED_YEAR = re.compile(r"\b(?:19|20)\d\d\b")
_MONTH = re.compile(rf"\b({'|'.join(name for name in MONTHS if name != 'may')})\b", re.IGNORECASE)
_MAY = re.compile(r"\bMay\b(?! (?:I|we|you|he|she|they)\b)")
_MIN_WORDS = 2


@dataclass(frozen=True, slots=True)
class ParsedQuestion:
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
        """Whether facts of a kind (see `attribute_kind`) may be the answer."""
        return kind in self.attributes and not self.subjects.isdisjoint({subject, *subject.split()})

    @property
    def timed(self) -> bool:
        """Whether it speaks of a time."""
        return bool(self.months or self.years or self.first)


def parse_question(query: str, speakers: Iterable[str], today: date) -> ParsedQuestion:
    """Read a query; who is named is matched to the speaker, not to words about them.

    In a conversation everybody says everybody's name, so it finds the wrong turns.
    """
    named = frozenset(s for s in speakers if re.search(rf"\b{re.escape(s)}\b", query.lower()))
    bare = _without(query, named)
    months = {MONTHS.index(name.lower()) + 1 for name in _MONTH.findall(query)}
    months |= {5} if _MAY.search(query) else set()
    years = {int(year) for year in _NAMED_YEAR.findall(query)}
    period = None if months or years else when(query, today)
    return ParsedQuestion(
        text=bare,
        terms=tuple(terms(bare)),
        speakers=named,
        months=frozenset(months),
        years=frozenset(years),
        first=period.first if period else None,
        last=period.last if period else None,
        subjects=asked_subjects(query, named),
        attributes=asked_attributes(query),
    )


def _without(query: str, names: frozenset[str]) -> str:
    if not names:
        return query
    pattern = rf"\b(?:{'|'.join(re.escape(name) for name in sorted(names))})\b(?:['’]s)?"  # noqa: RUF001
    bare = " ".join(re.sub(pattern, " ", query, flags=re.IGNORECASE).split())
    return bare if len(bare.split()) >= _MIN_WORDS else query
