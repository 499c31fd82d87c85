"""Rust: a path begins at a crate, at the module of its file or above it, and ends in a module."""

from collections.abc import Iterator, Sequence

from keepsake.scanner.parse.imports import stem
from keepsake.scanner.resolve.crates import Crates
from keepsake.scanner.resolve.project import (
    ImportTarget,
    Project,
    all_sure,
    folder_of,
    sure_if_single,
)

_OWN = frozenset({"std", "core", "alloc", "proc_macro", "test"})
_OLD = "2015"


class RustImports:
    """The modules of the crates of a project, each a file; what is inside one counts as the file.

    A module of path `a::b` is `a/b.rs` or `a/b/mod.rs`, beside the file at which the crate begins.
    """

    def __init__(self, project: Project) -> None:
        self._project, self._crates = project, Crates(project)

    def targets(self, importer: str, module: str, names: Sequence[str]) -> list[ImportTarget]:
        """The deepest file of each path."""
        if module.startswith(("./", "../")):
            path = self._project.at(folder_of(importer), module)
            return all_sure([path] if path and path != importer else [])
        paths = [f"{module}::{name}" for name in names] or [module]
        return [target for path in paths for target in self._meant(importer, path.split("::"))]

    def words(self, path: str) -> set[str]:
        """Its own name; at the beginning of a crate the crate's names; `super`, from below."""
        name = stem(path)
        words = {stem(folder_of(path)) if name == "mod" else name, "super"}
        crate = self._crates.of(path)
        if path in self._crates.roots(path):
            words |= {"crate"}
        if crate and crate.library == path:
            words |= {crate.name}
            words |= self._crates.names.get(crate.home, set())
            words |= self._crates.names.get(crate.name, set())
        return words

    def _meant(self, importer: str, parts: Sequence[str]) -> list[ImportTarget]:
        first, rest = parts[0], parts[1:]
        if first in _OWN:
            return []
        if first == "crate":
            return self._in_crate(importer, rest)
        if first in ("self", "super"):
            return self._from_module(importer, parts)
        if self._child(self._inside(importer), first):
            return all_sure(self._deepest(importer, parts))
        return self._in_library(importer, parts) or self._in_old_crate(importer, parts)

    def _in_library(self, importer: str, parts: Sequence[str]) -> list[ImportTarget]:
        crates = self._crates.named(parts[0], importer)
        return sure_if_single(
            [path for crate in crates for path in self._deepest(crate.library, parts[1:])]
        )

    def _in_old_crate(self, importer: str, parts: Sequence[str]) -> list[ImportTarget]:
        """In the first edition every path begins where the crate does."""
        crate = self._crates.of(importer)
        if crate is None or crate.edition != _OLD:
            return []
        roots = self._crates.roots(importer)
        return [target for target in self._in_crate(importer, parts) if target.path not in roots]

    def _in_crate(self, importer: str, parts: Sequence[str]) -> list[ImportTarget]:
        roots = self._crates.roots(importer)
        if importer in roots:
            roots = [importer]
        found = [path for root in roots for path in self._deepest(root, parts)]
        return [target for target in sure_if_single(sorted(set(found))) if target.path != importer]

    def _from_module(self, importer: str, parts: Sequence[str]) -> list[ImportTarget]:
        """`self` is the module of the file, each `super` the one above it."""
        file: str | None = importer
        while parts and parts[0] in ("self", "super"):
            file = self._parent(file) if parts[0] == "super" and file else file
            parts = parts[1:]
        found = self._deepest(file, parts) if file else []
        return all_sure(path for path in found if path != importer)

    def _deepest(self, file: str, parts: Sequence[str]) -> list[str]:
        """The file of the deepest module that the parts name, below the module of a file."""
        folder = self._inside(file)
        for part in parts:
            if child := self._child(folder, part):
                file, folder = child, self._inside(child)
            else:  # a module with a body, which may have files below it
                folder = f"{folder}/{part}" if folder else part
                if folder not in self._project.all_folders:
                    break
        return [file]

    def _child(self, folder: str, name: str) -> str | None:
        place = f"{folder}/{name}" if folder else name
        return next((path for path in _files(place) if path in self._project.files), None)

    def _inside(self, file: str) -> str:
        """The folder of the modules in the module of a file."""
        begins = stem(file) == "mod" or file in self._crates.roots(file)
        return folder_of(file) if begins else file.removesuffix(".rs")

    def _parent(self, file: str) -> str | None:
        """The file of the module above; None where the crate begins."""
        roots = self._crates.roots(file)
        if file in roots:
            return None
        folder = folder_of(folder_of(file)) if stem(file) == "mod" else folder_of(file)
        if any(folder == folder_of(root) for root in roots):
            return roots[0]
        return next((path for path in _files(folder) if path in self._project.files), None)


def _files(place: str) -> Iterator[str]:
    yield f"{place}.rs"
    yield f"{place}/mod.rs"
