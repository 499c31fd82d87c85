"""From file rows to parsed blobs: only what no other branch or generation has parsed."""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from scanner.checkpoint import Checkpoint, Stage
from scanner.git import trees
from scanner.parse.pool import Blob
from scanner.stages.counting import tally_of
from scanner.stages.run import Checkpoints, Run
from scanner.store.blobs import Parsed, packed
from storage.mongo import Document


@dataclass(frozen=True, slots=True)
class _Batch:
    """Some rows, what was parsed for them, and what all their blobs hold."""

    rows: Sequence[Document]
    parsed: Sequence[Parsed]
    counts: Mapping[str, Mapping[str, Any]]


def parsing(run: Run, checkpoint: Checkpoint) -> Checkpoints:
    """Go through the rows of the new generation by path, a bounded batch at a time.

    While a batch is written the next one is parsed; what is parsed and not written is lost in a
    crash, and done again.
    """
    yield from run.fetched(checkpoint)
    with ThreadPoolExecutor(1, "parse-ahead") as ahead:
        coming = ahead.submit(_prepared, run, checkpoint, checkpoint.after)
        while (batch := coming.result()).rows:
            after = batch.rows[-1]["path"]
            coming = ahead.submit(_prepared, run, checkpoint, after)
            run.tools.blobs.save(batch.parsed, run.fence)
            checkpoint = checkpoint.moved(
                done=checkpoint.done + len(batch.rows),
                after=after,
                added=checkpoint.added.plus(tally_of(batch.rows, batch.counts)),
            )
            yield checkpoint
    yield checkpoint.enter(Stage.PUBLISH)


def _prepared(run: Run, checkpoint: Checkpoint, after: str) -> _Batch:
    """Parse the next rows' blobs that are not known."""
    rows = _next(run, checkpoint, after)
    by_key = {row["key"]: row for row in rows if row["key"]}
    counts = run.tools.blobs.counts(list(by_key)) if by_key else {}
    missing = [
        row
        for key, row in by_key.items()
        if run.request.options.force or key not in counts or counts[key].get("failed")
    ]
    parsed = _parse(run, missing)
    return _Batch(rows, parsed, counts | {one.key: one.counted() for one in parsed})


def _next(run: Run, checkpoint: Checkpoint, after: str) -> list[Document]:
    """As many rows as settings say, and not many more bytes."""
    settings = run.tools.settings
    rows = run.tools.files.begun(
        run.index(checkpoint), checkpoint.generation, after, settings.scan_batch_files
    )
    left = settings.scan_batch_kb << 10
    for position, row in enumerate(rows):
        left -= (row["size"] or 0) if row["key"] else 0
        if left < 0:
            return rows[: position + 1]
    return rows


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
        packed=packed(source, record),
    )
