"""Messages of other projects as Keepsake takes them."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

_TOGETHER = 50
_LONGEST = 20_000


def requests_of(messages: Iterable[Mapping[str, Any]]) -> Iterator[list[dict[str, str]]]:
    """Lists that `memory.add` takes, in order; one in which the user says nothing is left out.

    A message has `role` and `content`: a text, or parts of which those with a `text` are kept.
    """
    pieces = [
        {"role": str(message["role"]), "content": piece}
        for message in messages
        for piece in _pieces(text_of(message.get("content")))
    ]
    for first in range(0, len(pieces), _TOGETHER):
        some = pieces[first : first + _TOGETHER]
        if any(piece["role"] == "user" for piece in some):
            yield some


def text_of(content: object) -> str:
    """What a message says; empty when that is no text."""
    if isinstance(content, str):
        return content.strip()
    parts = content if isinstance(content, (list, tuple)) else []
    return "\n".join(str(part["text"]) for part in parts if _has_text(part)).strip()


def _has_text(part: object) -> bool:
    return isinstance(part, Mapping) and isinstance(part.get("text"), str)


def _pieces(text: str) -> list[str]:
    return [text[first : first + _LONGEST] for first in range(0, len(text), _LONGEST)]
