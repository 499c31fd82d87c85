"""Whether a model's quote stands in what was said, and whether an answer says yes."""

import re

from keepsake.memory.languages.detection import STOP
from keepsake.memory.languages.letters import spaced, words_of

_ELLIPSIS = re.compile(r"\[?(?:…|\.{3,})\]?")
_APOSTROPHE = re.compile(r"(?<=\w)['\u2018\u2019\u02bc`\u00b4](?=\w)")
_DENIES = re.compile(
    r"(?<!\S)(?:no|nope|nah|not|never|\w+nt|wrong|incorrect|nein|nicht|kein\w*|nie|non|pas|jamais|"
    r"nunca|nao|niet|nee|geen|nej|nei|inte|ikke|hayir|degil|нет|не|ні|لا|ليس|नहीं|"
    r"아 니 요|아 니|아 뇨|い い え|不|否|没|ไ ม่)(?!\S)"
)
_AFFIRMS = re.compile(
    r"(?<!\S)(?:yes|yeah|yep|yup|aye|sure|right|correct|exactly|indeed|true|absolutely|definitely|"
    r"certainly|totally|of course|(?:i|we) (?:do|am|are|did|have|was|were|will|can|still)|ja|"
    r"jawohl|oui|si|sim|tak|да|так|da|evet|نعم|हां|네|예|は い|是|对|嗯|ใ ช่)(?!\S)"
)
"""An answer as words are compared (`compared`)."""


def compared(text: str) -> str:
    """A text as words are compared: without case, accents, punctuation and forms of type.

    Words stand with a blank between them. Those of scripts without blanks are told apart by
    letter, so that it does not matter where somebody puts one.
    """
    return spaced(words_of(_APOSTROPHE.sub("", text)))


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
