"""Go: an import is a folder, by the path of its module, and means all files in it but tests."""

import re
from collections.abc import Iterator, Sequence
from functools import cached_property

from keepsake.scanner.parse.imports import stem
from keepsake.scanner.resolve.project import (
    ImportTarget,
    Project,
    all_sure,
    folder_of,
    guesses,
    joined,
    upwards,
)

_MODULE = re.compile(r"""^[ \t]*module[ \t]+["`]?([^\s"`()]+)""", re.MULTILINE)
_REPLACED = re.compile(
    r"""^[ \t]*(?:replace[ \t]+)?["`]?([^\s"`()]+)["`]?(?:[ \t]+v\S+)?[ \t]*=>"""
    r"""[ \t]*["`]?(\.{1,2}(?:/[^\s"`]*)?)""",
    re.MULTILINE,
)


class GoImports:
    """The modules of a project, by their `go.mod`."""

    def __init__(self, project: Project) -> None:
        self._project = project

    def targets(self, importer: str, module: str, names: Sequence[str]) -> list[ImportTarget]:
        """The files of a package."""
        del names
        if module.startswith("."):
            return all_sure(self._files(joined(folder_of(importer), module)))
        if not self._modules:
            return guesses(self._by_ending(module))
        if not self._may_import(importer, module):
            return []
        packages = list(self._packages(importer, module)) or list(self._vendored(importer, module))
        sure = len(packages) == 1
        return [ImportTarget(path, sure) for folder in packages for path in self._files(folder)]

    def words(self, path: str) -> set[str]:
        """The last part of the path by which its package is imported."""
        folder = folder_of(path)
        roots = [
            root
            for paths in (self._modules, *self._replaced.values())
            for root, homes in paths.items()
            if folder in homes
        ]
        return {stem(folder), *map(stem, roots)}

    @cached_property
    def _modules(self) -> dict[str, list[str]]:
        """Module paths, each with the folders of its module."""
        modules: dict[str, list[str]] = {}
        for path in self._project.manifests("go.mod"):
            if match := _MODULE.search(self._project.text(path)):
                modules.setdefault(match[1], []).append(folder_of(path))
        return modules

    @cached_property
    def _replaced(self) -> dict[str, dict[str, list[str]]]:
        """What the module of a folder takes from folders instead of from elsewhere."""
        replaced: dict[str, dict[str, list[str]]] = {}
        for path in self._project.manifests("go.mod"):
            home = folder_of(path)
            for module, place in _REPLACED.findall(self._project.text(path)):
                if (folder := joined(home, place)) is not None:
                    replaced.setdefault(home, {})[module] = [folder]
        return replaced

    def _packages(self, importer: str, module: str) -> Iterator[str]:
        """The folders that an import may mean: of the longest module path that it begins with."""
        home = self._home(folder_of(importer))
        replaced = self._replaced.get(home or "", {})
        for root in upwards(module):
            homes = replaced.get(root) or self._modules.get(root)
            if not homes:
                continue
            for found in [home] if home is not None and home in homes else homes:
                folder = joined(found, module[len(root) :].lstrip("/"))
                if folder is not None and self._is_package(folder, found):
                    yield folder
            return

    def _is_package(self, folder: str, home: str) -> bool:
        """Whether a folder is a package of the module in another folder."""
        return bool(self._files(folder)) and self._home(folder) == self._home(home)

    def _vendored(self, importer: str, module: str) -> Iterator[str]:
        """The copy of another module's package that a module has."""
        home = self._home(folder_of(importer))
        folder = joined(home, f"vendor/{module}") if home is not None else None
        if self._files(folder):
            yield folder or ""

    def _may_import(self, importer: str, module: str) -> bool:
        """What is internal is for packages below the folder that it is in."""
        before, internal, _ = f"/{module}/".rpartition("/internal/")
        home = self._home(folder_of(importer))
        roots = [root for root, homes in self._modules.items() if home in homes]
        paths = (f"/{root}/{importer[len(home or '') :].lstrip('/')}" for root in roots)
        return not internal or any(path.startswith(f"{before}/") for path in paths)

    def _home(self, folder: str) -> str | None:
        """The folder of the module that a folder is in."""
        homes = self._homes
        return next((above for above in upwards(folder) if above in homes), None)

    @cached_property
    def _homes(self) -> frozenset[str]:
        return frozenset(folder_of(path) for path in self._project.manifests("go.mod"))

    def _files(self, folder: str | None) -> list[str]:
        files = self._project.folders.get(folder, ()) if folder is not None else ()
        return [path for path in files if path.endswith(".go") and not path.endswith("_test.go")]

    def _by_ending(self, module: str) -> list[str]:
        """Of a project without modules: the folder of the longest ending of a path of some host."""
        parts = module.split("/")
        if "." not in parts[0]:
            return []
        for start in range(1, len(parts)):
            if files := self._files("/".join(parts[start:])):
                return files
        return []
