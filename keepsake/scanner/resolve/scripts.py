"""JavaScript and TypeScript: paths, aliases, packages of the workspace."""

import re
from collections.abc import Iterator, Sequence
from functools import cached_property

from keepsake.scanner.parse.imports import stem
from keepsake.scanner.resolve.manifests import inner, text_items
from keepsake.scanner.resolve.node_packages import NodePackages, mapped, package_name
from keepsake.scanner.resolve.project import (
    ImportTarget,
    Project,
    all_sure,
    folder_of,
    guesses,
    joined,
    upwards,
)
from keepsake.scanner.resolve.script_files import ScriptFiles
from keepsake.scanner.resolve.tsconfig import Aliases, TypeScriptConfigs

_BUILT = frozenset({"dist", "build", "lib", "out", "es", "esm", "cjs", "types"})
_CONVENTIONS = {
    "@/": ("src", ".", "app"), "~/": ("src", ".", "app"), "@@/": (".",), "~~/": (".",),
    "$lib/": ("src/lib",), "src/": ("src",), "app/": ("app",),
}  # fmt: skip
"""What names begin with that bundlers are often told to look for in a folder of the package."""
_SUFFIX = re.compile(r"(\.d)?\.[cm]?[jt]sx?$")
_SOURCE = "src/index.ts"
"""A file whose configuration says what a package builds, and where."""
_MOST_ODD = 200
"""Places with `*` in a folder's name, each of which is looked for among all folders."""
_DENO = ("deno.json", "deno.jsonc")


class ScriptImports:
    """Everything that `import`, `export … from` and `require` can name."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._packages = NodePackages(project)
        self._configs = TypeScriptConfigs(project, self._packages)
        self._files = ScriptFiles(project, self._packages)

    def targets(self, importer: str, module: str, names: Sequence[str]) -> list[ImportTarget]:
        """The module's file."""
        del names
        name = module.partition("?")[0]
        if name.startswith("."):
            place = joined(folder_of(importer), name)
            return self._files.at(place, importer) if place is not None else []
        for places in self._mapped(importer, name):
            if path := self._files.first(places, importer):
                return all_sure(self._files.with_types(path))
        return self._of_packages(importer, name) or self._guessed(importer, name)

    def words(self, path: str) -> set[str]:
        """The file's name, or its folder's; and the names that manifests map to it."""
        return self._files.words(path) | self._named.get(path, set())

    def _mapped(self, importer: str, name: str) -> Iterator[list[str]]:
        """The places that manifests give a name, one manifest after the other."""
        if name.startswith("#"):
            yield self._packages.own(importer, name)
        aliases = self._configs.of(importer)
        yield _places(aliases, name)
        if aliases.base is not None and (place := joined(aliases.base, name)) is not None:
            yield [place]
        yield self._of_deno(importer, name)

    def _of_deno(self, importer: str, name: str) -> list[str]:
        for folder in upwards(folder_of(importer)):
            for manifest in _DENO:
                table = self._project.table(f"{folder}/{manifest}" if folder else manifest)
                for key, places in text_items(inner(table, "imports")):
                    if name == key or (key.endswith("/") and name.startswith(key)):
                        full = (joined(folder, place + name[len(key) :]) for place in places)
                        return [path for path in full if path is not None]
        return []

    def _of_packages(self, importer: str, name: str) -> list[ImportTarget]:
        """The entry of a package of the workspace; what it builds, in its sources."""
        package, below = package_name(name)
        folders = self._packages.by_name.get(package, [])
        found, built = list[list[str]](), list[ImportTarget]()
        for folder in folders:
            entries = self._packages.entries(folder, below)
            if path := self._files.first(entries, importer):
                found.append(self._files.with_types(path))
            else:
                built += self._built(folder, entries, importer)
        if found:
            sure = len(found) == 1
            return [ImportTarget(path, sure) for paths in found for path in paths]
        return built if len(built) == 1 else guesses(target.path for target in built)

    def _built(self, folder: str, entries: Sequence[str], importer: str) -> list[ImportTarget]:
        """The source of an entry that a build would write: sure where a configuration says so."""
        out = self._configs.of(f"{folder}/{_SOURCE}" if folder else _SOURCE).built
        for entry in entries:
            rest = entry[len(folder) :].strip("/").split("/")
            while len(rest) > 1 and rest[0] in _BUILT:
                rest = rest[1:]
            place = joined(folder, _SUFFIX.sub("", "/".join(["src", *rest])))
            if place and (path := self._files.first([place], importer)):
                return [ImportTarget(path, sure=bool(out) and entry.startswith(f"{out}/"))]
        return []

    def _guessed(self, importer: str, name: str) -> list[ImportTarget]:
        """By aliases of configurations above, and by those that bundlers often have."""
        places = [
            place for aliases in self._configs.above(importer) for place in _places(aliases, name)
        ]
        places += self._conventional(importer, name)
        path = self._files.first(places, importer)
        return guesses([path] if path else [])

    def _conventional(self, importer: str, name: str) -> Iterator[str]:
        """Where bundlers often look, from the folders above, up to that of the package."""
        fitting = [beginning for beginning in _CONVENTIONS if name.startswith(beginning)]
        for above in upwards(folder_of(importer)) if fitting else ():
            for beginning in fitting:
                rest = name.removeprefix(beginning)
                places = (joined(above, f"{folder}/{rest}") for folder in _CONVENTIONS[beginning])
                yield from (place for place in places if place)
            if above == self._packages.home(importer):
                return

    @cached_property
    def _named(self) -> dict[str, set[str]]:
        """The files that manifests give other names than their own, each with the ends of these."""
        named: dict[str, set[str]] = {}
        for name in self._packages.exact():
            for target in self._of_packages("", name):
                named.setdefault(target.path, set()).add(_end(name))
        for pattern, place in dict.fromkeys(self._patterns()):
            if "*" not in pattern and (path := self._files.first([place], "")):
                named.setdefault(path, set()).add(_end(pattern))
        odd = {place for pattern, place in self._patterns() if "*" in place.rpartition("/")[0]}
        for place in sorted(odd)[:_MOST_ODD]:
            for path, middle in self._taken(place):
                named.setdefault(path, set()).add(_end(middle))
        return named

    def _patterns(self) -> Iterator[tuple[str, str]]:
        """What manifests map, each with a place that it is mapped to."""
        for aliases in self._configs.all():
            for pattern, places in aliases.paths.items():
                yield from ((pattern, place) for place in places)
        yield from self._packages.patterns()
        for manifest in self._project.manifests(*_DENO):
            for pattern, places in text_items(inner(self._project.table(manifest), "imports")):
                for place in places:
                    if (full := joined(folder_of(manifest), place)) is not None:
                        yield pattern, full

    def _taken(self, place: str) -> Iterator[tuple[str, str]]:
        """The files that a place with `*` in a folder's name stands for, each with what it is."""
        before, _, after = place.partition("*")
        for folder in self._project.all_folders:
            middle = folder.removeprefix(before)
            fits = folder.startswith(before) and middle and "/" not in middle
            if fits and (path := self._files.first([f"{folder}{after}"], "")):
                yield path, middle


def _places(aliases: Aliases, name: str) -> list[str]:
    return list(mapped(aliases.paths, name))


def _end(name: str) -> str:
    """What an import of a name is looked up by."""
    _, below = package_name(name)
    return stem(below) if below else name
