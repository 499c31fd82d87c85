"""Flattened data of pages: one array, in which each value stands once and is named by its index.

`[{"_1": 2}, "title", "Lima"]` is `{"title": "Lima"}`. Negative numbers say null and undefined; an
array that begins with a string is a typed value: a date, a promise.
"""

import json
import re
from collections.abc import Mapping
from typing import Any

_KEY = re.compile(r"_(\d{1,9})")
_PROMISED = re.compile(r"^P(\d{1,9}):")
_MOST_DEPTH = 60
_COPIES = 10
"""How many times the size of the array its values may be: they may name each other again."""


class _TooMuch(Exception):
    """The values name each other without end."""


def is_flattened(value: Any) -> bool:
    """Whether a document is such an array."""
    if not isinstance(value, list) or not value or not isinstance(value[0], Mapping):
        return False
    return bool(value[0]) and all(_KEY.fullmatch(key) for key in value[0])


def streamed(text: str) -> Any:
    """What a page's stream says: the first line is the data, others keep its promises."""
    table: list[Any] = []
    roots: dict[int, int] = {}
    for line in text.splitlines():
        promise = _PROMISED.match(line)
        try:
            values = json.loads(line[promise.end() :] if promise else line)
        except (ValueError, RecursionError):
            continue
        if isinstance(values, list):
            if promise:
                roots[int(promise[1])] = len(table)
            table += values
    return _resolved(table, roots)


def unflattened(table: list[Any]) -> Any:
    """The document that an array says; None when it is too much."""
    return _resolved(table, {})


def _resolved(table: list[Any], roots: Mapping[int, int]) -> Any:
    try:
        return _Table(table, roots).at(0, 0)
    except _TooMuch:
        return None


class _Table:
    """Resolves references, up to a number of values."""

    def __init__(self, values: list[Any], roots: Mapping[int, int]) -> None:
        self._values = values
        self._roots = roots
        self._left = _COPIES * len(values) + 1_000

    def at(self, index: Any, depth: int) -> Any:
        """The value of an index; None where there is none."""
        self._left -= 1
        if self._left < 0 or depth > _MOST_DEPTH:
            raise _TooMuch
        if not isinstance(index, int) or not 0 <= index < len(self._values):
            return None
        value = self._values[index]
        if isinstance(value, Mapping):
            return {str(self._key(key)): self.at(inner, depth + 1) for key, inner in value.items()}
        if not isinstance(value, list):
            return value
        if value and isinstance(value[0], str):
            return self._typed(value, depth)
        return [self.at(inner, depth + 1) for inner in value]

    def _key(self, key: str) -> Any:
        match = _KEY.fullmatch(key)
        index = int(match[1]) if match else len(self._values)
        return self._values[index] if index < len(self._values) else key

    def _typed(self, value: list[Any], depth: int) -> Any:
        """A date as milliseconds, a promise as what it became; others say nothing here."""
        kind, inner = value[0], value[1] if len(value) > 1 else None
        if kind == "P" and isinstance(inner, int):
            return self.at(self._roots.get(inner, inner), depth + 1)
        return inner if kind == "D" else None
