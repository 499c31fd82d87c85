"""What owners ask of jobs: read, cancel, pause, resume, retry; of one, or of all a filter names."""

from dataclasses import dataclass, field, replace
from typing import Any

from keepsake.jobs.claims import CANCELLED_ERROR
from keepsake.jobs.dead_letters import Letters, Replays
from keepsake.jobs.errors import IllegalMove, JobError, JobNotFound
from keepsake.jobs.expressions import NOW, bumped, dated
from keepsake.jobs.job import UNLISTED, UNSEEN, Job
from keepsake.jobs.known import SCHEMAS
from keepsake.jobs.listing import Wanted
from keepsake.jobs.operator_listing import OperatorListing
from keepsake.jobs.records import Records, scoped
from keepsake.jobs.states import CANCEL, PAUSE, REQUEST_CANCEL, RESUME, Move, State
from keepsake.storage import Document, Unreadable, literals, translated

_TRIES = 5


class Control:
    """Every call is scoped by the owner: another owner's job does not exist.

    None as the owner is an operator's view of all.
    """

    def __init__(self, records: Records) -> None:
        self._records = records

    def get(self, owner: str | None, job_id: str, *, history: bool = False) -> Job:
        """One job, without its payload.

        owner: None is an operator's view of all. history: with its former states, its log and the
        outcomes of its items.

        Raises:
            JobNotFound: Unknown, or another owner's.
            Unreadable: It is another version's, or damaged.
        """
        hidden = UNSEEN if history else UNLISTED
        with translated("reading a job"):
            record = self._records.jobs.find_one(scoped(owner, job_id), hidden)
        if record is None:
            raise JobNotFound(job_id)
        return Job.read(record)

    def content(self, job_id: str) -> Document:
        """What was asked for with a job of any owner, and what it gave.

        Raises:
            JobNotFound: Unknown.
        """
        with translated("reading a job"):
            record = self._records.jobs.find_one({"_id": job_id}, {"payload": 1, "result": 1})
        if record is None:
            raise JobNotFound(job_id)
        return record

    def cancel(self, owner: str | None, job_id: str, *, by: str, reason: str = "") -> Job:
        """Cancel: a waiting job at once, a running one at its next checkpoint.

        Raises:
            JobNotFound: Unknown, or another owner's.
            IllegalMove: It has ended.
        """
        asked = _asked("cancel", by, reason)
        error = {**CANCELLED_ERROR, "by": by, **({"message": reason} if reason else {})}
        ways = ((CANCEL, {"error": dated(error), "cancelled": asked}),
                (REQUEST_CANCEL, {"control": asked, "cancelled": asked}))  # fmt: skip
        return self._ask("be cancelled", owner, job_id, ways, State.CANCELLING)

    def pause(self, owner: str | None, job_id: str, *, by: str, reason: str = "") -> Job:
        """Pause: a waiting job at once, a running one at its next checkpoint.

        Raises:
            JobNotFound: Unknown, or another owner's.
            IllegalMove: It has ended or is being cancelled.
        """
        asked = _asked("pause", by, reason)
        for _ in range(_TRIES):
            which = {**scoped(owner, job_id), **SCHEMAS}
            moved = self._records.move(PAUSE, which, {"paused": asked})
            moved = moved or self._request_pause(owner, job_id, asked)
            if moved is not None:
                return moved
            job = self._own(owner, job_id)
            if job.state is State.PAUSED:
                return job
            if job.state not in PAUSE.sources | {State.RUNNING}:
                break
        raise IllegalMove("be paused", job)

    def resume(self, owner: str | None, job_id: str, *, by: str) -> Job:
        """Let a paused job go on.

        Raises:
            JobNotFound: Unknown, or another owner's.
            IllegalMove: It is not paused.
        """
        changes = {"run_at": NOW, "notify_at": NOW, "resumed": _asked("resume", by, "")}
        return self._ask("be resumed", owner, job_id, ((RESUME, changes),), None)

    def retry(self, owner: str | None, job_id: str, *, by: str) -> Job:
        """Try again now what waits for its next try.

        Raises:
            JobNotFound: Unknown, or another owner's.
            IllegalMove: It does not wait for a retry.
        """
        hurried = {"run_at": NOW, "notify_at": NOW, "hurried": _asked("retry", by, "")}
        with translated("retrying now"):
            record = self._records.jobs.find_one_and_update(
                {**scoped(owner, job_id), **SCHEMAS, "state": State.RETRYING},
                [{"$set": {**bumped(), **hurried}}],
                return_document=True,
            )
        if record is None:
            raise IllegalMove("be retried now", self._own(owner, job_id))
        return Job(record)

    def _ask(
        self,
        action: str,
        owner: str | None,
        job_id: str,
        ways: tuple[tuple[Move, Document], ...],
        already: State | None,
    ) -> Job:
        """Try each move in turn; a job that moved in between is looked at again."""
        for _ in range(_TRIES):
            for move, changes in ways:
                moved = self._records.move(move, {**scoped(owner, job_id), **SCHEMAS}, changes)
                if moved is not None:
                    return moved
            job = self._own(owner, job_id)
            if job.state is already:
                return job
            if not any(job.state in move.sources for move, _ in ways):
                break
        raise IllegalMove(action, job)

    def _own(self, owner: str | None, job_id: str) -> Job:
        """A job that was not changed, to see why.

        Raises:
            Unreadable: It is of a schema that this version does not know.
        """
        job = self.get(owner, job_id)
        if job.get("schema") not in SCHEMAS["schema"]["$in"]:
            raise Unreadable("a job of a schema that this version does not know")
        return job

    def _request_pause(self, owner: str | None, job_id: str, asked: Document) -> Job | None:
        with translated("pausing"):
            record = self._records.jobs.find_one_and_update(
                {**scoped(owner, job_id), **SCHEMAS, "state": State.RUNNING},
                [{"$set": {**bumped(), "control": asked, "paused": asked}}],
                return_document=True,
            )
        return Job(record) if record else None


def _asked(action: str, by: str, reason: str) -> dict[str, Any]:
    """Who asked for what, why and when."""
    return {**literals(action=action, by=by, reason=reason), "at": NOW}


LIMIT = 1_000
_COUNTED = 100_000

SOURCES: dict[str, frozenset[State]] = {
    "cancel": CANCEL.sources | REQUEST_CANCEL.sources,
    "pause": PAUSE.sources | {State.RUNNING},
    "resume": RESUME.sources,
    "retry": frozenset({State.RETRYING}),
    "replay": frozenset({State.DEAD_LETTER}),
}
"""The states in which a job can be meant by an action."""


@dataclass(slots=True)
class BulkResult:
    """What a bulk action did.

    matched: jobs that the filter and the action mean. changed: as they are now.
    refused: those that moved on, or were replayed, in between.
    """

    matched: int
    changed: list[Job] = field(default_factory=list)
    refused: int = 0


class Bulk:
    """At most `LIMIT` jobs a call, the newest; each on its own, so none undoes another.

    An action means jobs that have not ended, or open dead letters; all else of a history is not
    looked at. None as the owner stands for all.
    """

    def __init__(
        self, listing: OperatorListing, letters: Letters, control: Control, replays: Replays
    ) -> None:
        self._listing = listing
        self._letters = letters
        self._control = control
        self._replays = replays

    def matched(self, action: str, owner: str | None, wanted: Wanted) -> int:
        """How many jobs an action would touch; counts up to 100,000."""
        narrowed = meant(action, wanted)
        if narrowed is None:
            return 0
        if action == "replay":
            return self._letters.count_open(owner, narrowed)
        return self._listing.count_unfinished(owner, _COUNTED, narrowed)

    def newest(self, action: str, owner: str | None, wanted: Wanted, size: int) -> list[str]:
        """The ids of the newest jobs that an action would touch."""
        narrowed = meant(action, wanted)
        if narrowed is None:
            return []
        if action == "replay":
            return self._letters.newest_open(owner, narrowed, size)
        return self._listing.newest_unfinished(owner, narrowed, size)

    def carry_out(
        self, action: str, owner: str | None, wanted: Wanted, *, by: str, reason: str
    ) -> BulkResult:
        """Do it to each.

        Raises:
            StorageUnavailable: MongoDB does not answer; some may be done. Asking again is safe.
        """
        done = BulkResult(self.matched(action, owner, wanted))
        for job_id in self.newest(action, owner, wanted, LIMIT):
            try:
                done.changed.append(self.act(action, owner, job_id, by=by, reason=reason))
            except (JobError, Unreadable):
                done.refused += 1
        return done

    def act(self, action: str, owner: str | None, job_id: str, *, by: str, reason: str) -> Job:
        """Do it to one job; what it is afterwards, or the new one of a replay.

        Raises:
            JobError: Its state does not allow it, or there is no such job for this owner.
        """
        match action:
            case "cancel":
                return self._control.cancel(owner, job_id, by=by, reason=reason)
            case "pause":
                return self._control.pause(owner, job_id, by=by, reason=reason)
            case "resume":
                return self._control.resume(owner, job_id, by=by)
            case "retry":
                return self._control.retry(owner, job_id, by=by)
            case _:
                return self._replays.replay(owner, job_id, by=by)


def meant(action: str, wanted: Wanted) -> Wanted | None:
    """The filter, held to the states in which the action means something; None if in none."""
    states = SOURCES[action] & (wanted.states or frozenset(State))
    return replace(wanted, states=states) if states else None
