"""Rust: the crates of a project, by their `Cargo.toml`, and where the files of each begin."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

from keepsake.scanner.resolve.manifests import Table, inner
from keepsake.scanner.resolve.project import Project, folder_of, joined, upwards

_PROGRAMS = ("src/bin", "tests", "examples", "benches")
"""Where each file, and each folder with a `main.rs`, is a crate of its own."""
_BUILD = "build.rs"
_ROOTS = ("lib.rs", "main.rs")


@dataclass
class Crate:
    """A folder with a manifest."""

    home: str
    name: str = ""
    library: str = ""
    """The file at which others that name the crate begin."""
    edition: str = "2015"
    renamed: dict[str, str] = field(default_factory=dict)
    """The names of dependencies in this crate, each with the folder of a crate, or its name."""


class Crates:
    """All crates of a project."""

    def __init__(self, project: Project) -> None:
        self._project = project

    @cached_property
    def by_home(self) -> dict[str, Crate]:
        """The crates by the folders of their manifests."""
        paths = self._project.manifests("Cargo.toml")
        return {folder_of(path): self._crate(path) for path in paths}

    @cached_property
    def by_name(self) -> dict[str, list[Crate]]:
        """The libraries by the name that they are used by."""
        named: dict[str, list[Crate]] = {}
        for crate in self.by_home.values():
            if crate.name and crate.library:
                named.setdefault(crate.name, []).append(crate)
        return named

    @cached_property
    def names(self) -> dict[str, set[str]]:
        """What crates are called by those that use them, by their folders or their own names."""
        names: dict[str, set[str]] = {}
        for crate in self.by_home.values():
            for name, place in crate.renamed.items():
                names.setdefault(place, set()).add(name)
        return names

    def of(self, path: str) -> Crate | None:
        """The crate that a file is in."""
        homes = upwards(folder_of(path))
        return next((self.by_home[home] for home in homes if home in self.by_home), None)

    def named(self, name: str, importer: str) -> list[Crate]:
        """The libraries that a name means in a file."""
        crate = self.of(importer)
        place = crate.renamed.get(name) if crate else None
        if place is not None and place in self.by_home:
            return [self.by_home[place]]
        return self.by_name.get(place if place is not None else name, [])

    def roots(self, path: str) -> list[str]:
        """The files at which the crate of a file begins: several when it may be either."""
        crate = self.of(path)
        if crate is None:
            return next(filter(None, map(self._roots_in, upwards(folder_of(path)))), [])
        if path == joined(crate.home, _BUILD):
            return [path]
        for place in _PROGRAMS:
            folder = joined(crate.home, place) or place
            if path.startswith(f"{folder}/"):
                return self._program(folder, path)
        if crate.library and path.startswith(f"{folder_of(crate.library)}/"):
            main = f"{folder_of(crate.library)}/main.rs"
            return [crate.library, *([main] if main in self._project.files else [])]
        return self._roots_in(joined(crate.home, "src") or "src") or self._roots_in(crate.home)

    def _program(self, folder: str, path: str) -> list[str]:
        """A file right in the folder; of a file deeper, its folder's `main.rs`, or any of these."""
        first = f"{folder}/{path[len(folder) + 1 :].partition('/')[0]}"
        if first == path:
            return [path]
        main = f"{first}/main.rs"
        if main in self._project.files:
            return [main]
        return [file for file in self._project.folders.get(folder, ()) if file.endswith(".rs")]

    def _roots_in(self, folder: str) -> list[str]:
        paths = [f"{folder}/{name}" if folder else name for name in _ROOTS]
        return [path for path in paths if path in self._project.files]

    def _crate(self, path: str) -> Crate:
        home, table = folder_of(path), self._project.table(path)
        name = inner(table, "lib").get("name") or inner(table, "package").get("name")
        edition = inner(table, "package").get("edition")
        return Crate(
            home,
            name.replace("-", "_") if isinstance(name, str) else "",
            self._library(home, inner(table, "lib").get("path")),
            edition if isinstance(edition, str) else "2015" if edition is None else "",
            dict(self._renamed(home, table)),
        )

    def _renamed(self, home: str, table: Table) -> Iterator[tuple[str, str]]:
        """The names of dependencies that say where their crates are, or how these are called."""
        for name, dependency in _dependencies(table):
            shared = dependency.get("workspace")
            place, declared = self._shared(home, name) if shared else (home, dependency)
            if (called := _called(place, declared)) is not None:
                yield name.replace("-", "_"), called

    def _shared(self, home: str, name: str) -> tuple[str, Table]:
        """A dependency as the workspace above declares it, and the folder of the workspace."""
        for above in upwards(home):
            table = self._project.table(f"{above}/Cargo.toml" if above else "Cargo.toml")
            if shared := inner(table, "workspace", "dependencies", name):
                return above, shared
        return home, {}

    def _library(self, home: str, declared: object) -> str:
        path = declared if isinstance(declared, str) else "src/lib.rs"
        return self._project.at(home, path) or ""


def _dependencies(table: Table) -> Iterator[tuple[str, Table]]:
    targets = inner(table, "target").values()
    for part in (table, *map(inner, targets)):
        for kind in ("dependencies", "dev-dependencies", "build-dependencies"):
            for name, dependency in inner(part, kind).items():
                yield name, inner(dependency)


def _called(home: str, dependency: Table) -> str | None:
    """The folder of the crate that a dependency is, or its name if that is another."""
    path, package = dependency.get("path"), dependency.get("package")
    if isinstance(path, str):
        return joined(home, path)
    return package.replace("-", "_") if isinstance(package, str) else None
