"""Where names are used.

Names are matched, not resolved. A use of a name with one definition in the index is as good as
sure; with several definitions it may mean another one, and is called ambiguous.
"""

import heapq
from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any, NamedTuple, TypeVar

from keepsake.scanner.kinds import DATA
from keepsake.scanner.models import NOWHERE
from keepsake.scanner.parse.languages import CASELESS
from keepsake.scanner.parse.uses import KINDS
from keepsake.scanner.search.answers import Use
from keepsake.scanner.search.name_search import stored_names
from keepsake.scanner.store.blobs import Blobs
from keepsake.scanner.store.files import Files, holders
from keepsake.scanner.store.published import PublishedIndex
from keepsake.storage import Document

Item = TypeVar("Item")
_MOST_PLACES = 200_000
_FEW_NAMES = 20
"""With more of them it is cheaper to read all uses of a file than to let MongoDB pick."""


class UsePlace(NamedTuple):
    """A place that uses a name, and the symbol around it; the order is that of pages."""

    path: str
    line: int
    name: str
    """What is used, as it is written."""
    kind: str
    symbol: str
    short: str
    """The name of the symbol around it, without what it is in."""


@dataclass(frozen=True, slots=True)
class FoundPlaces:
    """Places in order, whether there are more of them, and whether not all was looked at."""

    places: list[UsePlace]
    more: bool
    cut: bool


class References:
    """What uses what in one generation."""

    def __init__(self, files: Files, blobs: Blobs) -> None:
        self._files, self._blobs = files, blobs

    def places(
        self,
        index: PublishedIndex,
        names: Collection[str],
        kinds: Collection[str],
        limit: int,
        after: UsePlace | None = None,
    ) -> FoundPlaces:
        """The first uses of some names, of some kinds, by path and line; after one of them."""
        wanted = _Wanted(frozenset(names), frozenset(kinds))
        files = holders(self._files, self._blobs, index, wanted.which)
        places = (
            UsePlace(row["path"], place[0], use["name"], kind, *_around(blob, place))
            for blob, rows in files.read(wanted.fields)
            for kind, use in wanted.of(blob)
            for place in use["at"]
            for row in rows
        )
        rest = (place for place in places if after is None or place > after)
        first, more = first_of(rest, limit)
        return FoundPlaces(first, more, files.truncated)

    def knows(self, index: PublishedIndex, names: Collection[str]) -> bool:
        """Whether anything uses one of some names."""
        return bool(self.places(index, names, ALL_KINDS, 1).places)

    def shown(self, index: PublishedIndex, places: Collection[UsePlace]) -> list[Use]:
        """Places as an answer has them, each as sure as the number of definitions allows."""
        defined = self.definitions(index, {place.name for place in places})
        return [
            Use(path=place.path, line=place.line, symbol=place.symbol, text=place.name,
                kind=place.kind, confidence=confidence(defined[place.name]))
            for place in places
        ]  # fmt: skip

    def definitions(self, index: PublishedIndex, names: Collection[str]) -> Counter[str]:
        """How many symbols have each of some names: code, and data where no code has it."""
        code, data = Counter[str](), Counter[str]()
        for symbol, rows in self.symbols(index, names):
            name = symbol["name"] if symbol["name"] in names else symbol["name"].lower()
            (data if symbol["kind"] in DATA else code)[name] += len(rows)
        return Counter({**data, **code})

    def symbols(
        self, index: PublishedIndex, names: Collection[str]
    ) -> Iterator[tuple[Document, list[Document]]]:
        """The symbols that have one of some names, with the files that show them."""
        wanted, low = frozenset(names), frozenset(name.lower() for name in names)
        which: Document = {"names": {"$in": sorted(low)}}
        fields = {
            f"symbols.{field}": 1 for field in ("name", "qualified", "kind", "parent", "line")
        }
        for blob, rows in holders(self._files, self._blobs, index, which).read(fields):
            for symbol in blob.get("symbols", ()):
                caseless = rows[0]["language"] in CASELESS
                if symbol["name"] in wanted or (caseless and symbol["name"].lower() in low):
                    yield symbol, rows


def used_names(name: str) -> list[str]:
    """The names under which uses of a name may be stored: C# annotates without `Attribute`."""
    names = stored_names(name)
    return [
        *names,
        *(short for each in names if (short := each.removesuffix("Attribute")) not in ("", each)),
    ]


def confidence(definitions: int) -> str:
    """How sure a use is, by how many definitions of its name there are."""
    return {0: "name only", 1: "one definition"}.get(definitions, "ambiguous")


def first_of(places: Iterator[Item], limit: int) -> tuple[list[Item], bool]:
    """The first places, and whether there are more.

    A bound keeps a name that is everywhere from costing minutes.
    """
    first: list[Any] = heapq.nsmallest(limit + 1, islice(places, _MOST_PLACES))
    return first[:limit], len(first) > limit or next(places, None) is not None


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What is looked for in blobs. Those of former versions have calls alone."""

    names: frozenset[str]
    kinds: frozenset[str]

    @property
    def which(self) -> Document:
        """The blobs that have some of it."""
        named = {"$in": sorted(self.names | self._low)}
        return {"$or": [{f"{field}.name": named} for field in self._fields]}

    @property
    def fields(self) -> dict[str, Any]:
        """What is read of a blob."""
        begin: dict[str, Any] = {"symbols.qualified": 1, "symbols.name": 1, "language": 1}
        few = len(self.names) <= _FEW_NAMES
        return begin | {field: self._picked(field) if few else 1 for field in self._fields}

    def of(self, blob: Document) -> Iterator[tuple[str, Document]]:
        """The uses that are wanted, each with its kind."""
        names = self._low if blob.get("language") in CASELESS else self.names
        for field in self._fields:
            for use in blob.get(field) or ():
                kind = use.get("kind", "call")
                if use["name"] in names and kind in self.kinds:
                    yield kind, use

    @property
    def _low(self) -> frozenset[str]:
        return frozenset(name.lower() for name in self.names)

    @property
    def _fields(self) -> list[str]:
        calls, others = ["calls"] * ("call" in self.kinds), ["uses"] * bool(self.kinds - {"call"})
        return calls + others

    def _picked(self, field: str) -> Document:
        among = {"$in": ["$$this.name", {"$literal": sorted(self.names | self._low)}]}
        return {"$filter": {"input": f"${field}", "cond": among}}


def _around(blob: Document, place: list[Any]) -> tuple[str, str]:
    """The symbol around a place; of an `impl` or an extension, the type that it is for."""
    _, inside, *extended = place
    if extended:
        return str(extended[0]), str(extended[0])
    if inside == NOWHERE:
        return "", ""
    symbol = blob["symbols"][inside]
    return str(symbol["qualified"]), str(symbol["name"])


ALL_KINDS = frozenset(KINDS)
