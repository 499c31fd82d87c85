"""From two trees to the file rows of a new generation."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from keepsake.scanner.checkpoint import Checkpoint, Stage
from keepsake.scanner.git import trees
from keepsake.scanner.git.trees import Change, Entry
from keepsake.scanner.index_stats import IndexStats
from keepsake.scanner.models import digest
from keepsake.scanner.parse.languages import PARSER_VERSION
from keepsake.scanner.parse.skipping import language_of_stored, skip_reason, stored_path
from keepsake.scanner.stages.counting import tally_of
from keepsake.scanner.stages.run import Checkpoints, Run
from keepsake.scanner.store.blobs import blob_key
from keepsake.scanner.store.files import File


def diffing(run: Run, checkpoint: Checkpoint) -> Checkpoints:
    """Write the rows that begin with the new generation and end those that it replaces."""
    yield from run.fetched(checkpoint)
    changes = _changes(run, checkpoint)
    listed = digest(*(change.path for change in changes))
    if checkpoint.after != listed:  # the old tree came or went meanwhile, and with it renames
        checkpoint = checkpoint.moved(done=0, removed=IndexStats(), after=listed)
    size = run.tools.settings.scan_batch_rows
    for start in range(checkpoint.done, len(changes), size):
        batch = changes[start : start + size]
        removed = _apply(run, checkpoint, batch)
        checkpoint = checkpoint.moved(
            done=start + len(batch), total=len(changes), removed=checkpoint.removed.plus(removed)
        )
        yield checkpoint
    yield checkpoint.enter(Stage.PARSE, changed=len(changes), total=_come(changes))


def _come(changes: Sequence[Change]) -> int:
    return sum(change.entry is not None for change in changes)


def _changes(run: Run, checkpoint: Checkpoint) -> list[Change]:
    """What differs from the base, by path: the same list in every attempt."""
    current = run.tools.heads.current(run.repository, checkpoint.known_head.branch)
    listed = checkpoint.base and current and current["parser"] == PARSER_VERSION
    if listed and current and not run.request.options.force and run.mirror.tree(current["tree"]):
        changes = trees.changes(run.mirror, current["tree"], checkpoint.tree)
        again = _failed(run, checkpoint, {stored_path(change.path) for change in changes})
    else:
        changes, again = _compared(run, checkpoint), []
    return sorted([*changes, *again], key=lambda change: change.path)


def _compared(run: Run, checkpoint: Checkpoint) -> list[Change]:
    """Compare the new tree with the stored rows: right even when the old tree is gone."""
    fields = {"path": 1, "blob": 1, "mode": 1, "key": 1, "_id": 0}
    index = run.index(checkpoint)
    before = {
        row["path"]: row for row in run.tools.files.shown(index, checkpoint.base, fields=fields)
    }
    changes: list[Change] = []
    for entry in trees.entries(run.mirror, checkpoint.tree):
        row = before.pop(stored_path(entry.path), None)
        file = _file(run, checkpoint, Change(entry.path, entry))
        same = row and (row["blob"], row["mode"], row["key"]) == (file.blob, file.mode, file.key)
        if not same or run.request.options.force:
            changes.append(Change(entry.path, entry))
    return changes + [Change(path.encode(), None) for path in before]


def _failed(run: Run, checkpoint: Checkpoint, besides: set[str]) -> list[Change]:
    """Files that the parser failed on begin anew, so that they are parsed again."""
    keys = run.tools.blobs.failed(run.repository.id)
    if not keys:
        return []
    rows = run.tools.files.shown(run.index(checkpoint), checkpoint.base, {"key": {"$in": keys}})
    return [
        Change(path, Entry(path, row["mode"], row["blob"], row["size"]))
        for row in rows
        if row["path"] not in besides and (path := row["path"].encode())
    ]


def _apply(run: Run, checkpoint: Checkpoint, batch: Sequence[Change]) -> IndexStats:
    index, generation = run.index(checkpoint), checkpoint.generation
    gone = [stored_path(change.path) for change in batch if change.entry is None]
    come = _distinct(_file(run, checkpoint, change) for change in batch if change.entry)
    paths = [*gone, *(file.path for file in come)]
    ending = run.tools.files.ending(index, generation, paths) if checkpoint.base else []
    counts = run.tools.blobs.counts([row["key"] for row in ending if row["key"]])
    run.tools.files.apply(index, generation, gone, come, run.fence)
    return tally_of(ending, counts)


def _distinct(files: Iterable[File]) -> list[File]:
    return list({file.path: file for file in files}.values())


def _file(run: Run, checkpoint: Checkpoint, change: Change) -> File:
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
    return replace(file, key=blob_key(run.repository.id, entry.oid, language))
