"""Which packages or namespaces a file declares, and what stands right inside each.

An import of Java, Kotlin, Scala, C# or PHP names these, wherever the file is.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from keepsake.scanner.parse.definitions import Source, in_order
from keepsake.scanner.parse.symbols import Symbols

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tree_sitter import Node

LANGUAGES_WITH_PACKAGES = frozenset({"java", "kotlin", "scala", "csharp", "php"})
_MAX_PACKAGES = 200
_PACKAGE_CHARS = 300
_SEPARATOR = re.compile(r"(?:[\\.]|::)\s*")

Span = tuple[int, int, str]
"""Where a package begins and ends in the file, and its name with dots."""


def packages_of(source: Source, symbols: Symbols) -> list[list[str]]:
    """Each package of the file, followed by the names right inside it."""
    if source.language.name not in LANGUAGES_WITH_PACKAGES:
        return []
    nodes = in_order(source.captures.get("_package", ()))[:_MAX_PACKAGES]
    spans = [(0, len(source.raw), ""), *_spans(source, nodes)]
    inside: dict[str, list[str]] = {package: [] for _, _, package in spans}
    for symbol, (start, _) in zip(symbols.symbols, symbols.spans, strict=True):
        package = _around(spans, start)
        if symbol["kind"] != "module" and _right_inside(package, _plain(symbol["parent"])):
            inside[package].append(symbol["name"])
    return [[package, *names] for package, names in inside.items() if package or names]


def _spans(source: Source, names: Sequence[Node]) -> Iterator[Span]:
    """A clause without a body holds to the end; Scala's are in each other, PHP's replace it."""
    nested = source.language.name != "php"
    before: list[Span] = []
    for name in names:
        clause = name.parent or name
        around = _around(before, name.start_byte) if nested else ""
        own = _plain((name.text or b"")[:_PACKAGE_CHARS].decode("utf-8", "replace"))
        has_body = clause.child_by_field_name("body") is not None
        end = clause.end_byte if has_body else len(source.raw)
        span = (clause.end_byte if not has_body else clause.start_byte, end,
                f"{around}.{own}"[:_PACKAGE_CHARS] if around else own)  # fmt: skip
        before.append(span)
        yield span


def _around(spans: Sequence[Span], place: int) -> str:
    """The package at a place: the last one that began before it and has not ended."""
    return next((name for start, end, name in reversed(spans) if start <= place < end), "")


def _right_inside(package: str, parent: str) -> bool:
    return not parent or f".{package}".endswith(f".{parent}")


def _plain(name: str) -> str:
    """With dots, whatever the language writes: comments and spaces between are no part of it."""
    return ".".join(_SEPARATOR.split("".join(name.split()).replace("`", "")))
