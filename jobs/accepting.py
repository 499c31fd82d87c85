"""Accepting a job: one durable write, or the job that the idempotency key stands for."""

from contextlib import nullcontext

from pymongo import ReturnDocument
from pymongo.client_session import ClientSession
from pymongo.errors import DuplicateKeyError

from jobs import keys
from jobs.errors import KeyReused
from jobs.expressions import NOW, after
from jobs.indexes import VAULT
from jobs.job import Accepted, Job, NewJob
from jobs.policy import POLICIES, Policy
from jobs.records import Records
from jobs.states import ENDED, INITIAL
from storage.errors import StorageError, translated
from storage.ids import new_id
from storage.mongo import Document, literal, literals

_TRIES = 5
_COUNTERS: Document = {
    "token": 0, "failures": 0, "crashes": 0, "rings": 0, "revision": 1, "attempts": [],
    "trail": [{"revision": 1, "at": NOW, "state": literal(str(INITIAL))}],
}  # fmt: skip


class Acceptance:
    """Turns requests into jobs."""

    def __init__(self, records: Records) -> None:
        self._jobs = records.jobs
        self._vault = records.database[VAULT]
        self._settings = records.settings
        self._prepare = records.prepare

    def accept(self, new: NewJob, session: ClientSession | None = None) -> Accepted:
        """Record the job. When this returns, it is on disk on a majority of the database.

        Raises:
            KeyReused: The key stands for another payload.
            KeyMalformed: The key is no key.
            StorageUnavailable: MongoDB does not answer; nothing may have been recorded.
        """
        self._prepare()
        identity = new.payload if new.identity is None else new.identity
        print_ = keys.fingerprint([new.type, identity])
        key = keys.checked(new.key) if new.key is not None else print_
        hold = None if new.force else keys.hold(new.owner, new.type, key, derived=new.key is None)
        for _ in range(_TRIES):
            try:
                return Accepted(self._insert(new, key, print_, hold, session), created=True)
            except DuplicateKeyError:
                joined = self._joined(new, hold, print_)
                if joined is not None:
                    return Accepted(joined, created=False)
        raise StorageError("accepting: the idempotency key kept changing hands")

    def release(self, owner: str, job_id: str) -> None:
        """Let the same payload be a new job again: what the ended job did is no longer there.

        A key that the client gave stays its job's.
        """
        which = {"_id": job_id, "owner": owner, "state": {"$in": sorted(ENDED)},
                 "idempotency.derived": True}  # fmt: skip
        with translated("releasing a key"):
            self._jobs.update_one(which, {"$unset": {"hold": "", "hold_until": ""}})

    def _insert(
        self, new: NewJob, key: str, print_: str, hold: str | None, session: ClientSession | None
    ) -> Job:
        job_id = new_id("job")
        with nullcontext() if session else translated("accepting"):
            found = self._jobs.find_one_and_update(
                {"_id": job_id},
                [{"$set": self._fields(job_id, new, key, print_, hold)}],
                upsert=True,
                session=session,
                return_document=ReturnDocument.AFTER,
            )
        return Job(found or {})

    def _joined(self, new: NewJob, hold: str | None, print_: str) -> Job | None:
        """The job that is there; it has a credential of its own, or needs none."""
        try:
            joined = self._join(hold, print_, anew=new.anew and new.key is None)
        except KeyReused:
            self._forget(new)
            raise
        if joined is not None:
            self._forget(new)
        return joined

    def _forget(self, new: NewJob) -> None:
        if new.credential is not None:
            with translated("forgetting a credential"):
                self._vault.delete_one({"_id": new.credential})

    def _join(self, hold: str | None, print_: str, *, anew: bool) -> Job | None:
        """The job that holds the key; None when the key is free again.

        It is when its window is over, or when the job has ended and is not to answer for another.
        """
        with translated("accepting"):
            found = self._jobs.find_one({"hold": hold})
            if found is None:
                return None
            over: Document = {"hold_until": {"$type": "date"},
                              "$expr": {"$lte": ["$hold_until", NOW]}}  # fmt: skip
            if anew:
                over = {"$or": [over, {"state": {"$in": sorted(ENDED)}}]}
            freed = self._jobs.update_one(
                {"_id": found["_id"], "hold": hold, **over}, {"$unset": {"hold": ""}}
            )
        if freed.modified_count:
            return None
        if found["idempotency"]["fingerprint"] != print_:
            raise KeyReused(found["_id"])
        return Job(found)

    def _fields(
        self, job_id: str, new: NewJob, key: str, print_: str, hold: str | None
    ) -> Document:
        policy = POLICIES[new.type]
        derived = new.key is None
        lane = new.lane or job_id
        further = sorted({*new.further_lanes} - {lane})
        optional = {"hold": hold, "credential": new.credential, "trace": new.trace}
        return {
            **literals(
                type=str(new.type),
                owner=new.owner,
                queue=policy.queue,
                state=str(INITIAL),
                payload=dict(new.payload),
                labels=dict(new.labels),
                lineage={"replay_of": new.replay_of} if new.replay_of else {},
                idempotency={
                    "key": None if derived else key,
                    "derived": derived,
                    "fingerprint": print_,
                },
                lane=lane,
                open_lane=[lane, *further] if further else lane,
                **({"further_lanes": further} if further else {}),
            ),
            **literals(**{name: value for name, value in optional.items() if value is not None}),
            **_COUNTERS,
            **self._times(new, policy),
        }

    def _times(self, new: NewJob, policy: Policy) -> Document:
        bounds = limits(new, policy)
        held: Document = {}
        if new.key is not None and not new.force:
            held = {"hold_until": after(self._settings.idempotency_window_seconds)}
        return {
            **held,
            # Times have milliseconds; the cluster time tells two accepts within one apart.
            "accepted": "$$CLUSTER_TIME",
            "created_at": NOW,
            "updated_at": NOW,
            "run_at": NOW,
            "ring_at": after(self._settings.ring_grace_seconds),
            "deadline_at": after(bounds["total_seconds"]),
            "limits": literals(**bounds),
        }


def limits(new: NewJob, policy: Policy) -> dict[str, float]:
    """The bounds of a job: its type's, or tighter ones that the client asked for."""
    return {
        "max_attempts": policy.max_attempts,
        "attempt_seconds": min(
            new.attempt_seconds or policy.attempt_seconds, policy.attempt_seconds
        ),
        "total_seconds": min(new.total_seconds or policy.total_seconds, policy.total_seconds),
    }
