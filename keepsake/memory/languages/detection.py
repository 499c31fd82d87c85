"""Which language a text is in, and which of its words tell nothing.

A text is of the language most of whose words it has; in doubt it is English. Languages that share
no letters with others are told by their script, whose name they have here.
"""

import re
import tomllib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from importlib.resources import files
from unicodedata import normalize

from keepsake.memory.languages.letters import LATIN, is_blankless, script_of, words_of

ENGLISH = "english"
_STOP_WORDS = (
    "a about all am an and any are as at be been being but by can could did do does doing done "
    "don't didn't for from get got had has have he her him his how i i'm i've if in into is it "
    "it's its just like many may me might more most much my no not of on or our really s she "
    "should so some t than that that's the their them then there these they this those to us was "
    "we were what when where which who whom whose why will with would yes you your"
)
STOP = frozenset(_STOP_WORDS.split())
"""Words of English that tell nothing."""
_LATIN_LETTER = re.compile(r"[\u00df-\u00f6\u00f8-\u024f\u1e00-\u1eff]")
JOINING_NOUNS = (
    "german", "dutch", "swedish", "danish", "norwegian", "finnish", "hungarian",
)  # fmt: skip
"""Languages that write a noun of several as one word."""
_SPEAKER = re.compile(r"\b(?:i|me|my|mine|myself|we|us|our|ours)\b", re.IGNORECASE)
_LETTERS_OF_A_WORD = 2
"""How many letters of a script without blanks say as much as a word."""


_TABLE: Mapping[str, Mapping[str, str]] = tomllib.loads(
    files(__package__).joinpath("languages.toml").read_text("utf-8")
)
LANGUAGES = tuple(_TABLE["common"])
"""The languages that have Latin letters, those that are spoken by more people first."""


@cache
def stop_words(language: str) -> frozenset[str]:
    """The words that tell nothing in a text of a language, those of other scripts among them."""
    own = STOP if language == ENGLISH else _folded(_TABLE["stop"][language])
    return own.union(*map(_folded, _TABLE["stop_of_other_scripts"].values()))


def language_of(
    text: str, words: Iterable[str] | None = None, *, otherwise: str = ENGLISH, least: float = 0.5
) -> str:
    """The language of a text, or the script of one that is not Latin; English in doubt.

    words: those of the text (see `words_of`), if they are known. otherwise: what it is when fewer
    than `least` of its words are of any one language.
    """
    said, known = frozenset(words_of(text) if words is None else words), _vocabulary()
    strange = said - _english()
    written = [] if text.isascii() else list(_written(text))
    if not written and not any(
        each in known or "'" in each or not each.isascii() for each in strange
    ):
        return ENGLISH if len(said) - len(strange) >= least else otherwise  # most turns: fast
    votes = _votes(said)
    for language in written:
        votes[language] += 1
    most = max(votes.values(), default=0)
    if most < least:
        return otherwise
    return next(each for each in (*LANGUAGES, *votes) if votes[each] == most)


def names_speaker(text: str, language: str = ENGLISH) -> bool:
    """Whether a text says `I`, `my` or `we`, or is in a language in which it may need no such word.

    language: the one with Latin letters that it is in.
    """
    latin = text.isascii() or 2 * sum(map(str.isascii, text)) > len(text)
    return language != ENGLISH or not latin or _SPEAKER.search(text) is not None


def _votes(words: Iterable[str]) -> defaultdict[str, float]:
    """How many words each language has, and how much is written in each other script."""
    known, votes = _vocabulary(), defaultdict[str, float](float)
    for word in words:
        if word in known:
            for language in known[word]:
                votes[language] += 1
        elif not word.isascii() and (script := script_of(word)) != LATIN:
            votes[script] += len(word) / _LETTERS_OF_A_WORD if is_blankless(script) else 1
        else:
            for language in (each for part in word.split("'") for each in known.get(part, ())):
                votes[language] += 1
    return votes


def _written(text: str) -> Iterator[str]:
    """The languages that have all the letters of a text that are not English."""
    foreign = set(_LATIN_LETTER.findall(normalize("NFC", text).lower()))
    if foreign:
        yield from (name for name, letters in _TABLE["letters"].items() if foreign <= set(letters))


@cache
def _vocabulary() -> Mapping[str, tuple[str, ...]]:
    """Each word with the languages that have it."""
    having: dict[str, tuple[str, ...]] = {}
    for language, common in _TABLE["common"].items():
        stop = STOP if language == ENGLISH else _folded(_TABLE["stop"][language])
        for word in stop | _folded(common):
            having[word] = (*having.get(word, ()), language)
    return having


@cache
def _english() -> frozenset[str]:
    return frozenset(word for word, having in _vocabulary().items() if ENGLISH in having)


def _folded(words: str) -> frozenset[str]:
    return frozenset(words_of(words))
