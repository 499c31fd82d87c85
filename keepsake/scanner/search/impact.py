"""What may change when a symbol or a file changes: level by level through uses and imports."""

from collections.abc import Collection, Mapping

from keepsake.scanner.errors import NotIndexed
from keepsake.scanner.search.answers import Impact
from keepsake.scanner.search.importing import RESOLVED, Import, ImportSearch
from keepsake.scanner.search.name_search import ends_in
from keepsake.scanner.search.references import References, UsePlace, confidence
from keepsake.scanner.store.blobs import Blobs
from keepsake.scanner.store.files import Files
from keepsake.scanner.store.published import PublishedIndex
from keepsake.storage import Document

_MOST = 500
_MOST_NAMES = 1_000
_MOST_PLACES = 5_000
"""Of one level: some are the same symbol, others are known already."""
_REACHING = frozenset({"call", "value", "type", "inherit", "re-export"})
"""An import alone changes nothing."""


class ImpactSearch:
    """Asks MongoDB the same few questions for each level, however many names there are."""

    def __init__(
        self, files: Files, blobs: Blobs, imports: ImportSearch, references: References
    ) -> None:
        self._files, self._blobs = files, blobs
        self._imports, self._references = imports, references

    def of(
        self, index: PublishedIndex, path: str, symbol: str | None, depth: int
    ) -> tuple[list[Impact], bool]:
        """What reaches a symbol of a file, or any exported one of it; whether some is left out.

        Raises:
            NotIndexed: The index has no such file, or the file no such symbol.
        """
        names = self._starting(index, path, symbol)
        reached = _Reached(path, () if symbol is None else names.values())
        files = [path]
        for distance in range(1, depth + 1):
            near = self._importers(index, files, reached, distance if symbol is None else 0)
            names = self._uses(index, names, reached, distance, near if distance == 1 else set())
            files = reached.new_importers() if symbol is None else []
            if not (names or files) or reached.full:
                break
        ordered = sorted(
            reached.impacts, key=lambda impact: (impact.distance, impact.path, impact.symbol)
        )
        return ordered[:_MOST], reached.truncated or reached.full

    def _starting(self, index: PublishedIndex, path: str, symbol: str | None) -> dict[str, str]:
        """The names by which what changes is used, each with its qualified name."""
        row = self._files.at(index.id, index.generation, path)
        if row is None:
            raise NotIndexed("no such file in this index")
        keys = [row["key"]] if row["key"] else []
        blob: Document = next(self._blobs.read(keys, {"symbols": 1}), {})
        symbols = [
            candidate
            for candidate in blob.get("symbols", ())
            if (candidate["exported"] if symbol is None else _is(candidate, symbol))
        ]
        if symbol is not None and not symbols:
            raise NotIndexed("the file has no such symbol")
        return {candidate["name"]: candidate["qualified"] for candidate in reversed(symbols)}

    def _importers(
        self, index: PublishedIndex, files: list[str], reached: "_Reached", distance: int
    ) -> set[str]:
        """Note what imports some files, and return the paths; at distance 0 nothing is noted."""
        if not files:
            return set()
        imports, more = self._imports.imports(index, files, _MOST_PLACES)
        reached.truncated |= more
        sure = [statement for statement in imports if statement.confidence == RESOLVED]
        if distance:
            for statement in (*sure, *imports):  # a file once, as sure as it can be
                reached.by_import(statement, distance)
        return {statement.path for statement in sure} | set(files)

    def _uses(
        self,
        index: PublishedIndex,
        names: Mapping[str, str],
        reached: "_Reached",
        distance: int,
        near: set[str],
    ) -> dict[str, str]:
        """Note what uses some names; the names of the symbols that do."""
        if not names:
            return {}
        looked_up = dict(sorted(names.items())[:_MOST_NAMES])
        found = self._references.places(index, looked_up, _REACHING, _MOST_PLACES)
        reached.truncated |= found.more or found.cut or len(names) > len(looked_up)
        defined = self._references.definitions(index, {use.name for use in found.places})
        following: dict[str, str] = {}
        for use in found.places:
            sure = confidence(defined[use.name])
            if sure == "ambiguous" and use.path in near:
                sure = "imported"
            if reached.by_use(use, looked_up[use.name], distance, sure) and use.short:
                following.setdefault(use.short, use.symbol)
        return following


class _Reached:
    """What was found so far, each symbol once and as near as it is."""

    def __init__(self, path: str, symbols: Collection[str]) -> None:
        """What changes is no part of it: some symbols of a file, or the file as a whole."""
        self.impacts: list[Impact] = []
        self.truncated = False
        self._whole = "" if symbols else path
        self._seen = {(path, symbol) for symbol in symbols}
        self._importers = set[str]()

    @property
    def full(self) -> bool:
        return len(self.impacts) > _MOST

    def by_use(self, use: UsePlace, through: str, distance: int, sure: str) -> bool:
        """Note a use; whether it is new."""
        return self._note(
            Impact(path=use.path, symbol=use.symbol, distance=distance, through=through,
                   confidence=sure)
        )  # fmt: skip

    def by_import(self, statement: Import, distance: int) -> None:
        """Note an import."""
        impact = Impact(
            path=statement.path, symbol="", distance=distance, through=statement.written,
            confidence=statement.confidence,
        )  # fmt: skip
        if self._note(impact):
            self._importers.add(statement.path)

    def new_importers(self) -> list[str]:
        """The files that were noted as importing something since this was asked before."""
        files, self._importers = sorted(self._importers), set()
        return files

    def _note(self, impact: Impact) -> bool:
        place = (impact.path, impact.symbol)
        if place in self._seen or impact.path == self._whole or self.full:
            return False
        self._seen.add(place)
        self.impacts.append(impact)
        return True


def _is(symbol: Document, name: str) -> bool:
    return name in (symbol["name"], symbol["qualified"]) or ends_in(symbol["qualified"], name)
