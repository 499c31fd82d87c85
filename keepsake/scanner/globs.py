"""Patterns of paths as in a `.gitignore`, in time that grows with the path alone.

`*.py` fits a name in any folder, `src/*.py` and `/src` fit from the root on. `**` stands for any
folders, `?` for a character, `[a-z]` for one of some. What fits a folder fits all inside it.
"""

import re
from collections.abc import Iterable, Sequence
from functools import cache

_MOST_CHARACTERS = 300
_ANY_FOLDERS = "**"
_CLASS = re.compile(r"\[([!^]?)(\]?[^\]]*)\]")


class BadPattern(ValueError):
    """A text that is no pattern of paths."""


def checked_pattern(text: str) -> str:
    """A pattern as it was written.

    Raises:
        BadPattern: It is none.
    """
    parts = text.strip("/").split("/")
    if not text.isprintable() or not text.strip() or len(text) > _MOST_CHARACTERS:
        raise BadPattern(f"must be printable, of 1 to {_MOST_CHARACTERS} characters")
    if text.startswith("!"):
        raise BadPattern("must not begin with `!`: name what to leave out in `exclude`")
    if any(part in ("", ".", "..") for part in parts):
        raise BadPattern("must have no empty part, and neither `.` nor `..`")
    PathPattern(text)
    return text


class PathPattern:
    """One pattern."""

    def __init__(self, text: str) -> None:
        body = text.strip("/")
        self._only_folders = text.endswith("/")
        parts = body.split("/")
        if "/" not in text.rstrip("/"):
            parts = [_ANY_FOLDERS, *parts]
        if parts[-1] == _ANY_FOLDERS:
            parts.append("*")
        self._parts = [None if part == _ANY_FOLDERS else _expression(part) for part in parts]

    def fits(self, names: Sequence[str], *, whole: bool = False) -> bool:
        """Whether a path, as its names, fits, or a folder around it; `whole`: the path alone."""
        places = self._skipped({0})
        for position, name in enumerate(names, 1):
            places = self._skipped(
                {
                    place if part is None else place + 1
                    for place in places
                    if place < len(self._parts)
                    and ((part := self._parts[place]) is None or part.match(name))
                }
            )
            last = position == len(names)
            if len(self._parts) in places and (last or not whole):
                return not (last and self._only_folders)
        return False

    def _skipped(self, places: set[int]) -> set[int]:
        """The places, and those that are reached as `**` stands for no folder."""
        for place in range(len(self._parts)):
            if place in places and self._parts[place] is None:
                places.add(place + 1)
        return places


class Globs:
    """Some patterns."""

    def __init__(self, patterns: Iterable[str]) -> None:
        self._patterns = [PathPattern(pattern) for pattern in patterns]

    def __bool__(self) -> bool:
        return bool(self._patterns)

    def fit(self, path: str) -> bool:
        """Whether any of them fits a path."""
        names = path.split("/")
        return any(pattern.fits(names) for pattern in self._patterns)


@cache
def _expression(part: str) -> re.Pattern[str]:
    """One name's pattern; each `*` takes as little as it can, and nothing is tried twice."""
    pieces = [""]
    position = 0
    while position < len(part):
        char = part[position]
        position += 1
        if char == "*":
            pieces.append("")
        elif char == "?":
            pieces[-1] += "."
        elif char == "[":
            match = _CLASS.match(part, position - 1)
            if match is None:
                raise BadPattern("must close each `[`")
            pieces[-1] += _characters(match)
            position = match.end()
        else:
            if char == "\\" and position < len(part):
                char, position = part[position], position + 1
            pieces[-1] += re.escape(char)
    first, *rest = pieces
    middle = "".join(f"(?>.*?{piece})" for piece in rest[:-1] if piece)
    end = f".*{rest[-1]}" if rest else ""
    try:
        return re.compile(rf"{first}{middle}{end}\Z", re.DOTALL)
    except re.error:
        raise BadPattern("must have ranges such as `[a-z]`") from None


def _characters(match: re.Match[str]) -> str:
    negated = "^" if match[1] else ""
    inside = re.sub(r"([\\\[\]&~|^])", r"\\\1", match[2])
    return f"[{negated}{inside}]"
