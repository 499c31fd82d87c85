"""A project as imports see it: its files, the texts of its manifests, the packages it declares."""

import posixpath
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import NamedTuple, Protocol

from keepsake.scanner.resolve.manifests import (
    ManifestUnreadable,
    Table,
    is_manifest,
    read_json,
    read_toml,
)

_TABLES = re.compile(r".+\.(json|jsonc|toml)")
Packages = Sequence[Sequence[str]]
"""Each package that a file declares, followed by the names right inside it."""


class ImportTarget(NamedTuple):
    """A file that an import means, or may mean if that is not `sure`."""

    path: str
    sure: bool = True


class ImportRule(Protocol):
    """How the imports of some languages are resolved."""

    def targets(self, importer: str, module: str, names: Sequence[str]) -> list[ImportTarget]:
        """The files that an import means."""

    def words(self, path: str) -> set[str]:
        """The words by which what imports a file is looked up (`parse.imports.looked_up_by`)."""


class Project:
    """Paths are as they are stored, from the root, with `/`; the root is the empty text."""

    def __init__(
        self,
        files: Mapping[str, str],
        read: Callable[[str], str | None],
        packages: Mapping[str, Packages],
    ) -> None:
        """`files` has each file's language, `read` gives the text of one."""
        self.files, self.packages = files, packages
        self._read = read
        self._tables: dict[str, Table] = {}
        self._unread = set[str]()

    def text(self, path: str) -> str:
        """The text of a file; empty where there is none."""
        return (self._read(path) if path in self.files else None) or ""

    def table(self, path: str) -> Table:
        """What a manifest of JSON or TOML holds; nothing where it cannot be read."""
        if path not in self._tables:
            self._tables[path] = self._table(path)
        return self._tables[path]

    def _table(self, path: str) -> Table:
        if not (text := self.text(path)):
            return {}
        try:
            return (read_toml if path.endswith(".toml") else read_json)(text)
        except ManifestUnreadable:
            self._unread.add(path)
            return {}

    @cached_property
    def unread(self) -> list[str]:
        """The manifests that are no JSON or TOML."""
        for path in self.manifests_like(_TABLES):
            self.table(path)
        return sorted(self._unread)

    def at(self, folder: str, path: str) -> str | None:
        """The file at a path from a folder, if there is one."""
        full = joined(folder, path)
        return full if full is not None and full in self.files else None

    @cached_property
    def _manifests(self) -> dict[str, list[str]]:
        named: dict[str, list[str]] = {}
        for path in self.files:
            if is_manifest(path):
                named.setdefault(path.rpartition("/")[2], []).append(path)
        return named

    def manifests_like(self, pattern: re.Pattern[str]) -> list[str]:
        """The manifests whose names fit a pattern, by name."""
        named = sorted(name for name in self._manifests if pattern.fullmatch(name))
        return [path for name in named for path in self._manifests[name]]

    def manifests(self, *names: str) -> list[str]:
        """The manifests of some names; those nearest to the root first."""
        paths = [path for name in names for path in self._manifests.get(name, ())]
        return sorted(paths, key=lambda path: (path.count("/"), path))

    @cached_property
    def folders(self) -> dict[str, list[str]]:
        """The files right inside each folder that has some."""
        folders: dict[str, list[str]] = {}
        for path in self.files:
            folders.setdefault(folder_of(path), []).append(path)
        return folders

    @cached_property
    def all_folders(self) -> frozenset[str]:
        """Every folder, also those that hold only folders."""
        return frozenset({above for folder in self.folders for above in upwards(folder)})

    @cached_property
    def _by_name(self) -> dict[str, list[str]]:
        named: dict[str, list[str]] = {}
        for path in self.files:
            named.setdefault(path.rpartition("/")[2], []).append(path)
        return named

    def ending(self, path: str) -> list[str]:
        """The files whose paths are, or end with, a path."""
        candidates = self._by_name.get(path.rpartition("/")[2], ())
        return [full for full in candidates if f"/{full}".endswith(f"/{path}")]


def folder_of(path: str) -> str:
    """The folder that a file is in."""
    return path.rpartition("/")[0]


def joined(folder: str, path: str) -> str | None:
    """A path from a folder, without `.` and `..`; None above the root."""
    full = posixpath.normpath(posixpath.join(folder, path)) if path else folder
    if full.startswith(("../", "/")) or full == "..":
        return None
    return "" if full == "." else full


def upwards(folder: str) -> Iterator[str]:
    """A folder and those it is in, up to the root."""
    while folder:
        yield folder
        folder = folder_of(folder)
    yield ""


def is_below(path: str, folder: str) -> bool:
    """Whether a path is somewhere below a folder."""
    return not folder or path.startswith(f"{folder}/")


def depth(folder: str) -> int:
    """How many folders deep a folder is."""
    return folder.count("/") + bool(folder)


def all_sure(paths: Iterable[str]) -> list[ImportTarget]:
    """Targets that are meant together."""
    return [ImportTarget(path) for path in paths]


def guesses(paths: Iterable[str]) -> list[ImportTarget]:
    """Targets each of which may be meant."""
    return [ImportTarget(path, sure=False) for path in paths]


def sure_if_single(paths: Sequence[str]) -> list[ImportTarget]:
    """A target that is meant, or several of which it may be either."""
    return [ImportTarget(path, sure=len(paths) == 1) for path in paths]
