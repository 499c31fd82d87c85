"""From a request to the file rows of a new generation: resolve, fetch, diff."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from keepsake.scanner.checkpoint import Checkpoint, IndexStats, Stage
from keepsake.scanner.git import trees
from keepsake.scanner.git.cache import evict
from keepsake.scanner.git.remote import resolve_beside_default
from keepsake.scanner.git.trees import Entry, TreeChange
from keepsake.scanner.models import WORKING_TREE, digest
from keepsake.scanner.parse.skipping import component_name, stored_path
from keepsake.scanner.selection import Selection, decides_about_others, of_changes, of_tree
from keepsake.scanner.stages import Checkpoints, ScanRun
from keepsake.scanner.store.blobs import blob_key
from keepsake.scanner.store.files import File
from keepsake.scanner.store.published import is_as_asked, is_complete

_COMPARED = ("blob", "mode", "key", "skip", "counted")
"""Of a row: what makes it another one."""
BATCH_ROWS = 2_000
"""Of one write: some hundred KB, and less than a second of work to do again."""


def resolving(run: ScanRun, checkpoint: Checkpoint) -> Checkpoints:
    """Ask the remote for the commit; one that is indexed completely needs nothing more.

    Files that the parser failed on get another chance. A working tree is taken here: by it is known
    whether anything has changed.
    """
    resolved, default = resolve_beside_default(
        run.repository.url, run.request.ref, run.token, run.tools.settings
    )
    if run.request.working_tree:
        resolved = resolved.model_copy(update={"branch": WORKING_TREE})
    run.tools.indexes.register(run.repository, run.fence, default)
    current = run.tools.indexes.current(run.repository, resolved.branch)
    known = checkpoint.moved(resolved=resolved, base=current["generation"] if current else 0)
    if run.request.working_tree:
        yield from run.fetched(known)  # the commit says what is tracked
        tree = run.working_tree(known)
        known = known.moved(tree=tree, dirty=tree != run.mirror.tree(resolved.commit))
    if current is None:
        yield known.enter(Stage.FETCH)
        return
    kept = IndexStats.model_validate(current["index_stats"])
    complete = is_complete(current, resolved.commit, run.request.globs)
    if run.request.working_tree:
        complete = complete and current["tree"] == known.tree
    if complete and not run.request.options.force:
        yield known.enter(Stage.EMBED, reused=True, kept=kept, tree=current["tree"])
        return
    yield known.enter(Stage.FETCH, kept=kept)


def fetching(run: ScanRun, checkpoint: Checkpoint) -> Checkpoints:
    """Bring the commit's tree and its small enough blobs into the mirror."""
    yield from run.fetched(checkpoint)
    evict(run.tools.settings)
    tree = run.mirror.tree(checkpoint.tree or checkpoint.resolved_ref.commit)
    if tree is None:
        raise run.mirror.damaged()
    run.tools.files.reset(run.index(checkpoint), checkpoint.generation, run.fence)
    yield checkpoint.enter(Stage.DIFF, tree=tree)


def diffing(run: ScanRun, checkpoint: Checkpoint) -> Checkpoints:
    """Write the rows that begin with the new generation and end those that it replaces."""
    yield from run.fetched(checkpoint)
    changes, selection = _changes(run, checkpoint)
    listed = digest(*(change.path for change in changes))
    if checkpoint.after != listed:  # the old tree came or went meanwhile, and with it renames
        checkpoint = checkpoint.moved(done=0, removed=IndexStats(), after=listed)
    size = BATCH_ROWS
    for start in range(checkpoint.done, len(changes), size):
        batch = changes[start : start + size]
        removed = _apply(run, checkpoint, batch, selection)
        checkpoint = checkpoint.moved(
            done=start + len(batch), total=len(changes), removed=checkpoint.removed.plus(removed)
        )
        yield checkpoint
    yield checkpoint.enter(Stage.PARSE, changed=len(changes), total=_begun_count(changes))


def _begun_count(changes: Sequence[TreeChange]) -> int:
    return sum(change.entry is not None for change in changes)


def _changes(run: ScanRun, checkpoint: Checkpoint) -> tuple[list[TreeChange], Selection]:
    """What differs from the base, by path: the same list in every attempt; and what of it is read.

    Where other files than those that changed may be read otherwise, all are compared.
    """
    current = run.tools.indexes.current(run.repository, checkpoint.resolved_ref.branch)
    listed = checkpoint.base and current and is_as_asked(current, run.request.globs)
    if listed and current and not run.request.options.force and run.mirror.tree(current["tree"]):
        changes = trees.changes(run.mirror, current["tree"], checkpoint.tree)
        if not any(decides_about_others(change.path) for change in changes):
            changes += _failed(run, checkpoint, {stored_path(change.path) for change in changes})
            paths = [change.path for change in changes if change.entry]
            selection = of_changes(
                run.request, run.tools.settings, run.mirror, checkpoint.tree, paths
            )
            return sorted(changes, key=lambda change: change.path), selection
    changes, selection = _compared(run, checkpoint)
    return sorted(changes, key=lambda change: change.path), selection


def _compared(run: ScanRun, checkpoint: Checkpoint) -> tuple[list[TreeChange], Selection]:
    """Compare the new tree with the stored rows: right even when the old tree is gone."""
    fields = {**dict.fromkeys(_COMPARED, 1), "path": 1, "_id": 0}
    index = run.index(checkpoint)
    before = {
        row["path"]: row for row in run.tools.files.shown(index, checkpoint.base, fields=fields)
    }
    entries = trees.entries(run.mirror, checkpoint.tree)
    selection = of_tree(run.request, run.tools.settings, run.mirror, entries)
    changes: list[TreeChange] = []
    for entry in entries:
        row = before.pop(stored_path(entry.path), None)
        file = _file(run, checkpoint, TreeChange(entry.path, entry), selection)
        same = row and all(row.get(name) == getattr(file, name) for name in _COMPARED)
        if not same or run.request.options.force:
            changes.append(TreeChange(entry.path, entry))
    return changes + [TreeChange(path.encode(), None) for path in before], selection


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


def _apply(
    run: ScanRun, checkpoint: Checkpoint, batch: Sequence[TreeChange], selection: Selection
) -> IndexStats:
    index, generation = run.index(checkpoint), checkpoint.generation
    ended = [stored_path(change.path) for change in batch if change.entry is None]
    begun = _distinct(_file(run, checkpoint, change, selection) for change in batch if change.entry)
    paths = [*ended, *(file.path for file in begun)]
    ending = run.tools.files.ending(index, generation, paths) if checkpoint.base else []
    counts = run.tools.blobs.counts([row["key"] for row in ending if row["key"]])
    run.tools.files.apply(index, generation, ended, begun, run.fence)
    return IndexStats.of(ending, counts)


def _distinct(files: Iterable[File]) -> list[File]:
    return list({file.path: file for file in files}.values())


def _file(run: ScanRun, checkpoint: Checkpoint, change: TreeChange, selection: Selection) -> File:
    entry = change.entry or Entry(change.path, "", "", None)
    path, chosen = stored_path(change.path), selection.choose(entry)
    file = File(
        owner=run.repository.owner,
        index=run.index(checkpoint),
        repository=run.repository.id,
        path=path,
        blob=entry.oid,
        mode=entry.mode,
        size=entry.size,
        language=chosen.language,
        key=None,
        skip=chosen.skip,
        renamed_from=stored_path(change.renamed_from) if change.renamed_from else None,
        born=checkpoint.generation,
        counted=chosen.counted,
        handwritten=chosen.handwritten,
    )
    if file.skip:
        return file
    component = component_name(path, file.language)
    key = blob_key(
        run.repository.id, entry.oid, file.language, component, handwritten=file.handwritten
    )
    return replace(file, key=key)
