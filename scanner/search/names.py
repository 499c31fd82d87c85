"""By name: exact, then by prefix, then by the words inside, then misspelt."""

from collections.abc import Iterable

from scanner.search.catalogue import Catalogue
from scanner.search.hits import Hit, hit
from scanner.store.blobs import Blobs
from scanner.store.files import Files
from scanner.store.heads import Head
from storage.mongo import Document

_LAST = "\U0010ffff"
_MOST_BLOBS = 300
_PARTS, _FUZZY = 0.6, 0.5


class NameSearch:
    """Exact names and prefixes are read by MongoDB's index; the rest asks the catalogue."""

    def __init__(self, files: Files, blobs: Blobs) -> None:
        self._files, self._blobs = files, blobs

    def exact(self, head: Head, name: str) -> list[Hit]:
        """The symbols of that name or qualified name; the same case first."""
        last = name.replace("::", ".").replace("#", ".").rpartition(".")[2].lower()
        found = self._shown(head, {"names": last or name.lower()})
        hits = [
            hit(symbol, path, language, score=_exactness(symbol, name), match="exact")
            for symbol, path, language in found
            if symbol["name"].lower() == name.lower() or _ends(symbol["qualified"], name)
        ]
        return _sorted(hits)

    def prefix(self, head: Head, name: str) -> list[Hit]:
        """The symbols whose name begins so."""
        low = name.lower()
        found = self._shown(head, {"names": {"$gte": low, "$lt": low + _LAST}})
        hits = [
            hit(symbol, path, language, score=0.8 * len(low) / len(symbol["name"]), match="prefix")
            for symbol, path, language in found
            if symbol["name"].lower().startswith(low) and symbol["name"].lower() != low
        ]
        return _sorted(hits)

    def _shown(self, head: Head, which: Document) -> Iterable[tuple[Document, str, str]]:
        blobs = {
            blob["_id"]: blob
            for blob in self._blobs.find(head.repository, which, {"symbols": 1}, _MOST_BLOBS)
        }
        rows = self._files.shown(head.index, head.generation, {"key": {"$in": list(blobs)}})
        for row in rows:
            for symbol in blobs[row["key"]].get("symbols", ()):
                yield symbol, row["path"], row["language"]


def loosely(catalogue: Catalogue, name: str) -> list[Hit]:
    """The symbols whose name has the query's words, or is spelt much like it."""
    scores = {found: _FUZZY * ratio for found, ratio in catalogue.names.alike(name)}
    kinds = dict.fromkeys(scores, "fuzzy")
    for found in catalogue.names.with_parts(name):
        scores[found] = _PARTS + 0.1 * min(1.0, len(name) / len(found))
        kinds[found] = "parts"
    return _sorted(
        hit(symbol, path, language, score=scores[symbol["name"]], match=kinds[symbol["name"]])
        for symbol, path, language in catalogue.named(scores)
    )


def _exactness(symbol: Document, name: str) -> float:
    same_case = symbol["name"] == name or _ends(symbol["qualified"], name)
    return (1.0 if same_case else 0.9) + (0.05 if symbol["exported"] else 0.0)


def _ends(qualified: str, name: str) -> bool:
    """Whether `pkg.Class.method` ends in `Class.method`, at the border of a word."""
    plain, wanted = _plain(qualified), _plain(name)
    return plain == wanted or plain.endswith(f".{wanted}")


def _plain(name: str) -> str:
    return name.replace("::", ".").replace("#", ".")


def _sorted(hits: Iterable[Hit]) -> list[Hit]:
    return sorted(hits, key=lambda one: (-one.score, len(one.qualified), one.path, one.line))
