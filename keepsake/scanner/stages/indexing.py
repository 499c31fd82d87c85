"""From file rows to a published generation: parse what is new, publish, delete what nobody sees."""

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from keepsake.scanner.checkpoint import Checkpoint, IndexStats, Stage
from keepsake.scanner.errors import TooLarge
from keepsake.scanner.parse.frames import Packed
from keepsake.scanner.parse.languages import PARSER_VERSION
from keepsake.scanner.parse.pool import Blob
from keepsake.scanner.parse.skipping import component_name
from keepsake.scanner.stages import Checkpoints, ScanRun
from keepsake.scanner.stages.enriching import why_skipped
from keepsake.scanner.store.blobs import Parsed
from keepsake.storage import Document

_TIDY_ROWS = 1_000
_BATCH_BYTES = 4 << 20
"""Of sources between two checkpoints: a second or two of parsing."""


@dataclass(frozen=True, slots=True)
class _Read:
    """Some rows, the bytes of those that are to be parsed, and what is known of the others."""

    rows: Sequence[Document]
    missing: Sequence[Document]
    sources: Mapping[str, bytes]
    counts: Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class _Batch:
    """Some rows, what was parsed for them, and what all their blobs hold."""

    rows: Sequence[Document]
    parsed: Sequence[Parsed]
    counts: Mapping[str, Mapping[str, Any]]
    relabelled: Mapping[str, str]
    """By a row's id the language that its content has, where its name does not say it."""


def parsing(run: ScanRun, checkpoint: Checkpoint) -> Checkpoints:
    """Go through the rows of the new generation by path, a bounded batch at a time.

    What is parsed and not written is lost in a crash, and done again.
    """
    yield from run.fetched(checkpoint)
    for batch in _batches(run, checkpoint):
        run.tools.blobs.save(batch.parsed, run.fence)
        run.tools.files.relabel(batch.relabelled, run.fence)
        checkpoint = checkpoint.moved(
            done=checkpoint.done + len(batch.rows),
            after=batch.rows[-1]["path"],
            added=checkpoint.added.plus(IndexStats.of(batch.rows, batch.counts)),
        )
        yield checkpoint
    yield checkpoint.enter(Stage.PUBLISH)


def _batches(run: ScanRun, checkpoint: Checkpoint) -> Iterator[_Batch]:
    """While a batch is written the next one is parsed, and the one after it is read."""
    with ThreadPoolExecutor(2, "parse-ahead") as ahead:
        reading = ahead.submit(_read, run, checkpoint, checkpoint.after)
        parsing: Future[_Batch] | None = None
        while (read := reading.result()).rows:
            reading = ahead.submit(_read, run, checkpoint, read.rows[-1]["path"])
            before, parsing = parsing, ahead.submit(_parsed, run, read)
            if before is not None:
                yield before.result()
        if parsing is not None:
            yield parsing.result()


def _read(run: ScanRun, checkpoint: Checkpoint, after: str) -> _Read:
    """The next rows, with the bytes of the blobs that are not known."""
    rows = _next(run, checkpoint, after)
    by_key = {row["key"]: row for row in rows if row["key"]}
    counts = run.tools.blobs.counts(list(by_key)) if by_key else {}
    missing = [
        row
        for key, row in by_key.items()
        if run.request.options.force or key not in counts or counts[key].get("failed")
    ]
    sources = run.mirror.objects.contents([row["blob"] for row in missing])
    if not all(row["blob"] in sources for row in missing):  # it had a size, so it was here
        raise run.mirror.damaged()
    return _Read(rows, missing, sources, counts)


def _next(run: ScanRun, checkpoint: Checkpoint, after: str) -> list[Document]:
    """As many rows as settings say, and not many more bytes."""
    settings = run.tools.settings
    rows = run.tools.files.begun(
        run.index(checkpoint), checkpoint.generation, after, settings.scan_batch_files
    )
    left = _BATCH_BYTES
    for position, row in enumerate(rows):
        left -= (row["size"] or 0) if row["key"] else 0
        if left < 0:
            return rows[: position + 1]
    return rows


def _parsed(run: ScanRun, read: _Read) -> _Batch:
    packed = run.tools.parsers.parse([_blob(row, read.sources) for row in read.missing])
    parsed = [_parsed_blob(row, blob) for row, blob in zip(read.missing, packed, strict=True)]
    counts = {**read.counts, **{blob.key: blob.packed.counts for blob in parsed}}
    rows = [_with_language(row, counts) for row in read.rows]
    relabelled = {
        row["_id"]: row["language"]
        for before, row in zip(read.rows, rows, strict=True)
        if row["language"] != before["language"]
    }
    return _Batch(rows, parsed, counts, relabelled)


def _blob(row: Document, sources: Mapping[str, bytes]) -> Blob:
    name = component_name(row["path"], row["language"])
    return Blob(
        row["language"], sources[row["blob"]], name, handwritten=row.get("handwritten", False)
    )


def _with_language(row: Document, counts: Mapping[str, Mapping[str, Any]]) -> Document:
    language = counts.get(row["key"] or "", {}).get("language")
    return row | {"language": language} if language else row


def _parsed_blob(row: Document, packed: Packed) -> Parsed:
    return Parsed(
        owner=row["owner"],
        repository=row["repository"],
        key=row["key"],
        blob=row["blob"],
        packed=packed,
    )


def publishing(run: ScanRun, checkpoint: Checkpoint) -> Checkpoints:
    """Make the new generation current, if the old one is still the one that this scan built upon.

    Raises:
        TooLarge: A process that searches it could not hold it.
    """
    _check_symbols(run, checkpoint)
    resolved, skipped = checkpoint.resolved_ref, why_skipped(run)
    current = {
        "generation": checkpoint.generation,
        "commit": resolved.commit,
        "tree": checkpoint.tree,
        "dirty": checkpoint.dirty,
        "parser": PARSER_VERSION,
        "index_stats": checkpoint.index_stats.model_dump(mode="json"),
        "phase2": "skipped" if skipped else "pending",
        "phase2_note": skipped,
        "globs": run.request.globs,
    }
    run.tools.indexes.publish(run.repository, resolved.branch, checkpoint.base, current, run.fence)
    yield checkpoint.enter(Stage.EMBED)


def _check_symbols(run: ScanRun, checkpoint: Checkpoint) -> None:
    symbols, most = checkpoint.index_stats.symbols, run.tools.settings.scan_max_symbols
    if symbols > most:
        raise TooLarge(f"the index would hold {symbols:,} symbols, and {most:,} are allowed")


def tidying(run: ScanRun, checkpoint: Checkpoint) -> Checkpoints:
    """Delete rows that had ended before the former generation, and blobs that no row has.

    The former generation stays until the next scan, for readers that are just looking at it.
    """
    files, index = run.tools.files, run.index(checkpoint)
    while rows := files.past(index, checkpoint.base, _TIDY_ROWS):
        ids = [row["_id"] for row in rows]
        keys = sorted({row["key"] for row in rows if row["key"]})
        unused = sorted(set(keys) - files.used(keys, besides=ids))
        run.tools.blobs.forget(unused, ids, run.fence)
        checkpoint = checkpoint.moved(done=checkpoint.done + len(rows))
        yield checkpoint
    yield from _recorded(run, checkpoint)


def _recorded(run: ScanRun, checkpoint: Checkpoint) -> Checkpoints:
    if not checkpoint.reused:
        facts = {
            "added": checkpoint.added.model_dump(mode="json"),
            "first": checkpoint.base == 0,
            "seconds": checkpoint.seconds,
            "stages": sorted(run.stages),
        }
        index = run.index(checkpoint)
        run.tools.history.add(index, checkpoint.generation, facts)
        run.tools.usage.mark(run.repository.id)
    yield checkpoint.enter(Stage.DONE)
