"""Java, Kotlin, Scala and C#: an import means what declares a package, wherever the file is."""

from collections.abc import Iterator, Sequence
from functools import cached_property

from keepsake.scanner.resolve.project import (
    ImportTarget,
    Project,
    all_sure,
    folder_of,
    guesses,
    is_below,
)

_WILDCARDS = frozenset({"*", "_", "given"})
_NESTED = frozenset({"scala", "csharp"})
"""The languages where an import may leave out the beginning of the package that it is in."""
_VALUES = frozenset({"kotlin", "scala"})
"""The languages whose packages hold values too, which are no symbols of an index."""
_SOURCES = "/src/"
"""What parts a module's folder from its source sets: `app/src/main/java`, `app/src/test/java`."""


class DeclaredPackages:
    """Which files declare which packages, and which names in them."""

    def __init__(self, project: Project, languages: frozenset[str]) -> None:
        """Of the files in some languages: those that import each other."""
        self.files: dict[str, list[str]] = {}
        """The files of each package."""
        self._names: dict[tuple[str, str], list[str]] = {}
        for path, packages in project.packages.items():
            if project.files[path] in languages:
                for package, *names in packages:
                    self.files.setdefault(package, []).append(path)
                    for name in dict.fromkeys(names):
                        self._names.setdefault((package, name), []).append(path)

    @cached_property
    def _most_parts(self) -> int:
        return max((package.count(".") + 1 for package in self.files), default=0)

    def named(self, package: str, name: str) -> list[str]:
        """The files that declare a name right inside a package."""
        return self._names.get((package, name), [])

    def of(self, parts: Sequence[str]) -> tuple[str, list[str]]:
        """What of a name is a package: the longest there is, and what follows it."""
        for end in range(min(len(parts), self._most_parts), -1, -1):
            if (package := ".".join(parts[:end])) in self.files:
                return package, list(parts[end:])
        return "", list(parts)


class PackageImports:
    """Imports of types, functions, members and whole packages."""

    def __init__(self, project: Project, languages: frozenset[str]) -> None:
        self._project, self._languages = project, languages

    @cached_property
    def _declared(self) -> DeclaredPackages:
        return DeclaredPackages(self._project, self._languages)

    def targets(self, importer: str, module: str, names: Sequence[str]) -> list[ImportTarget]:
        """The files of a type or a function; of a package all that declare it."""
        found = list[ImportTarget]()
        for name in [f"{module}.{name}" for name in names] or [module]:
            parts = [part for part in name.split(".") if part]
            candidates = (
                self._meant(importer, written) for written in self._written(importer, parts)
            )
            found += next(filter(None, candidates), [])
        return [target for target in found if target.path != importer]

    def words(self, path: str) -> set[str]:
        """The names that it declares, and the ends of its packages, also as `end.*`."""
        words = set[str]()
        for package, *names in self._project.packages.get(path, ()):
            end = package.rpartition(".")[2]
            words |= {end, f"{end}.*", *names, *(f"{name}.*" for name in names)}
        return words

    def _written(self, importer: str, parts: Sequence[str]) -> Iterator[list[str]]:
        """The name as it stands, after it in the packages around it."""
        if self._project.files.get(importer) in _NESTED:
            for package, *_ in reversed(self._project.packages.get(importer, ())):
                around = package.split(".")
                for end in range(len(around), 0, -1):
                    yield [*around[:end], *parts]
        yield list(parts)

    def _meant(self, importer: str, parts: Sequence[str]) -> list[ImportTarget]:
        wildcard = parts[-1] in _WILDCARDS
        package, rest = self._declared.of(parts[:-1] if wildcard else parts)
        if not rest:
            files = self._declared.files.get(package, [])
            is_meant = wildcard or self._project.files.get(importer) == "csharp"
            return all_sure(files) if is_meant else guesses(files)
        if paths := self._declared.named(package, rest[0]):
            return self._nearest(importer, rest[0], paths)
        is_value = self._project.files.get(importer) in _VALUES and rest[0][:1].islower()
        if is_value and package and len(rest) == 1:
            return guesses(self._declared.files[package])
        return []

    def _nearest(self, importer: str, name: str, paths: Sequence[str]) -> list[ImportTarget]:
        """Of several files that declare a type, those of the importer's own module."""
        module, sources, _ = f"/{importer}".rpartition(_SOURCES)
        own = [path for path in paths if is_below(f"/{path}", module)] if sources else []
        near = own or list(paths)
        together = len({folder_of(path) for path in near}) == 1 or name[:1].islower()
        return all_sure(near) if together else guesses(near)
