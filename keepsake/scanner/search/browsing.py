"""The tree of an index, what a file defines, and sources with line numbers."""

from collections.abc import Mapping

from keepsake.scanner.errors import FileSkipped, NotIndexed
from keepsake.scanner.parse.text import lines_of
from keepsake.scanner.search.answers import CodeHit, Excerpt, TreeNode, hit
from keepsake.scanner.store.blobs import Blobs
from keepsake.scanner.store.files import Files
from keepsake.scanner.store.published import PublishedIndex
from keepsake.storage import Document

_AT_ONCE = 1_000
_LAST = "\U0010ffff"


class Browsing:
    """Reading one generation."""

    def __init__(self, files: Files, blobs: Blobs) -> None:
        self._files, self._blobs = files, blobs

    def tree(self, index: PublishedIndex, folder: str = "") -> list[TreeNode]:
        """The files and folders right inside a folder; folders first."""
        inside = f"{folder.strip('/')}/" if folder.strip("/") else ""
        which: Document = {"path": {"$gte": inside, "$lt": inside + _LAST}} if inside else {}
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
        for path, reason in self._skipped(keys).items():
            nodes[path] = nodes[path].model_copy(update={"skip": reason, "languages": {}})
        return sorted(nodes.values(), key=lambda node: (node.kind == "file", node.path))

    def definitions(self, index: PublishedIndex, path: str) -> list[CodeHit]:
        """What a file defines, from top to bottom."""
        row = self._row(index, path)
        blob = next(self._blobs.read([row["key"]], {"symbols": 1}), None) if row["key"] else None
        symbols = (blob or {}).get("symbols", [])
        return [hit(symbol, path, row["language"], score=1.0, match="exact") for symbol in symbols]

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
        text = self._blobs.source(row["key"]) if row["key"] else None
        if text is None:
            raise FileSkipped(
                row["skip"] or self._skipped({path: row["key"]}).get(path, "not text")
            )
        listed = lines_of(text)
        first, last = lines or (1, len(listed))
        if symbol is not None:
            first, last = self._span(index, path, symbol)
        first, last = max(first, 1), min(last, len(listed))
        numbered = list(enumerate(listed[first - 1 : last], first))
        return Excerpt(path=path, language=row["language"], first=first, last=last,
                       total=len(listed), lines=numbered)  # fmt: skip

    def _skipped(self, keys: Mapping[str, str]) -> dict[str, str]:
        """Why the contents of some paths were not read, of those that were not."""
        counts: dict[str, Document] = {}
        listed = sorted(set(keys.values()))
        for start in range(0, len(listed), _AT_ONCE):
            counts |= self._blobs.counts(listed[start : start + _AT_ONCE])
        counted = {path: counts.get(key, {}) for path, key in keys.items()}
        return {
            path: blob.get("skip") or "not parsed"
            for path, blob in counted.items()
            if blob.get("skip") or blob.get("failed")
        }

    def _span(self, index: PublishedIndex, path: str, symbol: str) -> tuple[int, int]:
        for definition in self.definitions(index, path):
            if symbol in (definition.qualified, definition.name):
                return definition.line, definition.end_line
        raise NotIndexed("the file has no such symbol")

    def _row(self, index: PublishedIndex, path: str) -> Document:
        row = self._files.at(index.id, index.generation, path)
        if row is None:
            raise NotIndexed("no such file in this index")
        return row


def _with(node: TreeNode | None, path: str, row: Document, *, kind: str) -> TreeNode:
    languages = dict(node.languages) if node else {}
    if not row["skip"]:
        languages[row["language"]] = languages.get(row["language"], 0) + 1
    return TreeNode(
        path=path,
        kind=kind,
        files=(node.files if node else 0) + 1,
        bytes=(node.bytes if node else 0) + (row["size"] or 0),
        languages=languages,
        skip=row["skip"] if kind == "file" else None,
    )
