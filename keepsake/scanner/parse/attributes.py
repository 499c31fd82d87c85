"""What a repository's `.gitattributes` say to those who read its files: GitHub's `linguist-*`.

As git reads them: a file in a deeper folder outweighs those above, and in a file the last line that
fits. `-name` and `name=false` say no, `!name` says nothing.
"""

import re
from collections.abc import Iterator, Mapping
from functools import cached_property

from keepsake.scanner.globs import BadPattern, PathPattern

_PREFIX = "linguist-"
_NAMES = frozenset({"vendored", "generated", "documentation", "detectable", "language"})
_LINE = re.compile(r'\s*("(?:[^"\\]|\\.)*"|\S+)\s+(.*)')
_MACRO = "[attr]"
_MOST_LINES = 5_000
Value = bool | str | None
Setting = tuple[str, Value]


class Attributes:
    """The attributes of a tree's files."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        """`files`: the text of the `.gitattributes` of a folder, by the folder."""
        self._files = files

    def of(self, path: str) -> dict[str, bool | str]:
        """What is said of a path."""
        names = path.split("/")
        facts: dict[str, Value] = {}
        for depth in range(len(names)):
            folder = "/".join(names[:depth])
            for pattern, settings in self._rules.get(folder, ()):
                if pattern.fits(names[depth:], whole=True):
                    facts.update(settings)
        return {name: value for name, value in facts.items() if value is not None}

    @cached_property
    def _rules(self) -> dict[str, list[tuple[PathPattern, list[Setting]]]]:
        macros: dict[str, list[Setting]] = {}
        root = self._files.get("", b"")
        for name, words in _lines(root):
            if name.startswith(_MACRO):
                macros[name.removeprefix(_MACRO)] = list(_settings(words, {}))
        return {folder: list(_file_rules(text, macros)) for folder, text in self._files.items()}


def _file_rules(
    text: bytes, macros: Mapping[str, list[Setting]]
) -> Iterator[tuple[PathPattern, list[Setting]]]:
    for written, words in _lines(text):
        settings = list(_settings(words, macros))
        if settings and not written.startswith(("!", _MACRO)) and not written.endswith("/"):
            try:
                yield PathPattern(written), settings
            except BadPattern:
                continue


def _lines(text: bytes) -> Iterator[tuple[str, list[str]]]:
    """Pattern and words of each line that says something."""
    for line in text.decode("utf-8", "replace").split("\n")[:_MOST_LINES]:
        match = _LINE.match(line)
        if match and not match[1].startswith("#"):
            written = match[1]
            if written.startswith('"'):
                written = re.sub(r"\\(.)", r"\1", written[1:-1])
            yield written, match[2].split()


def _settings(words: list[str], macros: Mapping[str, list[Setting]]) -> Iterator[Setting]:
    for word in words:
        name, _, given = word.lstrip("-!").partition("=")
        if word in macros:
            yield from macros[word]
        elif name.startswith(_PREFIX) and (fact := name.removeprefix(_PREFIX)) in _NAMES:
            yield fact, _value(word, given)


def _value(word: str, given: str) -> Value:
    if word.startswith("!"):
        return None
    if word.startswith("-") or given.lower() == "false":
        return False
    return True if given.lower() in ("", "true") else given
