"""What memory's jobs do: remember a turn, a batch, the conversation behind a link, embed anew."""

import json
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from keepsake.inference import Usage
from keepsake.jobs import (
    Attempt,
    HandBack,
    Outage,
    Permanent,
    Progress,
    Resources,
    Transient,
    Undone,
)
from keepsake.memory.batch import Item, Outcome, batch_items
from keepsake.memory.errors import Contended, NoTurns
from keepsake.memory.job_types import (
    BatchPayload,
    EmbedPayload,
    FactPayload,
    ImportPayload,
    IngestPayload,
    ScrapePayload,
)
from keepsake.memory.models import MemoryScope
from keepsake.memory.pipeline import envelope
from keepsake.memory.service import MemoryService, memory_service
from keepsake.memory.shared_links import Scraper, Transcript, read_transcript
from keepsake.memory.storing.restoring import ExportedRecord, exported
from keepsake.memory.turn import Turn
from keepsake.outbound import Forbidden, LinkAway, Unreachable

_SAMPLE = Turn(
    user_query="I moved to Lisbon last Friday. On 3 May my sister visits me.",
    agent_response="Welcome!",
)
_SAVED_TOGETHER = 10
_KEPT_CHARACTERS = 4_000_000
"""A longer conversation is fetched again by the next attempt; a record holds 16 MB."""


def ingest(attempt: Attempt, payload: IngestPayload, resources: Resources) -> dict[str, Any]:
    """Remember one turn; a second attempt answers what the first has done.

    Raises:
        Transient: Other writers kept changing the same user's memories.
    """
    try:
        report = resources.of(memory_service).pipeline.ingest(
            MemoryScope(attempt.owner, payload.user_id),
            payload,
            job_id=attempt.job_id,
            fence=attempt,
            accepted_at=attempt.claim.job.accepted_at,
        )
    except Contended as error:
        raise Transient.of(error) from error
    return envelope(report)


def state_fact(attempt: Attempt, payload: FactPayload, resources: Resources) -> dict[str, Any]:
    """Remember a fact by hand; a second attempt answers what the first has done.

    Raises:
        Transient: Other writers kept changing the same user's memories.
    """
    try:
        report = resources.of(memory_service).pipeline.state(
            MemoryScope(attempt.owner, payload.user_id),
            payload,
            job_id=attempt.job_id,
            fence=attempt,
            accepted_at=attempt.claim.job.accepted_at,
        )
    except Contended as error:
        raise Transient.of(error) from error
    return {
        "operations": [
            {"type": str(each.action), "domain": each.candidate.domain, "reason": each.reason,
             "content": each.candidate.content, "memory_id": each.id or each.target}
            for each in report.operations
        ]
    }  # fmt: skip


def warm_up(resources: Resources) -> None:
    """Load what the first turn would: models, lists of words, patterns of dates."""
    resources.of(memory_service).pipeline.rehearse(_SAMPLE)


def undo(resources: Resources, owner: str, job_id: str) -> Undone:
    """Take back what a job did to memories, as if it had never run; what others did stays."""
    return resources.of(memory_service).undo.undo(owner, job_id)


def batch_ingest(attempt: Attempt, payload: BatchPayload, resources: Resources) -> dict[str, Any]:
    """Remember a batch; one item's failure does not keep the others out."""
    good, bad = batch_items(attempt.owner, payload.items)
    outcomes = _ingested(attempt, good, bad, resources.of(memory_service))
    return {**_counted(outcomes), "results": [outcome.shown() for outcome in outcomes]}


def scrape(attempt: Attempt, payload: ScrapePayload, resources: Resources) -> dict[str, Any]:
    """Read a shared conversation and remember its turns.

    Raises:
        Permanent: It leads where no fetch may go, or there is no conversation in it.
        Outage: The link's host did not answer.
        Transient: It answered with an error.
    """
    scope = MemoryScope(attempt.owner, payload.user_id)
    turns = _turns(attempt, payload)
    good = [Item(position, scope, turn) for position, turn in enumerate(turns)]
    outcomes = _ingested(attempt, good, [], resources.of(memory_service))
    return {"turns": len(good), **_counted(outcomes)}


def restore(attempt: Attempt, payload: ImportPayload, resources: Resources) -> dict[str, Any]:
    """Restore the lines of an export; one that is none does not keep the others out."""
    lines = [line for line in payload.export.splitlines() if line.strip()]
    done: list[Outcome] = []
    records: list[tuple[int, ExportedRecord]] = []
    for position, line in enumerate(lines):
        record = exported(line)
        if isinstance(record, str):
            _note(attempt, Outcome(position, "failed", error=record), done, len(lines))
        else:
            records.append((position, record))
    scope = MemoryScope(attempt.owner, payload.user_id)
    memory = resources.of(memory_service)
    for position, status in memory.restoring.restore(scope, records, attempt):
        attempt.check()
        _note(attempt, Outcome(position, status), done, len(lines))
    with suppress(HandBack):
        _save(attempt, done, len(lines))
    return {"records": len(lines), **_counted(done)}


def embed(attempt: Attempt, payload: EmbedPayload, resources: Resources) -> dict[str, Any]:
    """Embed a user's memories that have vectors of another model; goes on where it was left."""
    anew = resources.of(memory_service).reembedding
    done = int((attempt.state or {}).get("done", 0))
    if payload.model != anew.model:
        attempt.log(f"this worker embeds with {anew.model}: nothing is done", level="warning")
        return {"embedded": done}
    scope = MemoryScope(attempt.owner, payload.user_id)
    total = done + anew.count(scope)
    for count in anew.embed(scope, done, attempt):
        progress = Progress(stage="embed", done=count, total=total, unit="memories")
        attempt.checkpoint({"done": count}, progress)
    return {"embedded": int((attempt.state or {}).get("done", 0))}


def _turns(attempt: Attempt, payload: ScrapePayload) -> list[Turn]:
    """The conversation as it was first read: what is behind a link may change meanwhile."""
    if attempt.state and "turns" in attempt.state:
        return [Turn.model_validate(turn) for turn in attempt.state["turns"]]
    if attempt.state is None:
        attempt.progress(Progress(stage="read", unit="turns"))
    turns = _transcript(payload).turns
    kept = [turn.model_dump(exclude_defaults=True) for turn in turns]
    small = len(json.dumps(kept)) <= _KEPT_CHARACTERS
    state = {"turns": kept} if small and payload.url else {}
    attempt.log(f"{len(turns)} turns were read")
    attempt.checkpoint(state)
    return turns


def _transcript(payload: ScrapePayload) -> Transcript:
    try:
        if payload.url:
            return Scraper().scrape(payload.url)
        return read_transcript(payload.transcript, payload.user_name)
    except (Forbidden, NoTurns) as error:
        raise Permanent.of(error) from error
    except LinkAway as error:
        outage = Outage.of(error)
        outage.retry_after_seconds = error.retry_after_seconds
        raise outage from error
    except Unreachable as error:
        raise Transient.of(error) from error


def _ingested(
    attempt: Attempt, good: Sequence[Item], bad: list[Outcome], memory: MemoryService
) -> list[Outcome]:
    """The outcomes by position, saved one after the other; those of earlier attempts at once."""
    done: list[Outcome] = []
    total = len(good) + len(bad)
    for outcome in bad:
        _note(attempt, outcome, done, total)
    ingested = memory.batch.ingest(
        good, job_id=attempt.job_id, fence=attempt, accepted_at=attempt.claim.job.accepted_at
    )
    for outcome in ingested:
        attempt.check()
        _note(attempt, outcome, done, total)
    with suppress(HandBack):
        _save(attempt, done, total)
    return sorted(done, key=lambda outcome: outcome.position)


def _note(attempt: Attempt, outcome: Outcome, done: list[Outcome], total: int) -> None:
    known = (attempt.claim.job.get("items") or {}).get(str(outcome.position), {})
    if known.get("status") != outcome.status:  # else an earlier attempt has saved it
        attempt.outcome(outcome.position, outcome.status, outcome.error)
    done.append(outcome)
    if len(done) % _SAVED_TOGETHER == 0:
        _save(attempt, done, total)


def _save(attempt: Attempt, done: Sequence[Outcome], total: int) -> None:
    """Save outcomes; progress never falls behind what an earlier attempt has saved."""
    saved = (attempt.claim.job.get("progress") or {}).get("done", 0)
    failed = sum(outcome.status == "failed" for outcome in done)
    count = max(len(done), saved)
    progress = Progress(stage="ingest", done=count, total=total, unit="turns", failed=failed)
    attempt.checkpoint(attempt.state or {}, progress)


def _counted(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """How many went how, and what language models took for all of them."""
    counts = {
        status: sum(outcome.status == status for outcome in outcomes)
        for status in ("succeeded", "skipped", "failed")
    }
    usage = Usage.total(outcome.report.usage for outcome in outcomes if outcome.report).shown()
    return {**counts, "usage": usage} if usage else counts
