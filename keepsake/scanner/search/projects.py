"""Resolvers of indexes: each knows the files, manifests and packages of one generation."""

import sys
from collections.abc import Mapping, Sequence
from functools import cached_property

from pymongo.database import Database

from keepsake.scanner.parse.packages import LANGUAGES_WITH_PACKAGES
from keepsake.scanner.resolve import Project, Resolver, is_manifest
from keepsake.scanner.search.edition_cache import EditionCache
from keepsake.scanner.store.blobs import Blobs
from keepsake.scanner.store.files import Files
from keepsake.scanner.store.published import PublishedIndex
from keepsake.storage import Document

_FIELDS = {"path": 1, "language": 1, "key": 1, "skip": 1, "_id": 0}
_NO_FILES = frozenset({"symlink", "submodule", "unsafe path"})
_AT_ONCE = 1_000
_MANIFESTS_AT_ONCE = 100
_MOST_CHARS = 16_000_000
"""Of all manifests together: a stranger may have many, and large ones."""
_FILE_BYTES = 600
"""Of a path, with what is looked up by it."""
_NAME_BYTES = 100
_SHARE = 4
"""Symbol indexes may take so many times more than these."""

Packages = Sequence[Sequence[str]]


class IndexProject:
    """The project of a generation, and the resolver of its imports."""

    def __init__(
        self, rows: Sequence[Document], blobs: Blobs, known: Mapping[str, Packages]
    ) -> None:
        """`known` has the packages of some blobs by key."""
        self._blobs = blobs
        self._keys = {row["path"]: row["key"] for row in rows}
        files = {row["path"]: sys.intern(row["language"]) for row in rows}
        self.packages = self._read_packages(rows, known)
        packages = {
            path: self.packages[key] for path, key in self._keys.items() if key in self.packages
        }
        self.resolver = Resolver(Project(files, self._text, packages))

    @cached_property
    def bytes(self) -> int:
        """About what it takes in memory."""
        names = sum(len(names) for packages in self.packages.values() for names in packages)
        texts = sum(map(len, self._manifests.values()))
        return _FILE_BYTES * len(self._keys) + _NAME_BYTES * names + texts

    def _read_packages(
        self, rows: Sequence[Document], known: Mapping[str, Packages]
    ) -> dict[str, Packages]:
        """By key of the blob: what is known already is not read again."""
        keys = {row["key"] for row in rows if row["language"] in LANGUAGES_WITH_PACKAGES}
        packages = {key: known[key] for key in keys if key in known}
        missing = sorted(key for key in keys if key and key not in packages)
        for start in range(0, len(missing), _AT_ONCE):
            for blob in self._blobs.read(missing[start : start + _AT_ONCE], {"packages": 1}):
                packages[blob["_id"]] = [
                    [sys.intern(name) for name in names] for names in blob.get("packages", ())
                ]
        return packages

    def _text(self, path: str) -> str | None:
        key = self._keys[path] or ""
        return self._manifests.get(key) if is_manifest(path) else self._blobs.source(key)

    @cached_property
    def _manifests(self) -> dict[str, str]:
        """The texts of what may say how imports are resolved, by key; those at the root first."""
        paths = sorted(filter(is_manifest, self._keys), key=lambda path: (path.count("/"), path))
        keys = list(dict.fromkeys(key for path in paths if (key := self._keys[path])))
        texts: dict[str, str] = {}
        for start in range(0, len(keys), _MANIFESTS_AT_ONCE):
            texts |= self._blobs.sources(keys[start : start + _MANIFESTS_AT_ONCE])
            if sum(map(len, texts.values())) > _MOST_CHARS:
                break
        return texts


class IndexProjects:
    """The projects of a process; threads share it."""

    def __init__(self, database: Database[Document], symbol_index_mb: int) -> None:
        self._files, self._blobs = Files(database), Blobs(database)
        self._kept = EditionCache[IndexProject]((symbol_index_mb << 20) // _SHARE)

    def resolver(self, index: PublishedIndex) -> Resolver:
        """The resolver of what an index shows now."""
        return self._kept.of(index, lambda before: self._built(index, before)).resolver

    def _built(self, index: PublishedIndex, before: IndexProject | None) -> IndexProject:
        rows = self._files.shown(index.id, index.generation, fields=_FIELDS)
        files = [row for row in rows if row["skip"] not in _NO_FILES]
        return IndexProject(files, self._blobs, before.packages if before else {})
