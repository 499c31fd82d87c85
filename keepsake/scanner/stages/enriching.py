"""What joins an index after it is published: vectors, then summaries by a language model.

Search says how far the vectors are. Without a language model summaries are skipped, with a note.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

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
EMBED_BATCH = 128
"""Texts between two checkpoints, about a second; larger batches embed hardly faster."""
PART_TEXTS = 32
"""Of a document of vectors. Parts that are there are counted, so it may not change."""
_NOT_SUMMARISED = DATA | {"section", "chunk"}
_CODE_CHARS = 12_000
WITHOUT_LLM = "skipped: no language model is configured"
AWAY = "skipped: the language model did not answer; the next scan goes on with it"
NOT_ASKED = "skipped: not asked for"


@dataclass(frozen=True, slots=True)
class _EmbeddedPart:
    """Some consecutive symbols of a blob that are to be embedded.

    hashes: of each text. known: the vectors of a former blob by the hash of their text.
    """

    path: str
    key: str
    number: int
    texts: Sequence[str]
    hashes: Sequence[str]
    known: Mapping[str, Vectors]
    last: bool

    @property
    def fresh(self) -> list[str]:
        """The texts that have no vector yet."""
        pairs = zip(self.texts, self.hashes, strict=True)
        return [text for text, hashed in pairs if hashed not in self.known]

    def embedded(self, vectors: Iterator[Vectors]) -> VectorPart:
        """What is stored; takes the vectors of the fresh texts."""
        rows = [
            self.known[hashed] if hashed in self.known else next(vectors) for hashed in self.hashes
        ]
        stacked = np.stack(rows) if rows else np.zeros((0, 0), dtype=np.float32)
        return VectorPart(self.key, self.number, self.hashes, stacked, last=self.last)


def embedding(run: ScanRun, checkpoint: Checkpoint) -> Checkpoints:
    """Embed what has no vectors yet, some parts of blobs at a time."""
    embedder = run.tools.embedder
    if embedder is not None and run.request.options.embed:
        pending = _without_vectors(run, checkpoint)
        total = _embedded_count(run, [row["key"] for row in pending])
        checkpoint = checkpoint.moved(total=checkpoint.done + total)
        for batch in _batches(_parts(run, checkpoint, pending)):
            run.vectors.save(_embedded(batch, embedder), run.fence)
            done = checkpoint.done + sum(len(part.texts) for part in batch)
            checkpoint = checkpoint.moved(done=done, after=batch[-1].path)
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


def _parts(
    run: ScanRun, checkpoint: Checkpoint, rows: Iterable[Document]
) -> Iterator[_EmbeddedPart]:
    """The parts of blobs that have no vectors; a blob that has no symbols is one without texts."""
    for row in rows:
        blob = next(run.tools.blobs.read([row["key"]], {"symbols": 1, "calls": 1}), None)
        if blob is None:
            continue
        texts, known = symbol_texts(blob), _known_vectors(run, checkpoint, row)
        count = max(1, -(-len(texts) // PART_TEXTS))
        for number in range(run.vectors.parts(row["key"]), count):
            some = texts[number * PART_TEXTS : (number + 1) * PART_TEXTS]
            hashes = [digest(text)[:16] for text in some]
            last = number == count - 1
            yield _EmbeddedPart(row["path"], row["key"], number, some, hashes, known, last)


def _batches(parts: Iterable[_EmbeddedPart]) -> Iterator[list[_EmbeddedPart]]:
    batch: list[_EmbeddedPart] = []
    size = 0
    for part in parts:
        batch.append(part)
        size += max(1, len(part.texts))
        if size >= EMBED_BATCH:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _embedded(batch: Sequence[_EmbeddedPart], embedder: Embedder) -> list[VectorPart]:
    """Texts of several blobs at once: the more there are, the less padding they need."""
    fresh = [text for part in batch for text in part.fresh]
    vectors = iter(embedder.embed(fresh) if fresh else ())
    return [part.embedded(vectors) for part in batch]


def _known_vectors(run: ScanRun, checkpoint: Checkpoint, row: Document) -> Mapping[str, Vectors]:
    """What the blob that stood at this path before has: most of its symbols are unchanged."""
    before = row.get("renamed_from") or row["path"]
    if not checkpoint.base:
        return {}
    past = run.tools.files.at(run.index(checkpoint), checkpoint.base, before)
    return run.vectors.known(past["key"]) if past and past["key"] else {}


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
