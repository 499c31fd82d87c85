"""Stored texts in Markdown: one line, in quotes, in which nothing is markup.

A prompt is read by models and people, and stored texts are words of strangers. None of them may
end its line, pose as a heading, open a fence, a tag or a link, or hide what cannot be seen.
"""

import re
import unicodedata

_ADDRESS = re.compile(
    r"(?:[a-z][a-z0-9+.-]{0,31}://|www\.|mailto:|xmpp:)[^\s`<>\"]+", re.IGNORECASE
)
_MARKUP = re.compile(r"[\\`*_\[\]<>~]|(?<=\])\(|(?<!\S)#")
_JOINERS = "\u200c\u200d"
"""What joins letters of some scripts and parts of emoji."""
_HIDING = frozenset({"Cc", "Cf", "Co", "Cn", "Cs"})
_SELECTORS = range(0xE0100, 0xE01F0)
"""Selectors of variants, by which text is hidden in a character."""


def quoted(text: str) -> str:
    """A stored text as part of a line."""
    return f'"{neutral(text)}"'


def neutral(text: str) -> str:
    """A text in one line, in which nothing is markup; addresses stand as code, so link nowhere."""
    line = " ".join(_seen(text).split()).replace('"', "'")
    parts, end = [], 0
    for address in _ADDRESS.finditer(line):
        parts += [_plain(line[end : address.start()]), f"`{address[0]}`"]
        end = address.end()
    return "".join([*parts, _plain(line[end:])])


def _plain(text: str) -> str:
    return _MARKUP.sub(lambda sign: f"\\{sign[0]}", text)


def _seen(text: str) -> str:
    """A text without characters that are not seen."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(map(_shown, text))


def _shown(character: str) -> str:
    if character.isspace():
        return " "
    if ord(character) in _SELECTORS:
        return ""
    hides = unicodedata.category(character) in _HIDING and character not in _JOINERS
    return "" if hides else character
