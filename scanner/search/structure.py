"""By structure: who calls, who imports, and what may change when something changes.

References are matched by name. A call of a name with one definition in the index is as good as
sure; with several definitions it may mean another one, and the answer says so.
"""

from collections import deque
from collections.abc import Iterator

from scanner.models import NOWHERE
from scanner.parse.imports import tail
from scanner.search.hits import Impact, Use
from scanner.search.modules import means
from scanner.search.names import NameSearch
from scanner.store.blobs import Blobs
from scanner.store.files import Files
from scanner.store.heads import Head
from storage.mongo import Document

_MOST_BLOBS = 1_000
_MOST_IMPACT = 500


class Structure:
    """What refers to what in one generation."""

    def __init__(self, files: Files, blobs: Blobs, names: NameSearch) -> None:
        self._files, self._blobs, self._names = files, blobs, names

    def callers(self, head: Head, name: str, limit: int = 200) -> list[Use]:
        """The places that call a name; a qualified one is looked up by its last part."""
        last = name.replace("::", ".").replace("#", ".").rpartition(".")[2]
        definitions = len(self._names.exact(head, name))
        confidence = {0: "name only", 1: "one definition"}.get(definitions, "several definitions")
        uses = (
            Use(
                path=path, line=line, symbol=_around(blob, inside), text=last, confidence=confidence
            )
            for path, blob in self._holding(head, {"calls.name": last})
            for call in blob["calls"]
            if call["name"] == last
            for line, inside in call["at"]
        )
        return _first(uses, limit)

    def importers(self, head: Head, path: str, limit: int = 200) -> list[Use]:
        """The places that import a file, or a module by its name."""
        is_file = self._files.at(head.index, head.generation, path) is not None
        uses = (
            Use(path=importer, line=one["line"], symbol="", text=_written(one),
                confidence="resolved" if is_file else "name only")
            for importer, blob in self._holding(head, {"tails": _tail_of(path, is_file=is_file)})
            for one in blob["imports"]
            if (means(one["module"], one["names"], importer, path) if is_file
                else one["module"] == path or one["module"].startswith(f"{path}."))
        )  # fmt: skip
        return _first(uses, limit)

    def impact(
        self, head: Head, path: str, symbol: str | None = None, depth: int = 3
    ) -> list[Impact]:
        """What reaches a symbol, or any symbol of a file, through calls and imports."""
        found: list[Impact] = []
        seen = {(path, symbol or "")}
        ahead = deque((name, 1) for name in self._starting(head, path, symbol))
        if symbol is None:
            for use in self.importers(head, path):
                _note(found, seen, Impact(path=use.path, symbol="", distance=1, through=use.text))
        while ahead and len(found) < _MOST_IMPACT:
            name, distance = ahead.popleft()
            for use in self.callers(head, name):
                one = Impact(path=use.path, symbol=use.symbol, distance=distance, through=name)
                if use.path == path and symbol is None:
                    continue
                if _note(found, seen, one) and use.symbol and distance < depth:
                    ahead.append((use.symbol, distance + 1))
        return sorted(found, key=lambda one: (one.distance, one.path, one.symbol))[:_MOST_IMPACT]

    def _starting(self, head: Head, path: str, symbol: str | None) -> list[str]:
        if symbol is not None:
            return [symbol]
        row = self._files.at(head.index, head.generation, path)
        blob = (
            next(self._blobs.read([row["key"]], {"symbols": 1}), None)
            if row and row["key"]
            else None
        )
        return [one["qualified"] for one in (blob or {}).get("symbols", ()) if one["exported"]]

    def _holding(self, head: Head, which: Document) -> Iterator[tuple[str, Document]]:
        fields = {"calls": 1, "imports": 1, "symbols.qualified": 1}
        blobs = {
            blob["_id"]: blob
            for blob in self._blobs.find(head.repository, which, fields, _MOST_BLOBS)
        }
        rows = self._files.shown(head.index, head.generation, {"key": {"$in": list(blobs)}})
        yield from ((row["path"], blobs[row["key"]]) for row in rows)


def _around(blob: Document, inside: int) -> str:
    return "" if inside == NOWHERE else str(blob["symbols"][inside]["qualified"])


def _written(one: Document) -> str:
    names = ", ".join(one["names"])
    return f"{one['module']}: {names}" if names else str(one["module"])


def _tail_of(path: str, *, is_file: bool) -> str:
    if not is_file:
        return tail(path)
    folder, _, name = path.rpartition("/")
    stem = name.partition(".")[0]
    return folder.rpartition("/")[2] if stem in ("__init__", "index", "mod") else stem


def _first(uses: Iterator[Use], limit: int) -> list[Use]:
    found = sorted(uses, key=lambda use: (use.path, use.line))
    return found[:limit]


def _note(found: list[Impact], seen: set[tuple[str, str]], one: Impact) -> bool:
    if (one.path, one.symbol) in seen:
        return False
    seen.add((one.path, one.symbol))
    found.append(one)
    return True
