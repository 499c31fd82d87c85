"""Estimates of a scan: what it would read and how long it would take.

Only trees are fetched, no file. What cannot be counted without the files is computed from former
scans of this machine, and is null while there were none.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from pydantic import SecretStr
from pymongo.database import Database

from keepsake.scanner.checkpoint import Stage
from keepsake.scanner.eta import History
from keepsake.scanner.git import trees
from keepsake.scanner.git.cache import ESTIMATE
from keepsake.scanner.git.mirror import Mirror
from keepsake.scanner.git.remote import resolve
from keepsake.scanner.git.trees import Entry
from keepsake.scanner.models import Repository, ResolvedRef, ScanOptions, ScanRequest, Value
from keepsake.scanner.parse.skipping import shown_path, stored_path
from keepsake.scanner.selection import by_names
from keepsake.scanner.settings import ScannerSettings
from keepsake.scanner.source import by_url_variants
from keepsake.scanner.store.files import Files
from keepsake.scanner.store.published import PublishedIndexes, index_id, is_as_asked
from keepsake.storage import Document, private_directory

_FIXED = frozenset({Stage.RESOLVE, Stage.PUBLISH})
"""Stages whose time does not grow with the files."""
_OPTIONAL = frozenset({Stage.EMBED, Stage.ENRICH})
"""Stages that a request may leave out, or that this machine has no model for."""


class Estimate(Value):
    """What a scan of a commit would read, and about how long it would take."""

    org: str
    repo: str
    branch: str
    commit: str
    files: int
    languages: dict[str, int]
    """Files to parse by language."""
    skipped: dict[str, int]
    """Files that are not parsed, by reason, as far as names tell."""
    changed: int
    """Files to parse that the published index does not have as they are now."""
    size_bytes: int | None
    symbols: int | None
    seconds: float | None
    stages: dict[str, float]
    """Seconds by stage."""
    scans: int
    """How many former scans this rests on."""


class Estimator:
    """Asks remotes and reads what was published; writes nothing."""

    def __init__(self, database: Database[Document], settings: ScannerSettings) -> None:
        self._settings = settings
        self._indexes, self._files = PublishedIndexes(database), Files(database)
        self._history = History(database)

    def estimate(
        self, repository: Repository, request: ScanRequest, token: SecretStr | None
    ) -> Estimate:
        """Look at the remote.

        Raises:
            ScanError: It cannot be read.
        """
        return by_url_variants(repository, lambda variant: self._estimated(variant, request, token))

    def _estimated(
        self, repository: Repository, request: ScanRequest, token: SecretStr | None
    ) -> Estimate:
        resolved = resolve(repository.url, request.ref, token, self._settings)
        entries = self._listed(repository, resolved, token)
        paths = (shown_path(entry.path) for entry in entries)
        selection = by_names(request, self._settings, paths)
        chosen = [(entry, selection.choose(replace(entry, size=0))) for entry in entries]
        read = [entry for entry, choice in chosen if choice.skip is None]
        past = self._history.recent()
        changed = self._changed(repository, resolved, request, read)
        stages = seconds_by_stage(past, changed, request.options)
        return Estimate(
            org=repository.org,
            repo=repository.repo,
            branch=resolved.branch,
            commit=resolved.commit,
            files=len(entries),
            languages=_counted(choice.language for _, choice in chosen if choice.skip is None),
            skipped=_counted(choice.skip for _, choice in chosen if choice.skip),
            changed=changed,
            size_bytes=_share(past, "bytes", len(read)),
            symbols=_share(past, "symbols", len(read)),
            seconds=round(sum(stages.values()), 1) if stages else None,
            stages=stages,
            scans=len(past),
        )

    def _listed(
        self, repository: Repository, resolved: ResolvedRef, token: SecretStr | None
    ) -> Sequence[Entry]:
        place = private_directory(self._settings.scan_cache_path)
        with TemporaryDirectory(prefix=ESTIMATE, dir=place) as folder:
            apart = self._settings.model_copy(update={"scan_cache_path": Path(folder)})
            with closing(Mirror(repository, apart, trees_only=True)) as mirror:
                for _ in mirror.fetch(resolved, token):
                    pass
                return trees.entries_without_sizes(mirror, mirror.tree(resolved.commit) or "")

    def _changed(
        self,
        repository: Repository,
        resolved: ResolvedRef,
        request: ScanRequest,
        read: Sequence[Entry],
    ) -> int:
        current = self._indexes.current(repository, resolved.branch)
        if current is None or not is_as_asked(current, request.globs):
            return len(read)
        index, fields = index_id(repository, resolved.branch), {"path": 1, "blob": 1, "_id": 0}
        rows = self._files.shown(index, current["generation"], fields=fields)
        known = {(row["path"], row["blob"]) for row in rows}
        return sum((stored_path(entry.path), entry.oid) not in known for entry in read)


def _counted(names: Iterable[str]) -> dict[str, int]:
    return dict(sorted(Counter(names).items()))


def _share(past: Sequence[Document], name: str, files: int) -> int | None:
    """How much of something so many files have, at the mean of former scans; None without any."""
    read = sum(scan["added"]["parsed"] for scan in past)
    total = sum(scan["added"][name] for scan in past)
    return round(total / read * files) if read else None


def seconds_by_stage(
    past: Sequence[Document], files: int, options: ScanOptions
) -> dict[str, float]:
    """The seconds that each requested stage takes for so many files, by former scans."""
    unasked = {Stage.EMBED: not options.embed, Stage.ENRICH: not options.enrich}
    by_stage = {
        stage: _rate(past, stage, files)
        for stage in dict.fromkeys(stage for scan in past for stage in scan["seconds"])
        if not unasked.get(stage)
    }
    return {stage: seconds for stage, seconds in by_stage.items() if seconds is not None}


def _rate(past: Sequence[Document], stage: str, files: int) -> float | None:
    """The seconds of a stage for so many files, by the scans that had it; None without any."""
    had = [scan for scan in past if stage not in _OPTIONAL or stage in scan.get("stages", ())]
    spent = float(sum(scan["seconds"].get(stage, 0.0) for scan in had))
    read = int(sum(scan["added"]["parsed"] for scan in had))
    if not read:
        return None
    return round(spent / len(had) if stage in _FIXED else spent / read * files, 2)
