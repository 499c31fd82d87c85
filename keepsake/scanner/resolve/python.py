"""Python: a module is looked for below the roots that its importer has, a name in it last."""

import sys
from collections.abc import Iterable, Sequence
from functools import cached_property

from keepsake.scanner.parse.imports import stem
from keepsake.scanner.resolve.project import (
    ImportTarget,
    Project,
    all_sure,
    depth,
    folder_of,
    guesses,
    joined,
    upwards,
)
from keepsake.scanner.resolve.python_roots import dependencies, import_roots

_SUFFIXES = (".py", ".pyi", ".pyx")
_INIT = "__init__"
_DOTS = frozenset({".", "..", "...", "...."})


class PythonImports:
    """The packages of a project, wherever their roots are."""

    def __init__(self, project: Project) -> None:
        self._project = project

    def targets(self, importer: str, module: str, names: Sequence[str]) -> list[ImportTarget]:
        """The module, or those of the names that are modules in it."""
        bare = module.lstrip(".")
        parts = [part for part in bare.split(".") if part]
        if len(bare) < len(module):
            folder = self._above(importer, len(module) - len(bare) - 1)
            return all_sure(self._meant(folder, parts, names)) if folder is not None else []
        if not parts or parts[0] in sys.stdlib_module_names:
            return []
        for root in self._near(importer):
            if paths := self._meant(root, parts, names):
                return all_sure(paths)
        return self._far(parts, names)

    def words(self, path: str) -> set[str]:
        """Its own name; of a package its folder's, and dots, from inside."""
        name = stem(path)
        return {stem(folder_of(path)), *_DOTS} if name == _INIT else {name}

    def _above(self, importer: str, levels: int) -> str | None:
        folder: str | None = folder_of(importer)
        for _ in range(levels):
            folder = joined(folder, "..") if folder else None
        return folder

    def _near(self, importer: str) -> Iterable[str]:
        """The roots that an importer surely has: above its package, and those of its projects."""
        folder = folder_of(importer)
        yield next(above for above in upwards(folder) if not self._is_package(above))
        for home in upwards(folder):
            yield from self._roots.get(home, ())

    def _far(self, parts: Sequence[str], names: Sequence[str]) -> list[ImportTarget]:
        """Below the roots of other projects, else below any folder that could be one."""
        if parts[0] in self._dependencies:
            return []
        declared = {root for roots in self._roots.values() for root in roots}
        found = [paths for root in sorted(declared) if (paths := self._meant(root, parts, names))]
        if found:
            sure = len(found) == 1
            return [ImportTarget(path, sure) for paths in found for path in paths]
        roots = sorted(self._tops.get(parts[0], ()), key=lambda root: (depth(root), root))
        return guesses(path for root in roots for path in self._meant(root, parts, names))

    def _meant(self, root: str, parts: Sequence[str], names: Sequence[str]) -> list[str]:
        """The files of a module below a root, and of the names that are modules."""
        place = "/".join([root, *parts]) if root else "/".join(parts)
        own = self._module(place) if parts else self._package(place)
        if own and not stem(own[0]).startswith(_INIT):
            return own
        inside = [self._module(f"{place}/{name}" if place else name) for name in names]
        paths = [path for files in inside for path in files]
        return paths if paths and all(inside) else [*own, *paths]

    def _module(self, place: str) -> list[str]:
        return self._package(place) or self._existing(place)

    def _package(self, folder: str) -> list[str]:
        return self._existing(f"{folder}/{_INIT}" if folder else _INIT)

    def _existing(self, place: str) -> list[str]:
        return [path for suffix in _SUFFIXES if (path := place + suffix) in self._project.files]

    def _is_package(self, folder: str) -> bool:
        return bool(folder) and bool(self._package(folder))

    @cached_property
    def _roots(self) -> dict[str, list[str]]:
        return import_roots(self._project)

    @cached_property
    def _dependencies(self) -> frozenset[str]:
        return dependencies(self._project)

    @cached_property
    def _tops(self) -> dict[str, set[str]]:
        """The names that stand in no package, each with the folders that it stands in."""
        tops: dict[str, set[str]] = {}
        for path in self._project.files:
            if path.endswith(_SUFFIXES):
                folder, name = folder_of(path), stem(path)
                if name == _INIT:
                    folder, _, name = folder.rpartition("/")
                if not self._is_package(folder):
                    tops.setdefault(name, set()).add(folder)
        return tops
