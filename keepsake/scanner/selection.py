"""Which entries of a tree are read, and as what: by the request, the repository and evidence."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from keepsake.scanner.git.trees import Entry
from keepsake.scanner.globs import Globs
from keepsake.scanner.models import ScanRequest
from keepsake.scanner.parse.attributes import Attributes
from keepsake.scanner.parse.detection import named_language
from keepsake.scanner.parse.languages import OTHER
from keepsake.scanner.parse.skipping import (
    language_of_stored,
    shown_path,
    skip_entry,
    skip_name,
    stored_path,
)
from keepsake.scanner.parse.vendoring import doubtful_folders, is_doubtful, vendored_folders
from keepsake.scanner.settings import ScannerSettings

if TYPE_CHECKING:
    from keepsake.scanner.git.mirror import Mirror

_FILES = ("100644", "100755")
ATTRIBUTES = ".gitattributes"
_MOST_ATTRIBUTE_FILES = 500
_MOST_ATTRIBUTE_BYTES = 256 << 10


@dataclass(frozen=True, slots=True)
class Chosen:
    """What is to become of an entry."""

    language: str
    skip: str | None
    """Why it is not read; None when it is."""
    counted: bool
    """Whether it counts as its language: documentation does not."""
    handwritten: bool
    """The repository says that it was not generated, whatever stands in it."""


@dataclass(frozen=True, slots=True)
class Selection:
    """What decides about the entries of one tree."""

    settings: ScannerSettings
    include: Globs
    exclude: Globs
    attributes: Attributes = field(default_factory=lambda: Attributes({}))
    vendored: frozenset[str] = frozenset()
    """Folders of others' code, of those whose names alone do not say it."""

    def choose(self, entry: Entry) -> Chosen:
        """What is to become of an entry."""
        path, language = shown_path(entry.path), language_of_stored(stored_path(entry.path))
        facts = self.attributes.of(path)
        if named := facts.get("language"):
            language = named_language(str(named)) or OTHER
        return Chosen(
            language=language,
            skip=self._skip(entry, path, facts),
            counted=bool(facts.get("detectable", not facts.get("documentation"))),
            handwritten=facts.get("generated") is False,
        )

    def _skip(self, entry: Entry, path: str, facts: Mapping[str, bool | str]) -> str | None:
        if reason := skip_entry(entry.path, entry.mode):
            return reason
        if (self.include and not self.include.fit(path)) or self.exclude.fit(path):
            return "excluded"
        if entry.size is None or entry.size > self.settings.scan_max_file_kb << 10:
            return "oversized"
        for fact in ("vendored", "generated"):
            if facts.get(fact) is True:
                return fact
        spared = {fact for fact, value in facts.items() if value is False}
        if "vendored" not in spared and not self.vendored.isdisjoint(doubtful_folders(path)):
            return "vendored"
        reason = skip_name(path)
        return None if reason in spared else reason


def by_names(request: ScanRequest, settings: ScannerSettings, paths: Iterable[str]) -> Selection:
    """The selection as far as the names of a whole tree decide it."""
    return Selection(
        settings, Globs(request.include), Globs(request.exclude), vendored=vendored_folders(paths)
    )


def of_tree(
    request: ScanRequest, settings: ScannerSettings, mirror: "Mirror", entries: Iterable[Entry]
) -> Selection:
    """The selection for all entries of a tree."""
    listed = list(entries)
    oids = {
        folder: entry.oid
        for entry in listed
        if (folder := _attributes_folder(entry)) is not None and entry.mode in _FILES
    }
    selection = by_names(request, settings, (shown_path(entry.path) for entry in listed))
    return replace(selection, attributes=_attributes(mirror, oids))


def of_changes(
    request: ScanRequest, settings: ScannerSettings, mirror: "Mirror", tree: str,
    paths: Iterable[bytes],
) -> Selection:  # fmt: skip
    """The selection for some paths of a tree, none of which `decides_about_others`."""
    folders = sorted({folder for path in paths for folder in _folders(path)})
    asked = {f"{tree}:{folder}/{ATTRIBUTES}".replace(":/", ":"): folder for folder in folders}
    named = mirror.objects.named(list(asked))
    oids = {asked[expression]: oid for expression, oid in named.items()}
    return replace(by_names(request, settings, ()), attributes=_attributes(mirror, oids))


def decides_about_others(path: bytes) -> bool:
    """Whether other files may be read otherwise once a path has come, changed or gone."""
    shown = shown_path(path)
    return shown.rpartition("/")[2] == ATTRIBUTES or is_doubtful(shown)


def _attributes_folder(entry: Entry) -> str | None:
    folder, _, name = shown_path(entry.path).rpartition("/")
    small = entry.size is not None and entry.size <= _MOST_ATTRIBUTE_BYTES
    return folder if name == ATTRIBUTES and small else None


def _attributes(mirror: "Mirror", oids: Mapping[str, str]) -> Attributes:
    """Of the folders nearest to the root, if there are too many."""
    folders = sorted(oids, key=lambda folder: (folder.count("/"), folder))[:_MOST_ATTRIBUTE_FILES]
    texts = mirror.objects.contents([oids[folder] for folder in folders])
    return Attributes(
        {
            folder: text
            for folder in folders
            if len(text := texts.get(oids[folder], b"")) <= _MOST_ATTRIBUTE_BYTES
        }
    )


def _folders(path: bytes) -> list[str]:
    """The folders around a path, the root first; none of a path that is not to be printed."""
    shown = shown_path(path)
    if shown.encode() != path or not shown.isprintable():
        return []
    names = shown.split("/")[:-1]
    return ["/".join(names[:depth]) for depth in range(len(names) + 1)]
