"""How far a repository's index is, in two phases. Pure: from the newest job and what is published.

There is one truth: nothing is stored about a phase, so a job that died cannot leave one running.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from keepsake.jobs import ENDED, Job, State
from keepsake.scanner import PUBLISHED_STAGES, Stage

_WORDS: dict[str, str] = {
    State.PENDING: "pending", State.RUNNING: "running", State.CANCELLING: "running",
    State.RETRYING: "pending", State.PAUSED: "paused", State.DEAD_LETTER: "failed",
    State.CANCELLED: "cancelled", State.SCHEDULED: "pending",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Phases:
    """Phase 1 is the structure, phase 2 the summaries of a language model.

    Each is `not_started`, `pending`, `running`, `paused`, `failed`, `cancelled` or `complete`;
    phase 2 may also be `skipped`, and its note says why.
    """

    phase1: str
    phase2: str
    note: str = ""
    error: str | None = None


def phases(job: Job | None, current: dict[str, Any] | None) -> Phases:
    """The phases by the newest scan and the published index, either of which may be missing."""
    if job is None or job.state is State.SUCCEEDED:
        return _by_index(current)
    word = _word(job)
    error = (job.get("error") or {}).get("message") if word in {"failed", "pending"} else None
    stage = (job.get("progress") or {}).get("stage", "")
    if stage not in PUBLISHED_STAGES:
        return Phases(word, "not_started" if job.state in ENDED else "pending", error=error)
    published = _by_index(current)
    if stage == Stage.EMBED and word == "running":
        word = "pending"
    over = stage in {Stage.TIDY, Stage.DONE} and published.phase2 in {"complete", "skipped"}
    return Phases("complete", published.phase2 if over else word, published.note, error)


def elapsed_seconds(job: Job | None) -> float:
    """How long the scan has taken, or took."""
    started: datetime | None = job.get("started_at") if job else None
    if job is None or started is None:
        return 0.0
    ended: datetime = job.get("ended_at") or datetime.now(UTC)
    return round(max((ended - started).total_seconds(), 0.0), 1)


def _word(job: Job) -> str:
    """Between two slices a scan is pending, and yet it runs for its owner."""
    if job.state is State.PENDING and job.record["token"] > 0:
        return "running"
    return _WORDS.get(job.state, job.state)


def _by_index(current: dict[str, Any] | None) -> Phases:
    if current is None:
        return Phases("not_started", "not_started")
    return Phases("complete", str(current["phase2"]), str(current["phase2_note"]))
