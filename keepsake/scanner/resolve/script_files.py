"""JavaScript and TypeScript: which file a path means that is written without its suffix."""

from collections.abc import Iterable, Iterator

from keepsake.scanner.parse.imports import stem
from keepsake.scanner.resolve.node_packages import NodePackages
from keepsake.scanner.resolve.project import ImportTarget, Project, all_sure, folder_of, guesses

_TYPED = (".ts", ".tsx", ".d.ts")
_PLAIN = (".js", ".jsx", ".mjs", ".cjs")
_OTHERS = (".mts", ".cts", ".d.mts", ".d.cts", ".json", ".vue", ".svelte", ".astro")
_PLATFORMS = (".ios", ".android", ".native", ".web", ".windows", ".macos")
_WRITTEN_FOR = {
    ".js": _TYPED,
    ".jsx": (".tsx", ".d.ts"),
    ".mjs": (".mts", ".d.mts"),
    ".cjs": (".cts", ".d.cts"),
}
_DECLARED = {".js": ".d.ts", ".mjs": ".d.mts", ".cjs": ".d.cts"}
_INDEX = "index"


class ScriptFiles:
    """The files of a project by paths as scripts write them."""

    def __init__(self, project: Project, packages: NodePackages) -> None:
        self._project, self._packages = project, packages

    def at(self, place: str, importer: str) -> list[ImportTarget]:
        """The file at a path; of one for several platforms, each perhaps."""
        if path := self.first([place], importer):
            return all_sure(self.with_types(path))
        platforms = (
            f"{place}{platform}{suffix}" for platform in _PLATFORMS for suffix in (*_TYPED, *_PLAIN)
        )
        return guesses(path for path in platforms if path in self._project.files)

    def with_types(self, path: str) -> list[str]:
        """A file of code with the one that declares its types, whichever of them it is."""
        beside = [
            path.removesuffix(own) + other
            for code, types in _DECLARED.items()
            for own, other in ((code, types), (types, code))
            if path.endswith(own)
        ]
        return [path, *(other for other in beside if other in self._project.files)]

    def first(self, places: Iterable[str], importer: str) -> str | None:
        """The first file at some paths; one with code before one with types alone."""
        found = [path for place in places if (path := self._file(place, importer))]
        return next((path for path in found if ".d." not in path), found[0] if found else None)

    def words(self, path: str) -> set[str]:
        """Its name; of the file that stands for its folder, the folder's, and dots."""
        words = {stem(path)}
        folder = folder_of(path)
        if words == {_INDEX} or self._main(folder) == path:
            words |= {stem(folder), ".", ".."}
        return words

    def _file(self, place: str, importer: str) -> str | None:
        candidates = [*self._named(place, importer)]
        existing = (path for path in candidates if path in self._project.files)
        return next(existing, None) or self._main(place) or self._index(place, importer)

    def _named(self, place: str, importer: str) -> Iterator[str]:
        if not place:
            return
        bare, dot, last = place.rpartition(".")
        swapped = [bare + suffix for suffix in _WRITTEN_FOR.get(dot + last, ())]
        typed = _is_typed(importer)
        yield from (*swapped, place) if typed else (place, *swapped)
        yield from (place + suffix for suffix in _suffixes(typed=typed))

    def _main(self, folder: str) -> str | None:
        """What the manifest in a folder says that the folder stands for."""
        main = self._packages.manifest(folder).get("main")
        if not isinstance(main, str) or not main.strip("./"):
            return None
        place = f"{folder}/{main.removeprefix('./')}" if folder else main.removeprefix("./")
        candidates = (place, *(place + suffix for suffix in _suffixes(typed=False)))
        return next((path for path in candidates if path in self._project.files), None)

    def _index(self, folder: str, importer: str) -> str | None:
        place = f"{folder}/{_INDEX}" if folder else _INDEX
        candidates = (place + suffix for suffix in _suffixes(typed=_is_typed(importer)))
        return next((path for path in candidates if path in self._project.files), None)


def _is_typed(importer: str) -> bool:
    return not importer.endswith(_PLAIN)


def _suffixes(*, typed: bool) -> tuple[str, ...]:
    return (*_TYPED, *_PLAIN, *_OTHERS) if typed else (*_PLAIN, *_TYPED, *_OTHERS)
