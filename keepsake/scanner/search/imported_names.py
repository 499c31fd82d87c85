"""What an imported name means: the definition that its import leads to, or none of the index."""

from collections.abc import Iterator, Sequence

from keepsake.scanner.resolve import Resolver
from keepsake.scanner.search.answers import Use
from keepsake.scanner.search.importing import BY_NAME_ONLY, GUESSED, RESOLVED
from keepsake.scanner.search.projects import IndexProjects
from keepsake.scanner.search.references import References
from keepsake.scanner.store.blobs import Blobs
from keepsake.scanner.store.files import Files
from keepsake.scanner.store.published import PublishedIndex
from keepsake.storage import Document

_KINDS = frozenset({"import", "re-export"})


class ImportedNames:
    """Looks at the import statements around uses."""

    def __init__(
        self, files: Files, blobs: Blobs, projects: IndexProjects, references: References
    ) -> None:
        self._files, self._blobs = files, blobs
        self._projects, self._references = projects, references

    def shown(self, index: PublishedIndex, uses: Sequence[Use]) -> list[Use]:
        """The uses, those that import a name as sure as their statements are."""
        imported = [use for use in uses if use.kind in _KINDS]
        if not imported:
            return list(uses)
        resolver, defined = self._projects.resolver(index), dict[str, set[str]]()
        for symbol, rows in self._references.symbols(index, {use.text for use in imported}):
            defined.setdefault(symbol["name"], set()).update(row["path"] for row in rows)
        statements = dict(self._statements(index, {use.path for use in imported}))
        return [
            use.model_copy(update={"confidence": confidence})
            if use.kind in _KINDS
            and (statement := _around(use, statements.get(use.path, ())))
            and (confidence := _confidence(resolver, use, statement, defined.get(use.text, set())))
            else use
            for use in uses
        ]

    def _statements(
        self, index: PublishedIndex, paths: set[str]
    ) -> Iterator[tuple[str, list[Document]]]:
        which = {"path": {"$in": sorted(paths)}, "key": {"$ne": None}}
        keys = {
            row["path"]: row["key"]
            for row in self._files.shown(index.id, index.generation, which, {"path": 1, "key": 1})
        }
        blobs = {
            blob["_id"]: blob["imports"]
            for blob in self._blobs.read(list(keys.values()), {"imports": 1})
        }
        for path, key in keys.items():
            yield path, blobs.get(key, [])


def _around(use: Use, statements: Sequence[Document]) -> Document | None:
    """The last statement that begins before a place and names what is used there."""
    before = [
        statement
        for statement in statements
        if statement["line"] <= use.line
        and (use.text in statement["names"] or statement["module"].endswith(use.text))
    ]
    return before[-1] if before else None


def _confidence(resolver: Resolver, use: Use, statement: Document, defining: set[str]) -> str:
    """How sure it is that a definition of the index is meant; empty where only others tell."""
    names = [use.text] if use.text in statement["names"] else []
    targets = resolver.targets(use.path, statement["module"], names)
    if not targets:
        return BY_NAME_ONLY if resolver.resolves(use.path) else ""
    meant = [target.sure for target in targets if target.path in defining]
    return RESOLVED if any(meant) else GUESSED if meant else ""
