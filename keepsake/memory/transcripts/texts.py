"""Markdown and plain text: speakers named in headings, in bold, or before a colon."""

import re
from collections.abc import Iterator

from keepsake.memory.models import Turn
from keepsake.memory.transcripts.pairs import Message, side, turns

_HEADING = re.compile(
    r"^\s{0,3}(?:#{1,6}\s*|\*\*|__)\s*(?P<name>[\w .-]{1,30}?)\s*(?::|\*\*|__|$)\s*"
    r"(?:\*\*|__)?\s*:?\s*(?P<rest>.*)$"
)
_COLON = re.compile(r"^\s*(?P<name>[A-Za-z][\w .-]{0,30}?)\s*:\s*(?P<rest>.*)$")
_RULE = re.compile(r"^\s*(?:-{3,}|\*{3,}|_{3,})\s*$")
_FENCE = re.compile(r"^\s*```")


def read(text: str) -> list[Turn]:
    """The turns of a text; none when it names no speakers."""
    return turns(_messages(text))


def _messages(text: str) -> Iterator[Message]:
    from_user: bool | None = None
    lines: list[str] = []
    fenced = False
    for line in text.splitlines():
        fenced ^= _FENCE.match(line) is not None
        found = None if fenced else _speaker(line)
        if found is not None:
            if from_user is not None:
                yield Message(from_user, "\n".join(lines))
            from_user, lines = found[0], [found[1]]
        elif fenced or not _RULE.match(line):
            lines.append(line)
    if from_user is not None:
        yield Message(from_user, "\n".join(lines))


def _speaker(line: str) -> tuple[bool, str] | None:
    """Who begins to speak in a line, and what of it is said."""
    for pattern in (_HEADING, _COLON):
        match = pattern.match(line)
        from_user = side(match["name"]) if match else None
        if match and from_user is not None:
            return from_user, match["rest"]
    return None
