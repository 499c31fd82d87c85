"""From a request to the file rows of a new generation: resolve, fetch, diff."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from keepsake.scanner.checkpoint import Checkpoint, IndexStats, Stage
from keepsake.scanner.git import trees
from keepsake.scanner.git.cache import evict
from keepsake.scanner.git.remote import resolve
from keepsake.scanner.git.trees import Entry, TreeChange
from keepsake.scanner.models import digest
from keepsake.scanner.parse.languages import PARSER_VERSION
from keepsake.scanner.parse.skipping import (
    component_name,
    language_of_stored,
    skip_reason,
    stored_path,
)
from keepsake.scanner.stages import Checkpoints, ScanRun
from keepsake.scanner.store.blobs import blob_key
from keepsake.scanner.store.files import File
from keepsake.scanner.store.published import is_complete

BATCH_ROWS = 2_000
"""Of one write: some hundred KB, and less than a second of work to do again."""


def resolving(run: ScanRun, checkpoint: Checkpoint) -> Checkpoints:
    """Ask the remote for the commit; one that is indexed completely needs nothing more.

    Files that the parser failed on get another chance.
    """
    resolved = resolve(run.repository.url, run.request.ref, run.token, run.tools.settings)
    run.tools.indexes.register(run.repository, run.fence)
    current = run.tools.indexes.current(run.repository, resolved.branch)
    known = checkpoint.moved(resolved=resolved, base=current["generation"] if current else 0)
    if current is None:
        yield known.enter(Stage.FETCH)
        return
    kept = IndexStats.model_validate(current["index_stats"])
    if is_complete(current, resolved.commit) and not run.request.options.force:
        yield known.enter(Stage.EMBED, reused=True, kept=kept, tree=current["tree"])
        return
    yield known.enter(Stage.FETCH, kept=kept)


def fetching(run: ScanRun, checkpoint: Checkpoint) -> Checkpoints:
    """Bring the commit's tree and its small enough blobs into the mirror."""
    yield from run.fetched(checkpoint)
    evict(run.tools.settings)
    tree = run.mirror.tree(checkpoint.resolved_ref.commit)
    if tree is None:
        raise run.mirror.damaged()
    run.tools.files.reset(run.index(checkpoint), checkpoint.generation, run.fence)
    yield checkpoint.enter(Stage.DIFF, tree=tree)


def diffing(run: ScanRun, checkpoint: Checkpoint) -> Checkpoints:
    """Write the rows that begin with the new generation and end those that it replaces."""
    yield from run.fetched(checkpoint)
    changes = _changes(run, checkpoint)
    listed = digest(*(change.path for change in changes))
    if checkpoint.after != listed:  # the old tree came or went meanwhile, and with it renames
        checkpoint = checkpoint.moved(done=0, removed=IndexStats(), after=listed)
    size = BATCH_ROWS
    for start in range(checkpoint.done, len(changes), size):
        batch = changes[start : start + size]
        removed = _apply(run, checkpoint, batch)
        checkpoint = checkpoint.moved(
            done=start + len(batch), total=len(changes), removed=checkpoint.removed.plus(removed)
        )
        yield checkpoint
    yield checkpoint.enter(Stage.PARSE, changed=len(changes), total=_begun_count(changes))


def _begun_count(changes: Sequence[TreeChange]) -> int:
    return sum(change.entry is not None for change in changes)


def _changes(run: ScanRun, checkpoint: Checkpoint) -> list[TreeChange]:
    """What differs from the base, by path: the same list in every attempt."""
    current = run.tools.indexes.current(run.repository, checkpoint.resolved_ref.branch)
    listed = checkpoint.base and current and current["parser"] == PARSER_VERSION
    if listed and current and not run.request.options.force and run.mirror.tree(current["tree"]):
        changes = trees.changes(run.mirror, current["tree"], checkpoint.tree)
        again = _failed(run, checkpoint, {stored_path(change.path) for change in changes})
    else:
        changes, again = _compared(run, checkpoint), []
    return sorted([*changes, *again], key=lambda change: change.path)


def _compared(run: ScanRun, checkpoint: Checkpoint) -> list[TreeChange]:
    """Compare the new tree with the stored rows: right even when the old tree is gone."""
    fields = {"path": 1, "blob": 1, "mode": 1, "key": 1, "_id": 0}
    index = run.index(checkpoint)
    before = {
        row["path"]: row for row in run.tools.files.shown(index, checkpoint.base, fields=fields)
    }
    changes: list[TreeChange] = []
    for entry in trees.entries(run.mirror, checkpoint.tree):
        row = before.pop(stored_path(entry.path), None)
        file = _file(run, checkpoint, TreeChange(entry.path, entry))
        same = row and (row["blob"], row["mode"], row["key"]) == (file.blob, file.mode, file.key)
        if not same or run.request.options.force:
            changes.append(TreeChange(entry.path, entry))
    return changes + [TreeChange(path.encode(), None) for path in before]


def _failed(run: ScanRun, checkpoint: Checkpoint, besides: set[str]) -> list[TreeChange]:
    """Files that the parser failed on begin anew, so that they are parsed again."""
    keys = run.tools.blobs.failed(run.repository.id)
    if not keys:
        return []
    rows = run.tools.files.shown(run.index(checkpoint), checkpoint.base, {"key": {"$in": keys}})
    return [
        TreeChange(path, Entry(path, row["mode"], row["blob"], row["size"]))
        for row in rows
        if row["path"] not in besides and (path := row["path"].encode())
    ]


def _apply(run: ScanRun, checkpoint: Checkpoint, batch: Sequence[TreeChange]) -> IndexStats:
    index, generation = run.index(checkpoint), checkpoint.generation
    ended = [stored_path(change.path) for change in batch if change.entry is None]
    begun = _distinct(_file(run, checkpoint, change) for change in batch if change.entry)
    paths = [*ended, *(file.path for file in begun)]
    ending = run.tools.files.ending(index, generation, paths) if checkpoint.base else []
    counts = run.tools.blobs.counts([row["key"] for row in ending if row["key"]])
    run.tools.files.apply(index, generation, ended, begun, run.fence)
    return IndexStats.of(ending, counts)


def _distinct(files: Iterable[File]) -> list[File]:
    return list({file.path: file for file in files}.values())


def _file(run: ScanRun, checkpoint: Checkpoint, change: TreeChange) -> File:
    entry = change.entry or Entry(change.path, "", "", None)
    path = stored_path(change.path)
    skip = skip_reason(change.path, entry.mode, entry.size, run.tools.settings)
    language = language_of_stored(path)
    file = File(
        owner=run.repository.owner,
        index=run.index(checkpoint),
        repository=run.repository.id,
        path=path,
        blob=entry.oid,
        mode=entry.mode,
        size=entry.size,
        language=language,
        key=None,
        skip=skip,
        renamed_from=stored_path(change.renamed_from) if change.renamed_from else None,
        born=checkpoint.generation,
    )
    if skip:
        return file
    return replace(
        file, key=blob_key(run.repository.id, entry.oid, language, component_name(path, language))
    )
