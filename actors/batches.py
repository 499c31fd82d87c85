"""Many turns in one job: batches, and the conversations behind shared links."""

from collections.abc import Sequence
from contextlib import suppress
from functools import cache
from typing import Any

from actors.process import database
from actors.registry import works
from jobs.attempt import Attempt, Progress
from jobs.errors import HandBack, Permanent, Transient
from jobs.policy import JobType
from memory.batch import Item, Outcome, items
from memory.errors import Forbidden, NoTurns, Unreachable
from memory.models import Scope
from memory.scrape import Scraper, Transcript, parse
from memory.service import MemoryService

_SAVED_TOGETHER = 10


@cache
def _service() -> MemoryService:
    return MemoryService.over(database())


@works(JobType.MEMORY_BATCH_INGEST)
def batch_ingest(attempt: Attempt) -> dict[str, Any]:
    """Remember a batch; one item's failure does not keep the others out."""
    good, bad = items(attempt.owner, attempt.payload["items"])
    outcomes = _ingested(attempt, good, bad)
    return {**_counted(outcomes), "results": [outcome.shown() for outcome in outcomes]}


@works(JobType.MEMORY_SCRAPE)
def scrape(attempt: Attempt) -> dict[str, Any]:
    """Read a shared conversation and remember its turns.

    Raises:
        Permanent: It leads where no fetch may go, or there is no conversation in it.
        Transient: The link did not answer.
    """
    attempt.progress(Progress(stage="read", unit="turns"))
    transcript = _transcript(attempt.payload)
    attempt.log(f"{len(transcript.turns)} turns were read")
    scope = Scope(attempt.owner, attempt.payload["user_id"])
    good = [Item(position, scope, turn) for position, turn in enumerate(transcript.turns)]
    return {"turns": len(good), **_counted(_ingested(attempt, good, []))}


def _transcript(payload: dict[str, Any]) -> Transcript:
    try:
        if payload.get("url"):
            return Scraper().scrape(payload["url"])
        return parse(payload["transcript"])
    except (Forbidden, NoTurns) as error:
        raise Permanent(str(error)) from error
    except Unreachable as error:
        raise Transient(str(error)) from error


def _ingested(attempt: Attempt, good: Sequence[Item], bad: list[Outcome]) -> list[Outcome]:
    """The outcomes by position, saved as they come.

    What an earlier attempt has done is answered from the ledger, not done again.
    """
    done: list[Outcome] = []
    total = len(good) + len(bad)
    for outcome in bad:
        _note(attempt, outcome, done, total)
    for outcome in _service().batch.ingest(good, job_id=attempt.job_id, fence=attempt):
        attempt.check()
        _note(attempt, outcome, done, total)
    with suppress(HandBack):
        _save(attempt, done, total)
    return sorted(done, key=lambda outcome: outcome.position)


def _note(attempt: Attempt, outcome: Outcome, done: list[Outcome], total: int) -> None:
    attempt.outcome(outcome.position, outcome.status, outcome.error)
    done.append(outcome)
    if len(done) % _SAVED_TOGETHER == 0:
        _save(attempt, done, total)


def _save(attempt: Attempt, done: Sequence[Outcome], total: int) -> None:
    failed = sum(outcome.status == "failed" for outcome in done)
    now = Progress(stage="ingest", done=len(done), total=total, unit="turns", failed=failed)
    attempt.checkpoint({"done": len(done)}, now)


def _counted(outcomes: Sequence[Outcome]) -> dict[str, int]:
    return {
        status: sum(outcome.status == status for outcome in outcomes)
        for status in ("succeeded", "skipped", "failed")
    }
