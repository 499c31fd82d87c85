"""A query, read: its words, the speakers and attributes it names and the time it speaks of."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache

from keepsake.memory.domains.dates import MONTHS, when
from keepsake.memory.domains.frames import FRAMES, RELATIONS
from keepsake.memory.domains.other_languages import asked_abroad
from keepsake.memory.domains.spelling import without_asides
from keepsake.memory.languages.detection import ENGLISH, STOP, language_of
from keepsake.memory.languages.letters import (
    WORD,
    folded,
    words_of,
)
from keepsake.memory.searching.names import NO_NAMES, named_people, without_names
from keepsake.memory.searching.overview import persons_asked_about
from keepsake.memory.searching.terms import stems, terms, word_stems

BROAD = frozenset(
    {"taste", "prefers", "goal", "plays", "has", "does", "is", "uses", "works_on", "owns_pet"}
)
"""Attributes of so many things that to name one says little of what is asked."""
NAMED = frozenset(
    each.attribute for each in FRAMES
    if each.single and each.filler in {"place", "employer", "company", "school"}
)  # fmt: skip
"""Attributes whose value is a name: `which hospital` says only what kind of thing has it."""
FORMERLY = "formerly_"
"""What the attribute begins with of what was said to be no more."""
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
    r"allerg\w*": ("allergic_to",),
    r"avoid|(?:not|never) (?:eat|drink)": ("allergic_to", "avoids"),
    r"languages?": ("speaks",),
    r"cars?": ("drives",),
    r"university|college|school|degree": ("studied_at",),
    r"hometown|originally|nationality|grow up|grew up": ("from", "born_in", "grew_up_in"),
    r"illness|disease|condition|diagnosis": ("condition",),
    r"instruments?|sports?": ("plays",),
    r"goals?|plans?|dreams?": ("goal",),
}  # fmt: skip
ATTRIBUTE_WORDS = [
    (re.compile(rf"\b(?:{words})\b", re.IGNORECASE), names) for words, names in _ASKED.items()
]
"""Words, and the attributes that they ask for."""
_NAMED_BY_TABLE = frozenset(name for names in _ASKED.values() for name in names)
_PETS = frozenset({"dog", "cat", "puppy", "kitten", "parrot", "rabbit"})
_RELATIVES = "|".join(word for word in RELATIONS if word not in _PETS)
_RELATION = re.compile(
    rf"\b(?:my|our|(?P<whose>[^\W\d_][\w-]*)['’]s) (?:[\w-]+ )?"  # noqa: RUF001
    rf"(?P<who>(?:(?:{_RELATIVES})['’]s )*(?:{_RELATIVES}))\b",  # noqa: RUF001
    re.IGNORECASE,
)
_OWN = re.compile(r"\b(?:i|i'm|me|my|mine|we|our|us|user)\b", re.IGNORECASE)
_PAST = re.compile(
    r"\b(?:did|was|were|had|used to|before|previous(?:ly)?|former(?:ly)?|once|until|ago)\b",
    re.IGNORECASE,
)
_POLAR = re.compile(r"(?:do|does|did|am|is|are|was|were|have|has|had|can|will)\b", re.IGNORECASE)
_ACTING = re.compile(
    r"\b(?:do|does|did)\s+(?!(?:the|an?|this|that|these|those|any|some|no|not|all|he|she|"
    r"it|they|you|who|there|my|our|your|his|her|its|their|any(?:one|body|thing)|to|what)\b)"
    r"(?P<name>[^\W\d_][\w-]+)|\b(?P<owner>[^\W\d_][\w-]+)['’]s\b",  # noqa: RUF001
    re.IGNORECASE,
)
_OF_ASSISTANT = re.compile(
    r"\b(?:did|had) (?:you|the assistant)\b(?! know| remember)"
    r"|\b(?:you|the assistant) (?:have |had |just |also )*(?:\w+ed|said|told|gave|wrote|made)\b"
    r"|\b(?:your|the assistant's) (?:advice|answer|recommendation|suggestion|reply)",
    re.IGNORECASE,
)
_RELATION_WORDS = frozenset(RELATIONS)
_NOW = re.compile(
    r"\b(?:now|currently|still|nowadays|presently|these days|at (?:the moment|present)|right now|"
    r"exactly|(?:kind|type|sort) of|by any chance|know|remember|tell|please|pls|plz|again|though|"
    r"tho|anyway|actually|what'?s|whos|wheres|hows|whens)\b",
    re.IGNORECASE,
)
"""What says no more of what is asked than the tense does."""
_WHICH = re.compile(r"\b(?:which|what) (?P<noun>[^\W\d_][\w-]+)", re.IGNORECASE)
_NAMING = re.compile(r"\b(?:who|whose|names?|named|called)\b", re.IGNORECASE)


@lru_cache(maxsize=1 << 14)
def _kind_terms(kind: str) -> frozenset[str]:
    return frozenset(terms(kind.removesuffix(" name")))


def attribute_kind(attribute: str) -> str:
    """What an attribute is asked for by: `taste for tea` is a taste."""
    return TASTE if attribute.startswith(f"{TASTE} for ") else attribute


def asked_attributes(query: str) -> frozenset[str]:
    """The attributes that a question names."""
    return frozenset(
        name for words, names in ATTRIBUTE_WORDS if words.search(query) for name in names
    )


def names_attribute(attributes: frozenset[str], text: str) -> bool:
    """Whether a text has a word for any of some attributes."""
    return any(
        words.search(text) for words, names in ATTRIBUTE_WORDS if not attributes.isdisjoint(names)
    )


def speaks_of_oneself(text: str) -> bool:
    """Whether a text is about its speaker."""
    return _OWN.search(text) is not None


def is_relative(subject: str) -> bool:
    """Whether a subject is a relation of the user's, and no name."""
    return set(subject.replace("'s", "").split()) <= _RELATION_WORDS


def own_name(subject: str) -> str:
    """The name alone of `sister ana`; nothing of a relation that has no name."""
    words = [] if "'s" in subject else subject.split()
    return " ".join(word for word in words if word not in _RELATION_WORDS)


def is_about_the_past(query: str) -> bool:
    """Whether a question is about what was."""
    return _PAST.search(query) is not None


def asked_subjects(query: str, people: frozenset[str]) -> frozenset[str]:
    """Whose: a relation of the user's or of somebody's, else the people named, else the user."""
    relations = frozenset(map(_relative, _RELATION.finditer(query)))
    return relations or people or frozenset({"user"} if _OWN.search(query) else ())


def _relative(match: re.Match[str]) -> str:
    """`my sister` is `sister`, `Bob's sister` is `bob's sister`."""
    who, whose = folded(match["who"]), folded(match["whose"] or "")
    return f"{whose}'s {who}" if whose else who


def _acting(query: str) -> frozenset[str]:
    """Whom a question says to do or to have something, but for the user and relatives."""
    words = {folded(match["name"] or match["owner"]) for match in _ACTING.finditer(query)}
    return frozenset(word for word in words if not _is_plain(word))


def proper_names(query: str) -> frozenset[str]:
    """The names in a sentence: what has a capital elsewhere than at its beginning."""
    if query.isupper():
        return frozenset()
    names = {folded(word) for word in WORD.findall(query)[1:] if word[0].isupper()}
    return frozenset(word.removesuffix("'s") for word in names if not _is_plain(word))


def _is_plain(word: str) -> bool:
    """Whether a word is surely no name, whatever its case."""
    known = word in STOP or word in NO_NAMES or _OWN.fullmatch(word)
    return bool(known) or any(words.fullmatch(word) for words, _ in ATTRIBUTE_WORDS)


_NAMED_YEAR = re.compile(r"\b(?:19|20)\d\d\b")
_MONTH = re.compile(rf"\b({'|'.join(name for name in MONTHS if name != 'may')})\b", re.IGNORECASE)
_MAY = re.compile(r"\bMay\b(?! (?:I|we|you|he|she|they)\b)")


@dataclass(frozen=True, slots=True)
class ParsedQuestion:
    """What is looked for.

    asked: the words of it. text, terms: what to embed, and its words.
    speakers: those named.
    months, years: those named, of any year and any month when the other is not.
    first, last: the bounds of a relative time, such as last week.
    subjects, attributes: of the facts that it asks for.
    acting: stems of the names of whom it says to do or have something, of those who are unknown.
    names: those of all other names; an answer speaks of each of both.
    objects: the words that say what is asked about, beside whose and which attribute.
    which: those of them that say what kind of thing is asked for.
    called: the names in it.
    whole: whom it is about as a whole; all that is known of them is asked for.
    past: it is about what was. polar: it wants a yes or no. of_assistant: what that said.
    foreign: it is in another language than English, of which little more than words is read.
    """

    asked: str
    text: str
    terms: tuple[str, ...]
    speakers: frozenset[str] = frozenset()
    months: frozenset[int] = frozenset()
    years: frozenset[int] = frozenset()
    first: date | None = None
    last: date | None = None
    subjects: frozenset[str] = frozenset()
    attributes: frozenset[str] = frozenset()
    acting: frozenset[str] = frozenset()
    names: frozenset[str] = frozenset()
    objects: frozenset[str] = frozenset()
    which: frozenset[str] = frozenset()
    past: bool = False
    polar: bool = False
    of_assistant: bool = False
    foreign: bool = False
    naming: bool = False
    called: frozenset[str] = frozenset()
    whole: frozenset[str] = frozenset()

    def asks_for(self, subject: str, kind: str) -> bool:
        """Whether facts of a kind (see `attribute_kind`) may be the answer.

        `sister ana` is the user's sister; the attribute `budget` is asked for by its own words.
        """
        relatives = set() if "'s" in subject else set(subject.split())
        whose = not self.subjects.isdisjoint({subject, *relatives})
        return (whose and kind in self.attributes) or self._asks_by_words(subject, kind)

    def _asks_by_words(self, subject: str, kind: str) -> bool:
        """Whether its words name the attribute.

        `My cat's name` is a fact of the user's, as it names the cat; `my sister's budget` is none.
        """
        if self.foreign or (kind.endswith(" name") and not self.naming):
            return False
        if kind in _NAMED_BY_TABLE:
            return False
        if subject == "user" and subject not in self.subjects and not self.speakers:
            whose = (stems(each.replace("'s", "")) for each in self.subjects)
            if self.subjects and not any(words <= _kind_terms(kind) for words in whose):
                return False
        owners = self.speakers or self.subjects | {"user"}
        return subject in owners and _kind_terms(kind) <= set(self.terms)

    def covered_by(self, words: frozenset[str], kind: str) -> bool:
        """Whether a fact of a kind, with some words, is about all that is asked about."""
        return self.objects - (self.which if kind in NAMED else frozenset()) <= words

    @property
    def timed(self) -> bool:
        """Whether it speaks of a time."""
        return bool(self.months or self.years or self.first)


def parse_question(
    query: str, speakers: Iterable[str], subjects: Iterable[str], today: date,
    languages: Iterable[str] = (), own_names: Iterable[str] = (),
) -> ParsedQuestion:  # fmt: skip
    """Read a query; who is named is matched to the speaker, not to words about them.

    In a conversation everybody says everybody's name, so it finds the wrong turns.

    subjects: those of the facts that are stored. languages: those of what is stored.
    own_names: what the user is called.
    """
    query = without_asides(query).strip() or query
    named = named_people(query, speakers)
    people = named | named_people(query, [each for each in subjects if each != "user"])
    called = frozenset(word for name in people for word in name.split())
    bare = without_names(query, named)
    words = tuple(dict.fromkeys(
        term for language in (ENGLISH, *languages) for term in terms(bare, language)
    ))  # fmt: skip
    months = frozenset(MONTHS.index(name.lower()) + 1 for name in _MONTH.findall(query))
    years = frozenset(map(int, _NAMED_YEAR.findall(query)))
    whole = persons_asked_about(query, {*speakers, *subjects}, own_names)
    read = ParsedQuestion(query, bare, words, named, months, years, called=called, whole=whole)
    if language_of(query) != ENGLISH:
        attributes = asked_abroad(query)
        subjects = people or frozenset({"user"} if attributes else ())
        return replace(read, attributes=attributes, subjects=subjects, foreign=True)
    return _read_in_english(read, people, today)


def _read_in_english(read: ParsedQuestion, people: frozenset[str], today: date) -> ParsedQuestion:
    """With all that the rules for English know of a question; people: whom it names."""
    query, called = read.asked, read.called
    months = read.months | ({5} if _MAY.search(query) else set())
    period = None if months or read.years else when(query, today)
    acting = stems(" ".join(_acting(query) - called))
    attributes, past = asked_attributes(query), is_about_the_past(query)
    if past:
        attributes |= {f"{FORMERLY}{name}" for name in attributes}
    return replace(
        read,
        months=months,
        first=period.first if period else None,
        last=period.last if period else None,
        subjects=asked_subjects(query, people),
        attributes=attributes,
        acting=acting,
        names=stems(" ".join(proper_names(query) - called)) - acting,
        objects=_objects(read.text, called),
        which=stems(" ".join(match["noun"] for match in _WHICH.finditer(read.text))),
        past=past,
        polar=_POLAR.match(query) is not None,
        of_assistant=_OF_ASSISTANT.search(query) is not None,
        naming=_NAMING.search(query) is not None,
        called=called | proper_names(query),
    )


def _objects(query: str, called: frozenset[str]) -> frozenset[str]:
    """The stems of the words that say what is asked about, beside whose and which attribute.

    The kind of a pet is one of them: who has a dog has no cat.
    """
    for pattern in (_PAST, _NOW, _NAMING, *(words for words, _ in ATTRIBUTE_WORDS)):
        query = pattern.sub(lambda match: match[0] if match[0].lower() in _PETS else " ", query)
    words = (word for word in words_of(query) if word in _PETS or not _is_plain(word))
    return frozenset(stem for word in words if word not in called for stem in word_stems(word))
