"""The words of texts as they are compared: stemmed, without accents, in any script."""

import re
import threading
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

import Stemmer

_BLANKLESS = r"\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"
UNSPACED = re.compile(f"[{_BLANKLESS}]+")
"""Scripts without blanks between words, such as Thai, Chinese and Japanese."""
_MARKS = "".join(chr(code) for code in range(0x300, 0x1E00)
                 if unicodedata.category(chr(code))[0] == "M")  # fmt: skip
_LETTERS = rf"(?:[^\W_{_BLANKLESS}]+[{_MARKS}]*)+"
_PLAIN_WORD = re.compile(r"[a-z0-9]+(?:'[a-z0-9]+)?")
WORD = re.compile(rf"[{_BLANKLESS}]+|{_LETTERS}(?:'{_LETTERS})?")
"""A word, in whatever script."""
_ACCENTED = re.compile(r"(?<=[a-z])[\u0300-\u036f]+")
_STOP_WORDS = (
    "a about all am an and any are as at be been being but by can could did do does doing done "
    "don't didn't for from get got had has have he her him his how i i'm i've if in into is it "
    "it's its just like many may me might more most much my no not of on or our really s she "
    "should so some t than that that's the their them then there these they this those to us was "
    "we were what when where which who whom whose why will with would yes you your"
)
STOP = frozenset(_STOP_WORDS.split())
"""Words that tell nothing."""
_local = threading.local()


def terms(text: str) -> list[str]:
    """The stems of a text's words; all words when nothing but stop words is there."""
    said = words_of(text)
    telling = [word for word in said if word not in STOP]
    return [stem for word in telling or said for stem in word_stems(word)]


def stems(text: str) -> frozenset[str]:
    """The stems of a text's words, each once."""
    return frozenset(terms(text))


def words_of(text: str) -> list[str]:
    """The words of a text, in lower case and without the accents of Latin letters."""
    plain = text.lower().replace("\N{RIGHT SINGLE QUOTATION MARK}", "'")
    pattern = _PLAIN_WORD
    if not plain.isascii():
        parted = unicodedata.normalize("NFKD", plain)
        plain, pattern = unicodedata.normalize("NFC", _ACCENTED.sub("", parted).lower()), WORD
    return [word.removesuffix("'s") for word in pattern.findall(plain)]


@lru_cache(maxsize=1 << 16)
def word_stems(word: str) -> tuple[str, ...]:
    """The stems of a word; of scripts without blanks those of its pairs of characters."""
    return tuple(_stemmer().stemWords(list(_parts(word))))


def _parts(word: str) -> Iterator[str]:
    """Scripts without spaces in pairs of characters."""
    if not UNSPACED.fullmatch(word) or len(word) <= 2:  # noqa: PLR2004 - a pair
        yield word
        return
    yield from (word[at : at + 2] for at in range(len(word) - 1))


def _stemmer() -> Stemmer.Stemmer:
    """One per thread: they keep state."""
    if not hasattr(_local, "stemmer"):
        _local.stemmer = Stemmer.Stemmer("english")
    stemmer: Stemmer.Stemmer = _local.stemmer
    return stemmer
