"""How many tokens a text takes in a prompt: an upper bound, as every model counts otherwise."""

import re
from collections.abc import Mapping
from typing import Any

_COMMENT = re.compile(r"\s*[:{]?\s(?:#|//)\s")
_PARTS = 3
"""Of a token, which an ASCII character takes one of; a byte of other characters takes two."""


def token_parts(text: str) -> int:
    """The thirds of a token that a text takes. Those of two texts add up."""
    if text.isascii():
        return len(text)
    others = len(text.encode()) - sum(map(str.isascii, text))
    return sum(map(str.isascii, text)) + 2 * others


def token_count(text: str) -> int:
    """The tokens that a text takes at most."""
    return -(-token_parts(text) // _PARTS)


def shown_signature(symbol: Mapping[str, Any], most_chars: int) -> str:
    """A symbol's signature, or its name; without a comment that stands before the body."""
    signature = _COMMENT.split(symbol["signature"] or symbol["name"], maxsplit=1)[0]
    return signature[:most_chars]


class TokenBudget:
    """What is left of a number of tokens."""

    def __init__(self, tokens: int) -> None:
        self._left = tokens * _PARTS

    def take(self, text: str) -> bool:
        """Whether a line still fits; it is taken then, with its line break."""
        parts = token_parts(text) + 1
        if parts > self._left:
            return False
        self._left -= parts
        return True
