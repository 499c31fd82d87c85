"""What an answer about a name could not look at: an answer that is not whole has to say so."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import chain, islice
from typing import Any

from keepsake.scanner.parse.languages import CASELESS, CODE, PARSER_VERSION
from keepsake.scanner.parse.mentions import mentions
from keepsake.scanner.parse.renames import DEFAULT
from keepsake.scanner.parse.skipping import is_binary_name
from keepsake.scanner.search.answers import UnparsedFile
from keepsake.scanner.search.importing import ImportSearch
from keepsake.scanner.search.name_search import is_implied
from keepsake.scanner.store.blobs import Blobs
from keepsake.scanner.store.files import Files, holders
from keepsake.scanner.store.published import PublishedIndex
from keepsake.storage import Document

_BY_NAME = "Names are matched in syntax trees, not resolved."
_RESOLVED = "Imports are resolved to files; other names are matched in syntax trees."
_FORMER = (
    "Calls alone, by name: a former version made this index, and the next scan finds all uses."
)
_IMPLIED = " What syntax uses without writing this name is not listed."
_ELSEWHERE = " Other files may know it as {}: ask for that too."
_MOST_LISTED = 50
_MOST_BLOBS = 20_000
_MOST_IMPORTS = 1_000
_MOST_SKIPPED = 2_000
_AT_ONCE = 1_000
_Renames = tuple[list[Document], list[Document]]
"""Other names of some in a blob, and the files that show it."""
_SKIPPED: Document = {
    "key": None,
    "$or": [
        {"skip": {"$in": ["oversized", "submodule"]}},
        {
            "skip": {"$in": ["excluded", "vendored", "generated", "unsafe path"]},
            "language": {"$in": CODE},
        },
    ],
}
"""What was not read: of the files that are skipped by their name, only code counts."""


class Coverage:
    """Looks for the files that may have a name and are not parsed whole."""

    def __init__(self, files: Files, blobs: Blobs, imports: ImportSearch | None = None) -> None:
        self._files, self._blobs, self._imports = files, blobs, imports

    def of(
        self,
        index: PublishedIndex,
        names: Collection[str],
        *,
        truncated: bool,
        manifests: Collection[str] | None = None,
    ) -> dict[str, Any]:
        """The fields of an answer about some names that say how whole it is.

        `manifests` are those that could not be read, of an answer about imports.
        """
        reasons, cut = self._mentioning(index.repository, names)
        if manifests is not None:
            unread = (UnparsedFile(path=path, reason="unreadable manifest") for path in manifests)
            return self._fields(index, _RESOLVED, reasons, unread, truncated=truncated or cut)
        renamed = list(self._renames(index, names))
        otherwise = self._by_default(index, names, renamed)
        fields = self._fields(index, _BY_NAME, reasons, otherwise, truncated=truncated or cut)
        for said in self._beside(index, names, renamed):
            fields |= {"complete": False, "how": fields["how"] + said}
        return fields

    def _beside(
        self, index: PublishedIndex, names: Collection[str], renamed: Sequence[_Renames]
    ) -> Iterator[str]:
        """What uses some names without having one of them."""
        if any(map(is_implied, names)):
            yield _IMPLIED
        others = {rename["as"] for found, _ in renamed for rename in found} - {DEFAULT, *names}
        if others and (known := self._imported(index, others)):
            yield _ELSEWHERE.format(", ".join(f"`{other}`" for other in sorted(known)))

    def _by_default(
        self, index: PublishedIndex, names: Collection[str], renamed: Sequence[_Renames]
    ) -> Iterator[UnparsedFile]:
        """The files that import one of some names as a default, under another name."""
        exporting = {
            row["path"]
            for found, rows in renamed
            for row in rows
            if any(rename["as"] == DEFAULT for rename in found)
        }
        if not exporting or self._imports is None:
            return
        imports, _ = self._imports.imports(index, exporting, _MOST_IMPORTS)
        lines: dict[str, set[int]] = {}
        for place in imports:
            lines.setdefault(place.path, set()).add(place.line)
        which = {"path": {"$in": sorted(lines)}, "key": {"$ne": None}}
        keys = {
            row["path"]: row["key"] for row in self._files.shown(index.id, index.generation, which)
        }
        read = self._blobs.read(list(keys.values()), {"renames": 1})
        renames = {blob["_id"]: blob.get("renames", ()) for blob in read}
        for path, key in keys.items():
            called = {each["as"] for each in renames.get(key, ())
                      if each["name"] == DEFAULT and each["line"] in lines[path]}  # fmt: skip
            if called.difference(names):
                yield UnparsedFile(path=path, reason="other name")

    def _renames(self, index: PublishedIndex, names: Collection[str]) -> Iterator[_Renames]:
        """What some names are called otherwise."""
        which = {"renames.name": {"$in": sorted(names)}}
        holding = holders(self._files, self._blobs, index, which)
        for blob, rows in holding.read({"renames": 1}):
            yield [rename for rename in blob["renames"] if rename["name"] in names], rows

    def _imported(self, index: PublishedIndex, names: Collection[str]) -> set[str]:
        """Those of some names that a file imports."""
        wanted, kinds = sorted(names), ["import", "re-export"]
        which = {"name": {"$in": wanted}, "kind": {"$in": kinds}}
        holding = holders(self._files, self._blobs, index, {"uses": {"$elemMatch": which}})
        fields = {"uses.name": 1, "uses.kind": 1}
        used = (use for blob, _ in holding.read(fields) for use in blob["uses"])
        return {use["name"] for use in used if use["kind"] in kinds and use["name"] in wanted}

    def of_code(self, index: PublishedIndex, *, truncated: bool) -> dict[str, Any]:
        """The same fields of an answer about all code. What has no grammar is none."""
        reasons = dict.fromkeys(self._blobs.failed(index.repository), "not parsed")
        in_part = self._blobs.unparsed_code(index.repository, _MOST_BLOBS)
        reasons |= {blob["_id"]: blob["unparsed"] for blob in in_part}
        return self._fields(index, _BY_NAME, reasons, (), truncated=truncated)

    def _fields(
        self,
        index: PublishedIndex,
        how: str,
        reasons: Mapping[str, str],
        unread: Iterable[UnparsedFile],
        *,
        truncated: bool,
    ) -> dict[str, Any]:
        current = index.current["parser"] == PARSER_VERSION
        unparsed = sorted(
            {*self._showing(index, reasons), *self._skipped(index), *unread},
            key=lambda file: (file.reason == "no grammar", file.path),
        )
        return {
            "complete": current and not (truncated or unparsed),
            "how": how if current else _FORMER,
            "unparsed": unparsed[:_MOST_LISTED],
            "unparsed_count": len(unparsed),
        }

    def _mentioning(self, repository: str, names: Collection[str]) -> tuple[dict[str, str], bool]:
        """The blobs that may have a name, with the reason; whether not all were looked at."""
        reasons, left = dict.fromkeys(self._blobs.failed(repository), "not parsed"), _MOST_BLOBS
        for blob in self._blobs.unparsed(repository, _MOST_BLOBS):
            left -= 1
            low = map(str.lower, names) if blob.get("language") in CASELESS else ()
            words = blob.get("words")
            if words is None or any(mentions(words, name) for name in chain(names, low)):
                reasons[blob["_id"]] = blob["unparsed"]
        return reasons, not left

    def _showing(self, index: PublishedIndex, reasons: Mapping[str, str]) -> Iterator[UnparsedFile]:
        keys = iter(sorted(reasons))
        while some := list(islice(keys, _AT_ONCE)):
            for row in self._files.shown(index.id, index.generation, {"key": {"$in": some}}):
                yield UnparsedFile(path=row["path"], reason=reasons[row["key"]])

    def _skipped(self, index: PublishedIndex) -> Iterator[UnparsedFile]:
        rows = self._files.shown(
            index.id, index.generation, _SKIPPED, {"path": 1, "skip": 1}, _MOST_SKIPPED
        )
        for row in rows:
            if not is_binary_name(row["path"]):
                yield UnparsedFile(path=row["path"], reason=row["skip"])
