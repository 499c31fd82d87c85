"""From symbols to vectors, after the index is published: search says how far they are."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from keepsake.scanner.checkpoint import Checkpoint, Stage
from keepsake.scanner.models import digest
from keepsake.scanner.ports import Embedder
from keepsake.scanner.stages.run import Checkpoints, Run
from keepsake.scanner.store.vectors import Part, Vectors
from keepsake.scanner.symboltext import symbol_texts
from keepsake.storage.mongo import Document


def embedding(run: Run, checkpoint: Checkpoint) -> Checkpoints:
    """Embed what has no vectors yet, a part of a blob at a time."""
    embedder = run.tools.embedder
    if embedder is not None and run.request.options.embed:
        pending = _pending(run, checkpoint)
        total = _symbols(run, [row["key"] for row in pending])
        checkpoint = checkpoint.moved(total=checkpoint.done + total)
        for row in pending:
            for count in _embedded(run, checkpoint, row, embedder):
                checkpoint = checkpoint.moved(done=checkpoint.done + count, after=row["path"])
                yield checkpoint
    yield checkpoint.enter(Stage.ENRICH)


def _pending(run: Run, checkpoint: Checkpoint) -> list[Document]:
    """The rows of the current generation whose blobs lack vectors, each blob once.

    Blobs that the parser failed on wait for the scan that can parse them.
    """
    done = run.vectors.complete().union(run.tools.blobs.failed(run.repository.id))
    fields = {"path": 1, "key": 1, "renamed_from": 1}
    rows = run.tools.files.shown(
        run.index(checkpoint), _shown(checkpoint), {"key": {"$ne": None}}, fields
    )
    once: dict[str, Document] = {}
    for row in rows:
        if row["key"] not in done:
            once.setdefault(row["key"], row)
    return list(once.values())


def _symbols(run: Run, keys: Sequence[str]) -> int:
    return sum(blob.get("symbol_count", 0) for blob in run.tools.blobs.counts(keys).values())


def _shown(checkpoint: Checkpoint) -> int:
    return checkpoint.base if checkpoint.reused else checkpoint.generation


def _embedded(run: Run, checkpoint: Checkpoint, row: Document, embedder: Embedder) -> Iterator[int]:
    """Embed one blob; yields how many symbols each written part had."""
    blob = next(run.tools.blobs.read([row["key"]]), None)
    if blob is None:
        return
    texts, size = symbol_texts(blob), run.tools.settings.scan_embed_batch
    done, known = run.vectors.parts(row["key"]), _lent(run, checkpoint, row)
    for part in range(done, max(1, -(-len(texts) // size))):
        batch = texts[part * size : (part + 1) * size]
        hashes = [digest(text)[:16] for text in batch]
        made = Part(
            row["key"], part, hashes, _vectors(embedder, batch, hashes, known),
            last=(part + 1) * size >= len(texts),
        )  # fmt: skip
        run.vectors.save([made], run.fence)
        yield len(batch)


def _lent(run: Run, checkpoint: Checkpoint, row: Document) -> Mapping[str, Vectors]:
    """What the blob that stood at this path before has: most of its symbols are unchanged."""
    before = row.get("renamed_from") or row["path"]
    if not checkpoint.base:
        return {}
    past = run.tools.files.at(run.index(checkpoint), checkpoint.base, before)
    return run.vectors.known(past["key"]) if past and past["key"] else {}


def _vectors(
    embedder: Embedder,
    texts: Sequence[str],
    hashes: Sequence[str],
    known: Mapping[str, Vectors],
) -> Vectors:
    fresh = [position for position, one in enumerate(hashes) if one not in known]
    if not texts:
        return np.zeros((0, 0), dtype=np.float32)
    made = iter(embedder.embed([texts[position] for position in fresh]) if fresh else ())
    rows = [known[one] if one in known else next(made) for one in hashes]
    return np.stack(rows)
