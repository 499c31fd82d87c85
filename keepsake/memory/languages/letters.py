"""Texts and words as they are compared: whatever their case, accents and forms of type.

A word ends where its script does: `我在Google上班` is three words, `Google에서` two.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import groupby, pairwise

_TYPED = str.maketrans({
    "\N{RIGHT SINGLE QUOTATION MARK}": "'", "\N{MODIFIER LETTER APOSTROPHE}": "'",
    "\N{ZERO WIDTH SPACE}": " ",
    **dict.fromkeys("\u00ad\u0640\u200c\u200d\u200e\u200f\u2060\ufeff"),
})  # fmt: skip
"""What is only typed: kinds of apostrophes, and what is seen by nobody or makes a line longer."""
_ALIKE = str.maketrans({
    "ł": "l", "ø": "o", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ħ": "h", "ŋ": "n",
    "\N{LATIN SMALL LETTER DOTLESS I}": "i",
    "\N{ARABIC LETTER ALEF MAKSURA}": "\N{ARABIC LETTER YEH}",
    "\N{ARABIC LETTER FARSI YEH}": "\N{ARABIC LETTER YEH}",
    "\N{ARABIC LETTER KEHEH}": "\N{ARABIC LETTER KAF}",
    "\N{ARABIC LETTER TEH MARBUTA}": "\N{ARABIC LETTER HEH}",
    "\N{DEVANAGARI SIGN CANDRABINDU}": "\N{DEVANAGARI SIGN ANUSVARA}",
})  # fmt: skip
"""Letters that many write as another one."""
_ACCENTS = re.compile(
    r"(?<=[a-z])[\u0300-\u036f]+|(?<=[\u0370-\u03ff])[\u0300-\u036f]+|(?<=\u0435)\u0308|"
    r"(?<=[\u0400-\u04ff])[\u0300\u0301]|[\u0591-\u05c7\u064b-\u065f\u0670]"
)
"""The accents of Latin and Greek, `ё`, stresses, and the points of Hebrew and Arabic."""
_DIGIT = re.compile(r"(?![0-9])\d")
_MARKS = "".join(chr(code) for code in range(0x300, 0x1E00)
                 if unicodedata.category(chr(code))[0] == "M")  # fmt: skip
_LETTERS = rf"(?:[^\W_]+[{_MARKS}]*)+"
_PLAIN_WORD = re.compile(r"[a-z0-9]+(?:'[a-z0-9]+)?")
WORD = re.compile(rf"{_LETTERS}(?:'{_LETTERS})?")
"""A word, in whatever script; more than one where the script changes (`words_of`)."""
LATIN = "LATIN"
_BLANKLESS = frozenset({
    "CJK", "HIRAGANA", "KATAKANA", "THAI", "LAO", "KHMER", "MYANMAR", "TIBETAN", "BOPOMOFO",
})  # fmt: skip
"""Scripts without blanks between words."""
_JOINED = _BLANKLESS | {
    "HANGUL", "DEVANAGARI", "BENGALI", "GURMUKHI", "GUJARATI", "ORIYA", "TAMIL", "TELUGU",
    "KANNADA", "MALAYALAM", "SINHALA",
}  # fmt: skip
"""Scripts of languages that join words, or endings to words, which are found by their parts."""
_CLUSTER = re.compile(rf".[{_MARKS}]*")
_WITH_ACCENTS = [
    chr(code)
    for first, end in ((0xC0, 0x250), (0x370, 0x530), (0x1E00, 0x2000))
    for code in range(first, end)
]
QUESTION_MARKS = ("?", "\N{FULLWIDTH QUESTION MARK}", "\N{ARABIC QUESTION MARK}")
"""How a question ends."""


def folded(text: str) -> str:
    """A text in lower case, in one form of each letter and digit, and without accents."""
    plain = text.casefold()
    if plain.isascii():
        return plain
    plain = plain.translate(_TYPED)
    if plain.isascii():
        return plain
    parted = _ACCENTS.sub("", unicodedata.normalize("NFKD", plain).casefold())
    return _DIGIT.sub(_as_digit, unicodedata.normalize("NFC", parted).translate(_ALIKE))


def _as_digit(match: re.Match[str]) -> str:
    return str(unicodedata.decimal(match[0]))


def words_of(text: str) -> list[str]:
    """The words of a text, folded, each of one script."""
    plain = folded(text)
    if plain.isascii():
        return [word.removesuffix("'s") for word in _PLAIN_WORD.findall(plain)]
    return [run.removesuffix("'s") for word in WORD.findall(plain) for run in _runs(word)]


def _runs(word: str) -> Iterator[str]:
    """A word in parts of one script."""
    if word.isascii():
        yield word
        return
    script = LATIN
    numbered = []
    for letter in word:
        script = _script(letter) or script
        numbered.append((script, letter))
    for _, run in groupby(numbered, key=lambda each: each[0]):
        yield "".join(letter for _, letter in run).strip("'")


@lru_cache(maxsize=1 << 14)
def _script(letter: str) -> str:
    """The script of a letter; nothing of what goes with any, such as an accent."""
    if letter.isdecimal():
        return LATIN
    if letter == "'" or unicodedata.category(letter) in {"Mn", "Mc", "Me", "Lm"}:
        return ""
    name = unicodedata.name(letter, "").split(" ")[0].split("-")[0]
    return "CJK" if name == "IDEOGRAPHIC" else name


def script_of(word: str) -> str:
    """The script of a word (`words_of`)."""
    return _script(word[0])


def is_blankless(script: str) -> bool:
    """Whether a script has no blanks between words."""
    return script in _BLANKLESS


def parts(word: str) -> list[str]:
    """By what a word is found: itself, or where words are joined its letters, single and paired."""
    if script_of(word) not in _JOINED:
        return [word]
    letters = letters_of(word)
    return letters + [first + second for first, second in pairwise(letters)]


def letters_of(word: str) -> list[str]:
    """The letters of a word, each with its marks."""
    return _CLUSTER.findall(word)


def spaced(words: Iterable[str]) -> str:
    """Words with a blank between them; where no blank shows the end of one, between letters."""
    return " ".join(" ".join(letters_of(word)) if is_open(word) else word for word in words)


def is_open(word: str) -> bool:
    """Whether more may be joined to a word: a particle in Korean, all else in Chinese."""
    script = script_of(word)
    return script == "HANGUL" or is_blankless(script)


def spelled(word: str) -> str:
    """A pattern of a word in all its forms, for what is not folded."""
    return "".join(map(_forms, folded(word)))


@lru_cache(maxsize=1 << 12)
def _forms(letter: str) -> str:
    """A letter with and without accents, as one or as two characters."""
    same = [each for each in _WITH_ACCENTS if folded(each) == letter]
    return f"[{''.join(map(re.escape, (letter, *same)))}][\u0300-\u036f]*"
