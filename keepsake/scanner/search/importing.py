"""Who imports a file, and which files an import means."""

from collections.abc import Collection
from dataclasses import dataclass

from keepsake.scanner.parse.imports import looked_up_by
from keepsake.scanner.parse.languages import BY_NAME
from keepsake.scanner.resolve import Resolver
from keepsake.scanner.search.answers import Use
from keepsake.scanner.search.projects import IndexProjects
from keepsake.scanner.search.references import first_of
from keepsake.scanner.store.blobs import Blobs
from keepsake.scanner.store.files import Files, holders
from keepsake.scanner.store.published import PublishedIndex
from keepsake.storage import Document

RESOLVED, GUESSED, BY_NAME_ONLY = "resolved", "ambiguous", "name only"


@dataclass(frozen=True, slots=True, order=True)
class Import:
    """A place that imports a file."""

    path: str
    line: int
    written: str
    confidence: str


class ImportSearch:
    """What imports what in one generation."""

    def __init__(self, files: Files, blobs: Blobs, projects: IndexProjects) -> None:
        self._files, self._blobs, self._projects = files, blobs, projects

    def importers(
        self, index: PublishedIndex, path: str, limit: int = 200
    ) -> tuple[list[Use], bool]:
        """The places that import a file, or a module by its name; whether some are left."""
        is_file = self._files.at(index.id, index.generation, path) is not None
        imports, more = (
            self.imports(index, [path], limit) if is_file else self._named(index, path, limit)
        )
        uses = [
            Use(path=place.path, line=place.line, symbol="", text=place.written, kind="import",
                confidence=place.confidence)
            for place in imports
        ]  # fmt: skip
        return uses, more

    def imports(
        self, index: PublishedIndex, paths: Collection[str], limit: int
    ) -> tuple[list[Import], bool]:
        """The first imports of some files by path and line, and whether some are left."""
        resolver, wanted = self._projects.resolver(index), frozenset(paths)
        words = {word for path in wanted for word in resolver.words(path)}
        files = holders(self._files, self._blobs, index, {"tails": {"$in": sorted(words)}})
        places = (
            Import(row["path"], statement["line"], _written(statement), confidence)
            for blob, rows in files.read({"imports": 1, "language": 1})
            for statement in blob["imports"]
            if not words.isdisjoint(_words(blob["language"], statement))
            for row in rows
            if (confidence := _confidence(resolver, row["path"], statement, wanted))
        )
        first, more = first_of(places, limit)
        return first, more or files.truncated

    def words(self, index: PublishedIndex, path: str) -> list[str]:
        """The words by which a file, or a module, may be named where it is imported."""
        resolver = self._projects.resolver(index)
        words = resolver.words(path) if path in resolver.project.files else _any_words(path)
        return sorted(word for word in words if word.isidentifier())

    def unread(self, index: PublishedIndex) -> list[str]:
        """The manifests that could not be read."""
        return self._projects.resolver(index).project.unread

    def _named(self, index: PublishedIndex, module: str, limit: int) -> tuple[list[Import], bool]:
        """Imports of a module that is no file of the index."""
        which = {"tails": {"$in": sorted(_any_words(module))}}
        files = holders(self._files, self._blobs, index, which)
        places = (
            Import(row["path"], statement["line"], _written(statement), BY_NAME_ONLY)
            for blob, rows in files.read({"imports": 1})
            for statement in blob["imports"]
            if f"{statement['module'].strip('<>')}.".startswith(f"{module}.")
            for row in rows
        )
        first, more = first_of(places, limit)
        return first, more or files.truncated


def _confidence(
    resolver: Resolver, importer: str, statement: Document, wanted: Collection[str]
) -> str:
    """How sure it is that an import means one of some files; empty where it means none."""
    meant = [
        target.sure
        for target in resolver.targets(importer, statement["module"], statement["names"])
        if target.path in wanted and target.path != importer
    ]
    return RESOLVED if any(meant) else GUESSED if meant else ""


def _written(statement: Document) -> str:
    names = ", ".join(statement["names"])
    return f"{statement['module']}: {names}" if names else str(statement["module"])


def _words(language: str, statement: Document) -> set[str]:
    return looked_up_by(language, statement["module"], statement["names"])


def _any_words(module: str) -> set[str]:
    """What a module may be looked up by, in whatever language."""
    return {word for language in BY_NAME for word in looked_up_by(language, module, ())}
