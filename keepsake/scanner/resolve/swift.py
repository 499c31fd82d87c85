"""Swift: an import is a module, which is a target of `Package.swift` or a folder of its name."""

import re
from collections.abc import Iterator, Sequence
from functools import cached_property

from keepsake.scanner.resolve.project import (
    ImportTarget,
    Project,
    folder_of,
    is_below,
    joined,
)

_TARGET = re.compile(
    r"\.(target|executableTarget|testTarget|macro|plugin|systemLibrary)\(\s{0,99}name:\s{0,99}"
    r'"([^"\n]{1,200})"'
)
_PATH = re.compile(r'\bpath:\s{0,99}"([^"\n]*)"')
_EXCLUDED = re.compile(r"\bexclude:\s{0,99}\[([^\[\]]{0,5000})\]")
_QUOTED = re.compile(r'"([^"\n]+)"')
_FOLDERS = {"testTarget": ("Tests", "Sources", "Source", "src", "srcs")}
_SOURCES = ("Sources", "Source", "src", "srcs")


class SwiftImports:
    """The modules of a project."""

    def __init__(self, project: Project) -> None:
        self._project = project

    def targets(self, importer: str, module: str, names: Sequence[str]) -> list[ImportTarget]:
        """All files of the module; of a module that only a folder's name tells, perhaps."""
        del names
        name = module.partition(".")[0]
        homes = self._declared.get(name, {})
        own = {home: files for home, files in homes.items() if is_below(importer, home)}
        places = own or homes or self._folders.get(name, {})
        sure = len(places) == 1 and (bool(homes) or next(iter(places)) == _SOURCES[0])
        return [
            ImportTarget(path, sure)
            for files in places.values()
            for path in files
            if path != importer
        ]

    def words(self, path: str) -> set[str]:
        """The modules that it may be of."""
        return self._modules.get(path, set())

    @cached_property
    def _modules(self) -> dict[str, set[str]]:
        modules: dict[str, set[str]] = {}
        for named in (self._folders, self._declared):
            for name, places in named.items():
                for files in places.values():
                    for path in files:
                        modules.setdefault(path, set()).add(name)
        return modules

    @cached_property
    def _declared(self) -> dict[str, dict[str, list[str]]]:
        """The modules of manifests, each with its files by the folder of the manifest."""
        declared: dict[str, dict[str, list[str]]] = {}
        for manifest in self._project.manifests("Package.swift"):
            home = folder_of(manifest)
            for name, files in self._targets(home, self._project.text(manifest)):
                declared.setdefault(name, {})[home] = files
        return declared

    def _targets(self, home: str, text: str) -> Iterator[tuple[str, list[str]]]:
        starts = [*_TARGET.finditer(text)]
        ends = [*(match.start() for match in starts[1:]), len(text)]
        for match, end in zip(starts, ends, strict=False):
            path = _PATH.search(text, match.end(), end)
            folder = joined(home, path[1]) if path else self._conventional(home, *match.groups())
            excluded = _EXCLUDED.search(text, match.end(), end)
            left_out = _QUOTED.findall(excluded[1]) if excluded else []
            if folder is not None:
                yield re.sub(r"\W", "_", match[2]), self._files(folder, left_out)

    def _conventional(self, home: str, kind: str, name: str) -> str | None:
        places = (joined(home, f"{above}/{name}") for above in _FOLDERS.get(kind, _SOURCES))
        return next((place for place in places if place in self._project.all_folders), None)

    def _files(self, folder: str, excluded: Sequence[str]) -> list[str]:
        left_out = [f"{folder}/{path}" for path in excluded]
        return [
            path
            for path in self._sources
            if is_below(path, folder)
            and not any(path == out or is_below(path, out) for out in left_out)
        ]

    @cached_property
    def _sources(self) -> list[str]:
        return [path for path in self._project.files if path.endswith(".swift")]

    @cached_property
    def _folders(self) -> dict[str, dict[str, list[str]]]:
        """The names of folders, each with the files below it by the folder above."""
        named: dict[str, dict[str, list[str]]] = {}
        for path in self._sources:
            folder = folder_of(path)
            while folder:
                above, _, name = folder.rpartition("/")
                named.setdefault(name, {}).setdefault(above, []).append(path)
                folder = above
        return named
