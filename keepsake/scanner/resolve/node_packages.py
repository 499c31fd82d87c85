"""JavaScript's packages: what `package.json` says that a package's name, and paths in it, mean."""

from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import Any

from keepsake.scanner.resolve.manifests import Table, inner
from keepsake.scanner.resolve.project import Project, folder_of, joined, upwards

_MAIN = ("source", "svelte", "module", "main", "types", "typings", "browser")
_MANIFEST = "package.json"


class NodePackages:
    """The packages of a project, each a folder with a named `package.json`."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._known_exports: dict[str, Table] = {}

    def manifest(self, folder: str) -> Table:
        """The manifest in a folder; empty where there is none."""
        return self._project.table(f"{folder}/{_MANIFEST}" if folder else _MANIFEST)

    def home(self, path: str) -> str | None:
        """The nearest folder with a manifest above a file."""
        homes = (above for above in upwards(folder_of(path)) if above in self._homes)
        return next(homes, None)

    @cached_property
    def _homes(self) -> frozenset[str]:
        return frozenset(folder_of(path) for path in self._project.manifests(_MANIFEST))

    @cached_property
    def by_name(self) -> dict[str, list[str]]:
        """The folders of the packages of each name."""
        named: dict[str, list[str]] = {}
        for path in self._project.manifests(_MANIFEST):
            name = self._project.table(path).get("name")
            if isinstance(name, str):
                named.setdefault(name, []).append(folder_of(path))
        return named

    def entries(self, folder: str, below: str) -> list[str]:
        """Where a path below a package's name may be; the empty one is the name alone."""
        table = self.manifest(folder)
        exports = table.get("exports")
        if exports is not None:
            return _inside(folder, mapped(self._exports(folder), f"./{below}" if below else "."))
        if below:
            return _inside(folder, [below])
        mains = [table[key] for key in _MAIN if isinstance(table.get(key), str)]
        return _inside(folder, [*mains, "index"])

    def _exports(self, folder: str) -> Table:
        if folder not in self._known_exports:
            self._known_exports[folder] = _subpaths(self.manifest(folder).get("exports"))
        return self._known_exports[folder]

    def own(self, importer: str, name: str) -> list[str]:
        """Where a name that begins with `#` may be, by the `imports` of the importer's package."""
        home = self.home(importer)
        if home is None:
            return []
        return _inside(home, mapped(inner(self.manifest(home), "imports"), name))

    def exact(self) -> Iterator[str]:
        """The names, and paths below them, that manifests map one by one."""
        for name, folders in self.by_name.items():
            yield name
            for folder in folders:
                for key in self._exports(folder):
                    if "*" not in key:
                        yield f"{name}{key[1:]}"

    def patterns(self) -> Iterator[tuple[str, str]]:
        """What `imports` and `exports` map, each with a place that it is mapped to."""
        for path in self._project.manifests(_MANIFEST):
            folder, table = folder_of(path), self._project.table(path)
            for mapping in (inner(table, "imports"), self._exports(folder)):
                for pattern, value in mapping.items():
                    yield from ((pattern, place) for place in _inside(folder, _conditions(value)))


def package_name(name: str) -> tuple[str, str]:
    """The name of a package at the beginning of one, and the path below it."""
    parts = name.split("/")
    size = 2 if name.startswith("@") else 1
    return "/".join(parts[:size]), "/".join(parts[size:])


def _subpaths(exports: Any) -> Table:
    """`exports` by path: conditions or a text alone are of the package's name."""
    if isinstance(exports, dict) and all(str(key).startswith(".") for key in exports):
        return exports
    return {".": exports}


def mapped(patterns: Table, name: str) -> Iterator[str]:
    """What a name is mapped to: by its own key, else by that with the longest text before `*`."""
    if name in patterns:
        yield from _conditions(patterns[name])
        return
    fitting = [pattern for pattern in patterns if fits(pattern, name)]
    for pattern in sorted(fitting, key=lambda pattern: -len(pattern.partition("*")[0]))[:1]:
        before, _, after = pattern.partition("*")
        middle = name[len(before) : len(name) - len(after)]
        yield from (place.replace("*", middle) for place in _conditions(patterns[pattern]))


def fits(pattern: str, name: str) -> bool:
    """Whether a pattern with one `*` takes a name."""
    before, star, after = pattern.partition("*")
    long_enough = len(name) >= len(before) + len(after)
    return bool(star) and long_enough and name.startswith(before) and name.endswith(after)


def _conditions(value: Any, depth: int = 9) -> Iterator[str]:
    """The texts of a target, whatever conditions they are under."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list | dict) and depth:
        for item in value if isinstance(value, list) else value.values():
            yield from _conditions(item, depth - 1)


def _inside(folder: str, places: Iterable[str]) -> list[str]:
    paths = (joined(folder, place) for place in places if not place.startswith("/"))
    return [path for path in dict.fromkeys(paths) if path is not None]
