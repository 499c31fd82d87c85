"""What inherits from a type, and what implements it or one of its methods."""

import re
from collections.abc import Collection, Iterator

from keepsake.scanner.search.answers import Use
from keepsake.scanner.search.name_search import ends_in, stored_names
from keepsake.scanner.search.references import FoundPlaces, References, confidence
from keepsake.scanner.store.blobs import Blobs
from keepsake.scanner.store.published import PublishedIndex
from keepsake.storage import Document

_MOST = 500
_MOST_STEPS = 20
_METHODS = frozenset({"method", "function", "constructor", "property"})
_TYPES = frozenset({"class", "struct", "interface", "trait", "enum", "type", "module"})
_BORDER = re.compile(r"[.#:]+")
_INHERIT = frozenset({"inherit"})
Located = tuple[Document, list[Document]]
"""A symbol, and the files that show it."""


class Subtypes:
    """Follows bases as they are written, step by step, to those that name them."""

    def __init__(self, blobs: Blobs, references: References) -> None:
        self._blobs, self._references = blobs, references

    def subclasses(self, index: PublishedIndex, name: str) -> tuple[list[Use], bool]:
        """Where types inherit from one of this name, also through others; whether some are left."""
        below = self._below(index, stored_names(name))
        return self._references.shown(index, below.places), below.more or below.cut

    def implementations(self, index: PublishedIndex, name: str) -> tuple[list[Use], bool]:
        """What implements a type, as `subclasses` has it, or a method: its definitions below.

        Go's interfaces name nobody: the types that have all of their methods may implement them.
        """
        named = [
            (symbol, rows)
            for symbol, rows in self._references.symbols(index, stored_names(name))
            if symbol["name"] == name or ends_in(symbol["qualified"], name)
        ]
        owners = {_last(symbol["parent"]) for symbol, _ in named if _is_method(symbol)}
        types = [located for located in named if located[0]["kind"] in _TYPES]
        if owners and not types:
            return self._overriding(index, {symbol["name"] for symbol, _ in named}, owners)
        uses, left = self.subclasses(index, name)
        return _in_order([*uses, *self._fitting(index, types)]), left

    def _below(self, index: PublishedIndex, names: Collection[str]) -> FoundPlaces:
        found, known = FoundPlaces([], more=False, cut=False), set(names)
        for _ in range(_MOST_STEPS):
            step = self._references.places(index, names, _INHERIT, _MOST)
            found = FoundPlaces(
                sorted({*found.places, *step.places})[:_MOST],
                found.more or step.more or len(found.places) >= _MOST,
                found.cut or step.cut,
            )
            names = {place.short for place in step.places} - known - {""}
            known |= names
            if not names or found.more:
                break
        return found

    def _overriding(
        self, index: PublishedIndex, names: Collection[str], owners: Collection[str]
    ) -> tuple[list[Use], bool]:
        """The methods of some names in the types below their owners."""
        below = self._below(index, owners)
        types = {place.short for place in below.places}
        sure = confidence(len(owners))
        methods = [
            _definition(symbol, row, sure)
            for symbol, rows in self._references.symbols(index, names)
            if _is_method(symbol) and _last(symbol["parent"]) in types
            for row in rows
        ]
        return _in_order(methods), below.more or below.cut

    def _fitting(self, index: PublishedIndex, types: list[Located]) -> Iterator[Use]:
        for interface, rows in types:
            if interface["kind"] == "interface" and any(row["language"] == "go" for row in rows):
                yield from self._with_methods(index, interface, rows[0]["key"])

    def _with_methods(self, index: PublishedIndex, interface: Document, key: str) -> Iterator[Use]:
        """The types of Go that have all methods of an interface."""
        inside: Document = next(self._blobs.read([key], {"symbols": 1}), {})
        wanted = {
            symbol["name"]
            for symbol in inside.get("symbols", ())
            if symbol["parent"] == interface["qualified"]
        }
        having = dict[str, dict[str, Use]]()
        for symbol, rows in self._references.symbols(index, wanted) if wanted else ():
            for row in rows:
                if row["language"] == "go" and symbol["parent"] not in ("", interface["qualified"]):
                    use = _definition(symbol, row, "ambiguous")
                    having.setdefault(symbol["parent"], {}).setdefault(symbol["name"], use)
        for parent, methods in having.items():
            if wanted <= methods.keys():
                first = min(methods.values(), key=lambda use: (use.path, use.line))
                yield first.model_copy(
                    update={"symbol": parent, "text": interface["name"], "kind": "inherit"}
                )


def _definition(symbol: Document, row: Document, sure: str) -> Use:
    return Use(
        path=row["path"], line=symbol["line"], symbol=symbol["qualified"], text=symbol["name"],
        kind="definition", confidence=sure,
    )  # fmt: skip


def _is_method(symbol: Document) -> bool:
    return symbol["kind"] in _METHODS and bool(symbol["parent"])


def _last(parent: str) -> str:
    return _BORDER.split(parent)[-1]


def _in_order(uses: list[Use]) -> list[Use]:
    return sorted(uses, key=lambda use: (use.path, use.line))[:_MOST]
