"""By structure: who calls, and who imports.

References are matched by name. A call of a name with one definition in the index is as good as
sure; with several definitions it may mean another one, and the answer says so.
"""

import heapq
from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import TypeVar

from keepsake.scanner.models import NOWHERE
from keepsake.scanner.parse.imports import tail
from keepsake.scanner.search.hits import Use
from keepsake.scanner.search.holders import Holders, holders
from keepsake.scanner.search.modules import means
from keepsake.scanner.search.qualified_names import stored
from keepsake.scanner.store.blobs import Blobs
from keepsake.scanner.store.files import Files
from keepsake.scanner.store.heads import Head
from keepsake.storage.mongo import Document

Place = TypeVar("Place", bound="Call | Import")
_MOST_PLACES = 200_000
_CALLS = {"calls": 1, "symbols.qualified": 1, "symbols.name": 1}


@dataclass(frozen=True, slots=True, order=True)
class Call:
    """A place that calls a name, and the symbol around it."""

    path: str
    line: int
    name: str
    """What is called, as it is written."""
    symbol: str
    short: str
    """The name of the symbol around it, without what it is in."""


@dataclass(frozen=True, slots=True, order=True)
class Import:
    """A place that imports a file."""

    path: str
    line: int
    written: str


class Structure:
    """What refers to what in one generation."""

    def __init__(self, files: Files, blobs: Blobs) -> None:
        self._files, self._blobs = files, blobs

    def callers(self, head: Head, name: str, limit: int = 200) -> tuple[list[Use], bool]:
        """The places that call a name, a qualified one by its last part; whether some are left."""
        names = stored(name)
        calls, more = self.calls(head, names, limit)
        defined = self.definitions(head, names)
        sure = confidence(max((defined[one] for one in names), default=0))
        uses = [
            Use(path=one.path, line=one.line, symbol=one.symbol, text=one.name, confidence=sure)
            for one in calls
        ]
        return uses, more

    def importers(self, head: Head, path: str, limit: int = 200) -> tuple[list[Use], bool]:
        """The places that import a file, or a module by its name; whether some are left."""
        is_file = self._files.at(head.index, head.generation, path) is not None
        found, more = (
            self.imports(head, [path], limit) if is_file else self._named(head, path, limit)
        )
        sure = "resolved" if is_file else "name only"
        uses = [
            Use(path=one.path, line=one.line, symbol="", text=one.written, confidence=sure)
            for one in found
        ]
        return uses, more

    def calls(self, head: Head, names: Collection[str], limit: int) -> tuple[list[Call], bool]:
        """The first calls of some names by path and line, and whether some are left."""
        wanted = frozenset(names)
        found = self._holding(head, {"calls.name": {"$in": sorted(wanted)}})
        places = (
            Call(row["path"], line, call["name"], *_around(blob, inside))
            for blob, rows in found.read(_CALLS)
            for call in blob["calls"]
            if call["name"] in wanted
            for line, inside in call["at"]
            for row in rows
        )
        return _first(places, limit, found)

    def imports(self, head: Head, paths: Collection[str], limit: int) -> tuple[list[Import], bool]:
        """The first imports of some files by path and line, and whether some are left."""
        by_tail: dict[str, list[str]] = {}
        for path in paths:
            by_tail.setdefault(_tail_of(path), []).append(path)
        found = self._holding(head, {"tails": {"$in": sorted(by_tail)}})
        places = (
            Import(row["path"], one["line"], _written(one))
            for blob, rows in found.read({"imports": 1})
            for one in blob["imports"]
            if (targets := _possible(one, by_tail))
            for row in rows
            if any(means(one["module"], one["names"], row["path"], to) for to in targets)
        )
        return _first(places, limit, found)

    def definitions(self, head: Head, names: Collection[str]) -> Counter[str]:
        """How many symbols have each of some names."""
        wanted = frozenset(names)
        which: Document = {"names": {"$in": sorted({one.lower() for one in wanted})}}
        counted = Counter[str]()
        for blob, rows in self._holding(head, which).read({"symbols.name": 1}):
            for symbol in blob.get("symbols", ()):
                if symbol["name"] in wanted:
                    counted[symbol["name"]] += len(rows)
        return counted

    def _named(self, head: Head, module: str, limit: int) -> tuple[list[Import], bool]:
        """Imports of a module that is no file of the index."""
        found = self._holding(head, {"tails": tail(module)})
        places = (
            Import(row["path"], one["line"], _written(one))
            for blob, rows in found.read({"imports": 1})
            for one in blob["imports"]
            if one["module"] == module or one["module"].startswith(f"{module}.")
            for row in rows
        )
        return _first(places, limit, found)

    def _holding(self, head: Head, which: Document) -> Holders:
        return holders(self._files, self._blobs, head, which)


def confidence(definitions: int) -> str:
    """How sure a call is, by how many definitions of its name there are."""
    return {0: "name only", 1: "one definition"}.get(definitions, "several definitions")


def _around(blob: Document, inside: int) -> tuple[str, str]:
    if inside == NOWHERE:
        return "", ""
    symbol = blob["symbols"][inside]
    return str(symbol["qualified"]), str(symbol["name"])


def _written(one: Document) -> str:
    names = ", ".join(one["names"])
    return f"{one['module']}: {names}" if names else str(one["module"])


def _possible(one: Document, by_tail: dict[str, list[str]]) -> list[str]:
    """The files that an import may mean, by the last part of what it names."""
    named = {tail(one["module"]), *one["names"]}
    return [path for name in named for path in by_tail.get(name, ())]


def _tail_of(path: str) -> str:
    folder, _, name = path.rpartition("/")
    stem = name.partition(".")[0]
    return folder.rpartition("/")[2] if stem in ("__init__", "index", "mod") else stem


def _first(places: Iterator[Place], limit: int, found: Holders) -> tuple[list[Place], bool]:
    """The first by path and line; a bound keeps a name that is everywhere from costing minutes."""
    first = heapq.nsmallest(limit + 1, islice(places, _MOST_PLACES))
    cut = len(first) > limit or next(places, None) is not None
    return first[:limit], cut or found.truncated
