"""By structure: who imports."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from keepsake.scanner.parse.imports import looked_up_by
from keepsake.scanner.parse.languages import BY_NAME
from keepsake.scanner.search.answers import Use
from keepsake.scanner.search.references import first_of
from keepsake.scanner.store.blobs import Blobs
from keepsake.scanner.store.files import Files, Holders, holders
from keepsake.scanner.store.published import PublishedIndex
from keepsake.storage import Document

_INDEX_FILES = frozenset({"__init__", "index", "mod", "lib"})


def means(module: str, names: list[str], importer: str, target: str) -> bool:
    """Whether an import in one file, as it is written, names another file."""
    wanted, module = _stem(target), module.strip("<>").removeprefix("*/")
    if module.startswith("."):
        return any(_same(place, wanted) for place in _relative(module, names, importer))
    parts = tuple(part for part in _dotted(module) if part not in ("crate", "self", "super"))
    candidates = [(*parts, name) for name in names] + [parts]
    return any(candidate and _ends(wanted, candidate) for candidate in candidates)


def _stem(path: str) -> tuple[str, ...]:
    """A file's path without its suffix; a package's is its folder."""
    place = PurePosixPath(path)
    stem = place.name.partition(".")[0]
    return place.parent.parts if stem in _INDEX_FILES else (*place.parent.parts, stem)


def _dotted(module: str) -> tuple[str, ...]:
    if "/" in module or module.endswith((".h", ".hpp", ".hh", ".js", ".ts", ".rb", ".sh")):
        return _stem(module)
    for separator in ("::", "\\"):
        module = module.replace(separator, ".")
    return tuple(part for part in module.split(".") if part)


def _relative(module: str, names: list[str], importer: str) -> list[tuple[str, ...]]:
    folder = list(PurePosixPath(importer).parent.parts)
    if module.startswith(("./", "../")) or (module in (".", "..") and importer.endswith("js")):
        for part in PurePosixPath(module).parts:
            if part == "..":
                folder = folder[:-1]
            elif part != ".":
                folder.append(part)
        return [_stem("/".join(folder)), tuple(folder)]
    bare = module.lstrip(".")
    folder = folder[: len(folder) - (len(module) - len(bare) - 1)]
    base = (*folder, *(part for part in bare.split(".") if part))
    return [base, *((*base, name) for name in names)]


def _same(place: tuple[str, ...], wanted: tuple[str, ...]) -> bool:
    return bool(place) and place == wanted


def _ends(wanted: tuple[str, ...], parts: tuple[str, ...]) -> bool:
    return len(parts) <= len(wanted) and wanted[-len(parts) :] == parts


@dataclass(frozen=True, slots=True, order=True)
class Import:
    """A place that imports a file."""

    path: str
    line: int
    written: str


class Structure:
    """What refers to what in one generation."""

    def __init__(self, files: Files, blobs: Blobs) -> None:
        self._files, self._blobs = files, blobs

    def importers(
        self, index: PublishedIndex, path: str, limit: int = 200
    ) -> tuple[list[Use], bool]:
        """The places that import a file, or a module by its name; whether some are left."""
        is_file = self._files.at(index.id, index.generation, path) is not None
        imports, more = (
            self.imports(index, [path], limit) if is_file else self._named(index, path, limit)
        )
        sure = "resolved" if is_file else "name only"
        uses = [
            Use(
                path=statement.path,
                line=statement.line,
                symbol="",
                text=statement.written,
                kind="import",
                confidence=sure,
            )
            for statement in imports
        ]
        return uses, more

    def imports(
        self, index: PublishedIndex, paths: Collection[str], limit: int
    ) -> tuple[list[Import], bool]:
        """The first imports of some files by path and line, and whether some are left."""
        by_tail: dict[str, list[str]] = {}
        for path in paths:
            by_tail.setdefault(_tail_of(path), []).append(path)
        files = self._holding(index, {"tails": {"$in": sorted(by_tail)}})
        places = (
            Import(row["path"], statement["line"], _written(statement))
            for blob, rows in files.read({"imports": 1, "language": 1})
            for statement in blob["imports"]
            if (targets := _possible(blob["language"], statement, by_tail))
            for row in rows
            if any(
                means(statement["module"], statement["names"], row["path"], to) for to in targets
            )
        )
        first, more = first_of(places, limit)
        return first, more or files.truncated

    def _named(self, index: PublishedIndex, module: str, limit: int) -> tuple[list[Import], bool]:
        """Imports of a module that is no file of the index."""
        files = self._holding(index, {"tails": {"$in": sorted(_words(module))}})
        places = (
            Import(row["path"], statement["line"], _written(statement))
            for blob, rows in files.read({"imports": 1})
            for statement in blob["imports"]
            if f"{statement['module'].strip('<>')}.".startswith(f"{module}.")
            for row in rows
        )
        first, more = first_of(places, limit)
        return first, more or files.truncated

    def _holding(self, index: PublishedIndex, which: Document) -> Holders:
        return holders(self._files, self._blobs, index, which)


def _written(statement: Document) -> str:
    names = ", ".join(statement["names"])
    return f"{statement['module']}: {names}" if names else str(statement["module"])


def _possible(language: str, statement: Document, by_tail: Mapping[str, list[str]]) -> list[str]:
    """The files that an import may mean, by the words that it is looked up by."""
    words = looked_up_by(language, statement["module"], statement["names"])
    return [path for word in sorted(words) for path in by_tail.get(word, ())]


def _words(module: str) -> set[str]:
    """What a module may be looked up by, in whatever language."""
    return {word for language in BY_NAME for word in looked_up_by(language, module, ())}


def mentioned_by(path: str) -> list[str]:
    """The words by which a file, or a module, may be named where it is imported."""
    return [_tail_of(path)]


def _tail_of(path: str) -> str:
    folder, _, name = path.rpartition("/")
    stem = name.partition(".")[0]
    return folder.rpartition("/")[2] if stem in ("__init__", "index", "mod") else stem
