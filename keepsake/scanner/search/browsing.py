"""The tree of an index, what a file defines, and sources with line numbers."""

from collections.abc import Mapping
from itertools import islice
from typing import Any

from keepsake.scanner.errors import FileSkipped, NotIndexed
from keepsake.scanner.kinds import DATA
from keepsake.scanner.models import LineRange
from keepsake.scanner.parse.text import lines_of
from keepsake.scanner.search.answers import CodeHit, Excerpt, TreeNode, hit
from keepsake.scanner.store.blobs import Blobs
from keepsake.scanner.store.files import Files
from keepsake.scanner.store.published import PublishedIndex
from keepsake.storage import Document

_AT_ONCE = 1_000
_MOST_UNREAD = 500
_LAST = "\U0010ffff"


class Browsing:
    """Reading one generation."""

    def __init__(self, files: Files, blobs: Blobs) -> None:
        self._files, self._blobs = files, blobs

    def tree(self, index: PublishedIndex, folder: str = "") -> list[TreeNode]:
        """The files and folders right inside a folder; folders first."""
        inside, which = _below(folder)
        nodes: dict[str, TreeNode] = {}
        keys: dict[str, str] = {}
        for row in self._files.shown(index.id, index.generation, which):
            name, deeper, _ = row["path"].removeprefix(inside).partition("/")
            path = inside + name
            nodes[path] = _with(nodes.get(path), path, row, kind="folder" if deeper else "file")
            if not deeper and row["key"]:
                keys[path] = row["key"]
        if inside and not nodes:
            raise NotIndexed("no such folder in this index")
        for path, blob in self._counts(keys).items():
            nodes[path] = _read(nodes[path], blob)
        return sorted(nodes.values(), key=lambda node: (node.kind == "file", node.path))

    def paths(self, index: PublishedIndex, most: int) -> list[str]:
        """The paths of the first files."""
        fields = {"_id": 0, "path": 1}
        rows = self._files.shown(index.id, index.generation, fields=fields, limit=most)
        return [row["path"] for row in rows]

    def unread(self, index: PublishedIndex, folder: str = "") -> tuple[list[TreeNode], bool]:
        """The files below a folder that were not read whole, by path; whether some are left."""
        rows = self._files.shown(index.id, index.generation, _below(folder)[1])
        nodes: list[TreeNode] = []
        while len(nodes) <= _MOST_UNREAD and (some := list(islice(rows, _AT_ONCE))):
            counts = self._counts({row["path"]: row["key"] for row in some if row["key"]})
            files = [_read(_with(None, row["path"], row, kind="file"),
                           counts.get(row["path"], {})) for row in some]  # fmt: skip
            nodes += [node for node in files if node.skip or node.partial]
        return nodes[:_MOST_UNREAD], len(nodes) > _MOST_UNREAD

    def definitions(
        self, index: PublishedIndex, path: str
    ) -> tuple[list[CodeHit], tuple[LineRange, ...]]:
        """What a file defines, from top to bottom, and the lines where more may be."""
        row = self._row(index, path)
        fields = {"symbols": 1, "partial": 1}
        blob = next(self._blobs.read([row["key"]], fields), {}) if row["key"] else {}
        hits = [
            hit(symbol, path, row["language"], score=1.0, match="exact")
            for symbol in blob.get("symbols", [])
        ]
        return hits, _partial(blob)

    def source(
        self,
        index: PublishedIndex,
        path: str,
        symbol: str | None = None,
        lines: tuple[int, int] | None = None,
    ) -> Excerpt:
        """A file's text, or that of one of its symbols, or some lines, with their numbers.

        Raises:
            NotIndexed: No such file or symbol.
            FileSkipped: The file was not read.
        """
        row = self._row(index, path)
        blob = self._counts({path: row["key"]})[path] if row["key"] else {}
        text = self._blobs.source(row["key"]) if row["key"] else None
        if text is None:
            raise FileSkipped(row["skip"] or _unread(blob) or "not text")
        listed = lines_of(text)
        first, last = lines or (1, len(listed))
        if symbol is not None:
            first, last = self._span(index, path, symbol)
        first, last = max(first, 1), min(last, len(listed))
        numbered = list(enumerate(listed[first - 1 : last], first))
        return Excerpt(path=path, language=row["language"], first=first, last=last,
                       total=len(listed), lines=numbered,
                       partial=_partial(blob))  # fmt: skip

    def _counts(self, keys: Mapping[str, str]) -> dict[str, Document]:
        """What the contents of some paths count."""
        counts: dict[str, Document] = {}
        listed = sorted(set(keys.values()))
        for start in range(0, len(listed), _AT_ONCE):
            counts |= self._blobs.counts(listed[start : start + _AT_ONCE])
        return {path: counts.get(key, {}) for path, key in keys.items()}

    def _span(self, index: PublishedIndex, path: str, symbol: str) -> tuple[int, int]:
        defined = self.definitions(index, path)[0]
        named = [hit for hit in defined if symbol in (hit.qualified, hit.name)]
        if not named:
            raise NotIndexed("the file has no such symbol")
        best = min(named, key=lambda hit: (hit.qualified != symbol, hit.kind in DATA))
        return best.first_line, best.end_line

    def _row(self, index: PublishedIndex, path: str) -> Document:
        row = self._files.at(index.id, index.generation, path)
        if row is None:
            raise NotIndexed("no such file in this index")
        return row


def _below(folder: str) -> tuple[str, Document]:
    """How paths below a folder begin, and which they are; all of the index for no folder."""
    inside = f"{folder.strip('/')}/" if folder.strip("/") else ""
    return inside, {"path": {"$gte": inside, "$lt": inside + _LAST}} if inside else {}


def _read(node: TreeNode, blob: Document) -> TreeNode:
    """A file with what its content says of how it was read."""
    changes: dict[str, Any] = {"partial": _partial(blob), "read_as": blob.get("read_as")}
    if reason := _unread(blob):
        changes |= {"skip": reason, "languages": {}}
    return node.model_copy(update=changes)


def _unread(blob: Document) -> str | None:
    """Why a content was not read; None if it was."""
    return blob.get("skip") or ("not parsed" if blob.get("failed") else None)


def _partial(blob: Document) -> tuple[LineRange, ...]:
    """The lines that the grammar of a content could not read."""
    return tuple((first, last) for first, last in blob.get("partial", ()))


def _with(node: TreeNode | None, path: str, row: Document, *, kind: str) -> TreeNode:
    languages = dict(node.languages) if node else {}
    if not row["skip"] and row.get("counted", True):
        languages[row["language"]] = languages.get(row["language"], 0) + 1
    return TreeNode(
        path=path,
        kind=kind,
        files=(node.files if node else 0) + 1,
        bytes=(node.bytes if node else 0) + (row["size"] or 0),
        languages=languages,
        skip=row["skip"] if kind == "file" else None,
    )
