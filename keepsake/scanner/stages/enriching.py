"""Phase 2: summaries by the configured language model; skipped, and said so, without one."""

from collections.abc import Iterator

from keepsake.scanner.checkpoint import Checkpoint, Stage
from keepsake.scanner.errors import SummariserAway
from keepsake.scanner.parse.text import lines_of
from keepsake.scanner.ports import Summariser
from keepsake.scanner.stages.run import Checkpoints, Run
from keepsake.storage.mongo import Document

_MOST_SYMBOLS = 40
_CODE_CHARS = 12_000
WITHOUT_LLM = "skipped: no language model is configured"
AWAY = "skipped: the language model did not answer; the next scan goes on with it"
NOT_ASKED = "skipped: not asked for"


def enriching(run: Run, checkpoint: Checkpoint) -> Checkpoints:
    """Summarise the exported symbols of each blob that has no summaries yet."""
    note, summariser = why_skipped(run), run.tools.summariser
    if note or summariser is None:
        yield _skipped(run, checkpoint, note)
        return
    pending = _pending(run, checkpoint, summariser)
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
    run.tools.heads.note(run.repository, checkpoint.known_head.branch, facts, run.fence)
    yield checkpoint.enter(Stage.TIDY, **facts)


def why_skipped(run: Run) -> str:
    """Why there will be no summaries; empty when there will."""
    if not run.request.options.enrich:
        return NOT_ASKED
    return "" if run.tools.summariser else WITHOUT_LLM


def _pending(run: Run, checkpoint: Checkpoint, summariser: Summariser) -> list[str]:
    """Blobs that the parser failed on wait for the scan that can parse them."""
    complete = run.summaries(summariser).complete()
    generation = checkpoint.base if checkpoint.reused else checkpoint.generation
    rows = run.tools.files.shown(run.index(checkpoint), generation, {"key": {"$ne": None}})
    failed = run.tools.blobs.failed(run.repository.id)
    return sorted({row["key"] for row in rows}.difference(complete, failed))


def _summarised(run: Run, key: str, summariser: Summariser) -> Iterator[None]:
    """Ask about one symbol after the other; each answer is kept at once, since it was paid for."""
    store, blob = run.summaries(summariser), next(run.tools.blobs.read([key], {"symbols": 1}), None)
    wanted, made = _wanted(blob) if blob else [], store.made(key)
    lines = lines_of(run.tools.blobs.source(key) or "") if wanted else []
    for symbol in wanted[len(made) :]:
        about = f"{symbol['kind']} {symbol['qualified']}"
        text = summariser.summarise(_code(lines, symbol), about)
        made.append({"line": symbol["line"], "qualified": symbol["qualified"], "text": text})
        store.save(key, made, run.fence, partial=True)
        yield
    store.save(key, made, run.fence)


def _wanted(blob: Document) -> list[Document]:
    exported = [
        symbol
        for symbol in blob.get("symbols", ())
        if symbol["exported"] and symbol["kind"] not in ("section", "chunk")
    ]
    return exported[:_MOST_SYMBOLS]


def _code(lines: list[str], symbol: Document) -> str:
    return "\n".join(lines[symbol["line"] - 1 : symbol["end_line"]])[:_CODE_CHARS]


def _skipped(run: Run, checkpoint: Checkpoint, note: str) -> Checkpoint:
    """The index was published with the reason, if the scan that published it knew it."""
    facts = {"phase2": "skipped", "phase2_note": note}
    branch = checkpoint.known_head.branch
    current = run.tools.heads.current(run.repository, branch)
    if current and current["phase2"] == "pending":
        run.tools.heads.note(run.repository, branch, facts, run.fence)
    return checkpoint.enter(Stage.TIDY, **facts)
