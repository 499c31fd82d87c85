"""The sweeper: takes back jobs that lost their worker and gives up those past their deadline."""

from jobs.claims import CANCELLED_ERROR
from jobs.dead_letters import DeadLetters
from jobs.expressions import NOW, closed_attempt, past
from jobs.job import Job
from jobs.records import Records
from jobs.states import ABANDON, EXPIRE, POISON, RECLAIM, State
from storage.errors import translated
from storage.mongo import Document, literal

_BATCH = 100
_FIELDS = {"state": 1, "token": 1, "crashes": 1}


class Sweeper:
    """Each step is a compare-and-set on the expired lease, so that any number may sweep."""

    def __init__(self, records: Records, dead_letters: DeadLetters) -> None:
        self._records = records
        self._settings = records.settings
        self._dead_letters = dead_letters

    def run_once(self) -> list[Job]:
        """Sweep one batch; the jobs that are due again.

        Raises:
            StorageUnavailable: MongoDB does not answer.
        """
        freed = [self._take_back(job) for job in self._lost()]
        ended = [self._expire(job) for job in self._overdue()]
        return [job for job in freed + ended if job is not None]

    def _lost(self) -> list[Job]:
        return self._find(lost())

    def _overdue(self) -> list[Job]:
        return self._find(overdue())

    def _find(self, which: Document) -> list[Job]:
        with translated("sweeping"):
            return [Job(doc) for doc in self._records.jobs.find(which, _FIELDS).limit(_BATCH)]

    def _take_back(self, job: Job) -> Job | None:
        which = {"_id": job.id, "token": job.record["token"], **lost()}
        if job.state is State.CANCELLING:
            return self._records.move(ABANDON, which, self._closed(CANCELLED_ERROR, "cancelled"))
        crashes = job.record["crashes"] + 1
        changes = {"crashes": {"$add": ["$crashes", 1]}}
        if crashes >= self._settings.crash_limit:
            error = {"kind": "poison", "message": f"its worker died {crashes} times"}
            return self._dead_letters.bury(
                POISON, which, error, {**changes, **self._closed(error, "lost_worker")}
            )
        error = {"kind": "lost_worker", "message": "its worker stopped renewing the lease"}
        due_now = {"run_at": NOW, "ring_at": NOW}
        return self._records.move(
            RECLAIM, which, {**changes, **due_now, **self._closed(error, "lost_worker")}
        )

    def _expire(self, job: Job) -> Job | None:
        error = {"kind": "timeout", "message": "the job's deadline passed before it was done"}
        which = {"_id": job.id, **overdue()}
        return self._dead_letters.bury(EXPIRE, which, error, {})

    def _closed(self, error: Document, outcome: str) -> Document:
        history = closed_attempt(outcome, error, self._settings.attempts_kept)
        return {"attempts": history, "error": literal(error)}


def lost() -> Document:
    """Jobs whose lease expired."""
    return {"lease_expires_at": {"$type": "date"}, "$expr": past("lease_expires_at")}


def overdue() -> Document:
    """Jobs past their deadline that nobody runs."""
    return {
        "deadline_at": {"$type": "date"},
        "state": {"$in": sorted(EXPIRE.sources)},
        "$expr": past("deadline_at"),
    }
