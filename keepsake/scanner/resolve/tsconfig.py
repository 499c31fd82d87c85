"""TypeScript's configuration: the aliases that `tsconfig.json` and what it extends declare."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property

from keepsake.scanner.resolve.manifests import inner, text_items, texts
from keepsake.scanner.resolve.node_packages import NodePackages, package_name
from keepsake.scanner.resolve.project import Project, folder_of, joined, upwards

_MAIN = ("tsconfig.json", "jsconfig.json")
_CONFIG = re.compile(r"[tj]sconfig[\w.-]*\.json")
_HERE = "${configDir}"
_MOST_EXTENDED = 20


@dataclass(frozen=True, slots=True)
class Aliases:
    """What a configuration says of names that are no paths; folders are from the root."""

    paths: dict[str, list[str]] = field(default_factory=dict)
    """Patterns with at most one `*`, each with the places that it stands for."""
    base: str | None = None
    """The folder below which every name is looked for."""
    built: str | None = None
    """The folder of what is built."""


class TypeScriptConfigs:
    """The configurations of a project."""

    def __init__(self, project: Project, packages: NodePackages) -> None:
        self._project, self._packages = project, packages
        self._known: dict[tuple[str, str], Aliases] = {}

    def of(self, importer: str) -> Aliases:
        """What holds for a file: of the nearest folder that has a configuration."""
        for folder in upwards(folder_of(importer)):
            if listed := self._in(folder):
                found = [self._aliases(path) for path in listed]
                useful = (known for known in found if known.paths or known.base is not None)
                return next(useful, found[0])
        return Aliases()

    def above(self, importer: str) -> Iterator[Aliases]:
        """What holds for the folders above, which no configuration of the file extends."""
        for folder in upwards(folder_of(importer)):
            yield from (self._aliases(path) for path in self._in(folder))

    def _in(self, folder: str) -> list[str]:
        return self._by_folder.get(folder, [])

    @cached_property
    def _by_folder(self) -> dict[str, list[str]]:
        """The main one first: the projects of a solution stand beside it."""
        paths = self._project.manifests_like(_CONFIG)
        by_folder: dict[str, list[str]] = {}
        for path in sorted(paths, key=lambda path: path.rpartition("/")[2] not in _MAIN):
            by_folder.setdefault(folder_of(path), []).append(path)
        return by_folder

    def all(self) -> Iterator[Aliases]:
        """Of every configuration."""
        for paths in self._by_folder.values():
            yield from map(self._aliases, paths)

    def _aliases(self, path: str) -> Aliases:
        return self._read(path, folder_of(path))

    def _read(self, path: str, user: str) -> Aliases:
        """`user` is the folder of the configuration that is asked for, which `path` is part of.

        What extends itself, in whatever circle, is nothing where it is met again.
        """
        if (path, user) not in self._known:
            self._known[path, user] = Aliases()
            self._known[path, user] = self._aliases_in(path, user)
        return self._known[path, user]

    def _aliases_in(self, path: str, user: str) -> Aliases:
        table, home = self._project.table(path), folder_of(path)
        aliases = Aliases()
        for extended in texts(table.get("extends"))[:_MOST_EXTENDED]:
            if there := self._extended(home, extended):
                aliases = _over(aliases, self._read(there, user))
        options = inner(table, "compilerOptions")
        base = self._place(home, user, options.get("baseUrl"))
        aliases = replace(aliases, base=base) if base is not None else aliases
        built = self._place(home, user, options.get("outDir"))
        aliases = replace(aliases, built=built) if built is not None else aliases
        if not isinstance(options.get("paths"), dict):
            return aliases
        here = aliases.base if aliases.base is not None else home
        paths = {
            pattern: [
                place for item in listed if (place := self._place(here, user, item)) is not None
            ]
            for pattern, listed in text_items(options["paths"])
            if isinstance(options["paths"][pattern], list)
        }
        return replace(aliases, paths=paths)

    def _place(self, home: str, user: str, written: object) -> str | None:
        if not isinstance(written, str):
            return None
        if written.startswith(_HERE):
            return joined(user, written.removeprefix(_HERE).lstrip("/") or ".")
        return joined(home, written)

    def _extended(self, home: str, written: str) -> str | None:
        """The path of an extended configuration, which may be in a package."""
        places = [joined(home, written)] if written.startswith(".") else []
        name, below = package_name(written)
        homes = self._packages.by_name.get(name, ())
        places += [joined(home, below or "tsconfig.json") for home in homes]
        candidates = (f"{place}{suffix}" for place in places if place for suffix in ("", ".json"))
        return next((path for path in candidates if path in self._project.files), None)


def _over(below: Aliases, above: Aliases) -> Aliases:
    """Of two configurations that are extended, the later one wins."""
    return Aliases(
        above.paths or below.paths,
        above.base if above.base is not None else below.base,
        above.built if above.built is not None else below.built,
    )
