"""From file rows to parsed blobs: only what no other branch or generation has parsed."""

from collections.abc import Mapping, Sequence
from typing import Any

from scanner.checkpoint import Checkpoint, Stage
from scanner.git import trees
from scanner.parse.pool import Blob
from scanner.stages.counting import tally_of
from scanner.stages.run import Checkpoints, Run
from scanner.store.blobs import Parsed
from storage.mongo import Document


def parsing(run: Run, checkpoint: Checkpoint) -> Checkpoints:
    """Go through the rows of the new generation by path, a bounded batch at a time."""
    yield from run.fetched(checkpoint)
    while rows := _batch(run, checkpoint):
        counts = _parsed(run, rows)
        checkpoint = checkpoint.moved(
            done=checkpoint.done + len(rows),
            after=rows[-1]["path"],
            added=checkpoint.added.plus(tally_of(rows, counts)),
        )
        yield checkpoint
    yield checkpoint.enter(Stage.PUBLISH)


def _batch(run: Run, checkpoint: Checkpoint) -> list[Document]:
    """The next rows: as many as settings say, and not many more bytes."""
    settings = run.tools.settings
    rows = run.tools.files.begun(
        run.index(checkpoint), checkpoint.generation, checkpoint.after, settings.scan_batch_files
    )
    left = settings.scan_batch_kb << 10
    for position, row in enumerate(rows):
        left -= (row["size"] or 0) if row["key"] else 0
        if left < 0:
            return rows[: position + 1]
    return rows


def _parsed(run: Run, rows: Sequence[Document]) -> Mapping[str, Mapping[str, Any]]:
    """Parse the blobs that are not known; what all of them hold."""
    by_key = {row["key"]: row for row in rows if row["key"]}
    counts = run.tools.blobs.counts(list(by_key))
    missing = [
        row
        for key, row in by_key.items()
        if run.request.options.force or key not in counts or counts[key].get("failed")
    ]
    parsed = _parse(run, missing)
    run.tools.blobs.save(parsed, run.fence)
    return counts | {one.key: one.document() for one in parsed}


def _parse(run: Run, rows: Sequence[Document]) -> list[Parsed]:
    sources = trees.blobs(run.mirror, [(row["blob"], row["size"]) for row in rows]) if rows else {}
    there = [row for row in rows if row["blob"] in sources]
    records = run.tools.parsers.parse(
        [Blob(row["language"], sources[row["blob"]]) for row in there]
    )
    found = [
        _made(row, record, sources[row["blob"]]) for row, record in zip(there, records, strict=True)
    ]
    absent = {"failed": "the remote did not send this blob"}
    return found + [_made(row, absent, b"") for row in rows if row["blob"] not in sources]


def _made(row: Document, record: Mapping[str, Any], source: bytes) -> Parsed:
    return Parsed(
        owner=row["owner"],
        repository=row["repository"],
        key=row["key"],
        blob=row["blob"],
        language=row["language"],
        record=record,
        source=source,
    )
