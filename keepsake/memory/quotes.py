"""Whether a model's quote stands in what was said, and whether an answer says yes."""

import re
import unicodedata

from keepsake.memory.searching.terms import STOP, UNSPACED

_ELLIPSIS = re.compile(r"\[?(?:…|\.{3,})\]?")
_APOSTROPHE = re.compile(r"(?<=\w)['\u2018\u2019\u02bc`\u00b4](?=\w)")
_DENIES = re.compile(
    r"\b(?:no|nope|nah|not|never|\w+nt|wrong|incorrect|nein|nicht|kein\w*|non|pas|não|nie|нет|не|"
    r"い い え|不|否|没)\b"
)
_AFFIRMS = re.compile(
    r"\b(?:yes|yeah|yep|yup|aye|sure|right|correct|exactly|indeed|true|absolutely|definitely|"
    r"certainly|totally|of course|(?:i|we) (?:do|am|are|did|have|was|were|will|can|still)|ja|"
    r"jawohl|oui|sí|si|sim|tak|да|は い|是|对|嗯)\b"
)
"""An answer as words are compared (`compared`)."""


def compared(text: str) -> str:
    """A text as words are compared: without case, punctuation and forms of type.

    Words stand with a blank between them. Those of scripts without blanks are told apart by
    character, so that it does not matter where somebody puts one.
    """
    plain = _APOSTROPHE.sub("", unicodedata.normalize("NFKC", text).casefold())
    letters = "".join(each if unicodedata.category(each)[0] in "LNM" else " " for each in plain)
    return " ".join(UNSPACED.sub(lambda match: f" {' '.join(match[0])} ", letters).split())


def quotes(quote: str, text: str) -> bool:
    """Whether a text has the words of a quote; what an ellipsis leaves out may stand between."""
    parts = [compared(part) for part in _ELLIPSIS.split(quote)]
    rest, told = f" {compared(text)} ", [part for part in parts if part]
    for part in told:
        _, there, after = rest.partition(f" {part} ")
        if not there:
            return False
        rest = f" {after}"
    return bool(told)


def says_yes(answer: str, question: str) -> bool:
    """Whether an answer says yes to a question: `Still in Lisbon` does so by a word of it."""
    said, asked = compared(answer), compared(question)
    repeated = not _telling(said).isdisjoint(_telling(asked))
    return not _DENIES.search(said) and (repeated or _AFFIRMS.search(said) is not None)


def _telling(plain: str) -> frozenset[str]:
    """The words of a text that tell something."""
    return frozenset(plain.split()) - STOP
