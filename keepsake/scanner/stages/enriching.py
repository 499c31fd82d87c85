"""What joins an index after it is published: vectors, then summaries by a language model.

Search says how far the vectors are. Without a language model summaries are skipped, with a note.
"""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from keepsake.inference import Embedder
from keepsake.scanner.checkpoint import Checkpoint, Stage
from keepsake.scanner.errors import SummariserAway
from keepsake.scanner.kinds import DATA
from keepsake.scanner.models import digest
from keepsake.scanner.parse.text import lines_of, symbol_texts
from keepsake.scanner.stages import Checkpoints, ScanRun
from keepsake.scanner.store.vectors import VectorPart, Vectors
from keepsake.scanner.summariser import Summariser
from keepsake.storage import Document

_MOST_SYMBOLS = 40
EMBED_BATCH = 32
"""Texts between two checkpoints; larger batches embed no faster."""
_NOT_SUMMARISED = DATA | {"section", "chunk"}
_CODE_CHARS = 12_000
WITHOUT_LLM = "skipped: no language model is configured"
AWAY = "skipped: the language model did not answer; the next scan goes on with it"
NOT_ASKED = "skipped: not asked for"


def embedding(run: ScanRun, checkpoint: Checkpoint) -> Checkpoints:
    """Embed what has no vectors yet, a part of a blob at a time."""
    embedder = run.tools.embedder
    if embedder is not None and run.request.options.embed:
        pending = _without_vectors(run, checkpoint)
        total = _embedded_count(run, [row["key"] for row in pending])
        checkpoint = checkpoint.moved(total=checkpoint.done + total)
        for row in pending:
            for count in _embedded(run, checkpoint, row, embedder):
                checkpoint = checkpoint.moved(done=checkpoint.done + count, after=row["path"])
                yield checkpoint
    yield checkpoint.enter(Stage.ENRICH)


def _without_vectors(run: ScanRun, checkpoint: Checkpoint) -> list[Document]:
    """The rows of the current generation whose blobs lack vectors, each blob once.

    Blobs that the parser failed on wait for the scan that can parse them.
    """
    done = run.vectors.complete().union(run.tools.blobs.failed(run.repository.id))
    fields = {"path": 1, "key": 1, "renamed_from": 1}
    rows = run.tools.files.shown(
        run.index(checkpoint), checkpoint.shown_generation, {"key": {"$ne": None}}, fields
    )
    by_key: dict[str, Document] = {}
    for row in rows:
        if row["key"] not in done:
            by_key.setdefault(row["key"], row)
    return list(by_key.values())


def _embedded_count(run: ScanRun, keys: Sequence[str]) -> int:
    return sum(blob.get("embedded_count", 0) for blob in run.tools.blobs.counts(keys).values())


def _embedded(
    run: ScanRun, checkpoint: Checkpoint, row: Document, embedder: Embedder
) -> Iterator[int]:
    """Embed one blob; yields how many symbols each written part had."""
    blob = next(run.tools.blobs.read([row["key"]]), None)
    if blob is None:
        return
    texts, size = symbol_texts(blob), EMBED_BATCH
    done, known = run.vectors.parts(row["key"]), _known_vectors(run, checkpoint, row)
    for part in range(done, max(1, -(-len(texts) // size))):
        batch = texts[part * size : (part + 1) * size]
        hashes = [digest(text)[:16] for text in batch]
        vector_part = VectorPart(
            row["key"], part, hashes, _vectors_of(embedder, batch, hashes, known),
            last=(part + 1) * size >= len(texts),
        )  # fmt: skip
        run.vectors.save([vector_part], run.fence)
        yield len(batch)


def _known_vectors(run: ScanRun, checkpoint: Checkpoint, row: Document) -> Mapping[str, Vectors]:
    """What the blob that stood at this path before has: most of its symbols are unchanged."""
    before = row.get("renamed_from") or row["path"]
    if not checkpoint.base:
        return {}
    past = run.tools.files.at(run.index(checkpoint), checkpoint.base, before)
    return run.vectors.known(past["key"]) if past and past["key"] else {}


def _vectors_of(
    embedder: Embedder,
    texts: Sequence[str],
    hashes: Sequence[str],
    known: Mapping[str, Vectors],
) -> Vectors:
    fresh = [position for position, hashed in enumerate(hashes) if hashed not in known]
    if not texts:
        return np.zeros((0, 0), dtype=np.float32)
    embedded = iter(embedder.embed([texts[position] for position in fresh]) if fresh else ())
    rows = [known[hashed] if hashed in known else next(embedded) for hashed in hashes]
    return np.stack(rows)


def enriching(run: ScanRun, checkpoint: Checkpoint) -> Checkpoints:
    """Summarise the exported symbols of each blob that has no summaries yet."""
    note, summariser = why_skipped(run), run.tools.summariser
    if note or summariser is None:
        yield _skipped(run, checkpoint, note)
        return
    pending = _without_summaries(run, checkpoint, summariser)
    checkpoint = checkpoint.moved(total=checkpoint.done + len(pending), phase2="running")
    try:
        for key in pending:
            for _ in _summarised(run, key, summariser):
                yield checkpoint
            checkpoint = checkpoint.moved(done=checkpoint.done + 1)
            yield checkpoint
    except SummariserAway:
        if not run.degrade:
            raise
        yield _skipped(run, checkpoint, AWAY)
        return
    facts = {"phase2": "complete", "phase2_note": f"by {summariser.model}"}
    run.tools.indexes.note(run.repository, checkpoint.resolved_ref.branch, facts, run.fence)
    yield checkpoint.enter(Stage.TIDY, **facts)


def why_skipped(run: ScanRun) -> str:
    """Why there will be no summaries; empty when there will."""
    if not run.request.options.enrich:
        return NOT_ASKED
    return "" if run.tools.summariser else WITHOUT_LLM


def _without_summaries(run: ScanRun, checkpoint: Checkpoint, summariser: Summariser) -> list[str]:
    """Blobs that the parser failed on wait for the scan that can parse them."""
    complete = run.summaries(summariser).complete()
    rows = run.tools.files.shown(
        run.index(checkpoint), checkpoint.shown_generation, {"key": {"$ne": None}}
    )
    failed = run.tools.blobs.failed(run.repository.id)
    return sorted({row["key"] for row in rows}.difference(complete, failed))


def _summarised(run: ScanRun, key: str, summariser: Summariser) -> Iterator[None]:
    """Ask about one symbol after the other; each answer is kept at once, since it was paid for."""
    store, blob = run.summaries(summariser), next(run.tools.blobs.read([key], {"symbols": 1}), None)
    wanted, written = _wanted(blob) if blob else [], store.summaries(key)
    lines = lines_of(run.tools.blobs.source(key) or "") if wanted else []
    for symbol in wanted[len(written) :]:
        about = f"{symbol['kind']} {symbol['qualified']}"
        text = summariser.summarise(_code(lines, symbol), about)
        written.append({"line": symbol["line"], "qualified": symbol["qualified"], "text": text})
        store.save(key, written, run.fence, partial=True)
        yield
    store.save(key, written, run.fence)


def _wanted(blob: Document) -> list[Document]:
    exported = [
        symbol
        for symbol in blob.get("symbols", ())
        if symbol["exported"] and symbol["kind"] not in _NOT_SUMMARISED
    ]
    return exported[:_MOST_SYMBOLS]


def _code(lines: list[str], symbol: Document) -> str:
    return "\n".join(lines[symbol["first_line"] - 1 : symbol["end_line"]])[:_CODE_CHARS]


def _skipped(run: ScanRun, checkpoint: Checkpoint, note: str) -> Checkpoint:
    """The index was published with the reason, if the scan that published it knew it."""
    facts = {"phase2": "skipped", "phase2_note": note}
    branch = checkpoint.resolved_ref.branch
    current = run.tools.indexes.current(run.repository, branch)
    if current and current["phase2"] == "pending":
        run.tools.indexes.note(run.repository, branch, facts, run.fence)
    return checkpoint.enter(Stage.TIDY, **facts)
