"""The heartbeat: renewing leases, hearing of cancels and pauses, and the worker registry."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pymongo import ReturnDocument

from keepsake.jobs.expressions import NOW, after
from keepsake.jobs.indexes import LANE_HOLDER, WORKERS
from keepsake.jobs.job import Claim
from keepsake.jobs.records import RUNNING, Records, leased_by_any
from keepsake.jobs.settings import JobSettings
from keepsake.jobs.states import LEASED
from keepsake.storage import Document, literals, translated

_WORKER_KEPT_SECONDS = 86_400
_HELD_MOST = 2_000


@dataclass(frozen=True, slots=True)
class LeaseStatus:
    """A claim that its worker still holds, and what its owner has asked for meanwhile."""

    claim_id: str
    control: str | None


class WorkerLeases:
    """One write and one read per heartbeat, whatever the number of running jobs."""

    def __init__(self, records: Records) -> None:
        self._records = records
        self._settings = records.settings
        self._workers = records.database[WORKERS]

    def renew(self, claims: Sequence[Claim]) -> list[LeaseStatus]:
        """Renew the leases of these claims; those not returned are lost.

        Raises:
            StorageUnavailable: MongoDB does not answer.
        """
        mine = {**leased_by_any(claims), "state": {"$in": sorted(LEASED)}}
        lease = after(self._settings.lease_seconds)
        with translated("renewing leases"):
            self._records.jobs.update_many(mine, [{"$set": {"lease_expires_at": lease}}])
            jobs = self._records.jobs.find(mine, {"claim": 1, "control": 1})
            return [LeaseStatus(job["claim"], _asked(job.get("control"))) for job in jobs]

    def heartbeat(self, worker: str, about: Document) -> bool:
        """Say that a worker process lives, and what it runs; whether it is asked to drain."""
        times = {"heartbeat_at": NOW, "expire_at": after(_WORKER_KEPT_SECONDS)}
        with translated("sending a heartbeat"):
            row = self._workers.find_one_and_update(
                {"_id": worker},
                [{"$set": {**literals(**about), **times}}],
                projection={"drain": 1},
                upsert=True,
                return_document=ReturnDocument.AFTER,
            )
        return "drain" in (row or {})

    def drain(self, worker: str, *, by: str, reason: str) -> bool:
        """Ask a worker to claim nothing more; False if there is no such worker.

        It hears of it with its next heartbeat, finishes what it runs, and waits to be stopped.
        """
        asked = {**literals(by=by, reason=reason), "at": NOW}
        with translated("draining a worker"):
            change = [{"$set": {"drain": {"$ifNull": ["$drain", asked]}}}]
            return self._workers.update_one({"_id": worker}, change).matched_count > 0

    def held(self) -> dict[str, list[Document]]:
        """The jobs that run, by their worker: id, type, owner, attempts and progress of each."""
        shown = ("worker", "type", "owner", "attempts", "progress")
        running: defaultdict[str, list[Document]] = defaultdict(list)
        with translated("reading what runs"):
            jobs = self._records.jobs.find(RUNNING, dict.fromkeys(shown, 1))
            for job in jobs.hint(LANE_HOLDER.name).limit(_HELD_MOST):
                running[str(job.get("worker"))].append(job)
        return running

    def leave(self, worker: str) -> None:
        """Take a worker that ends out of the registry."""
        with translated("leaving"):
            self._workers.delete_one({"_id": worker})

    def workers(self) -> list[Document]:
        """The worker processes and whether each is alive, newest heartbeat first."""
        stages: list[Document] = [
            {"$set": {"alive": alive(self._settings)}},
            {"$sort": {"heartbeat_at": -1}},
        ]
        with translated("reading workers"):
            return list(self._workers.aggregate(stages))

    def any_alive(self) -> bool:
        """Whether there is a live worker that is not drained."""
        return self._any({})

    def any_serving(self, queue: str) -> bool:
        """Whether there is such a worker for a queue; one that does not say serves all."""
        return self._any({"queues": {"$in": [None, queue]}})

    def without(self, job_type: str) -> list[str]:
        """The live workers that do not know a job type; of versions before, that say none, too."""
        living = {"types": {"$ne": job_type}, "$expr": alive(self._settings)}
        with translated("looking for workers"):
            return [worker["_id"] for worker in self._workers.find(living, {"_id": 1})]

    def any(self) -> bool:
        """Whether there is any worker, alive or not."""
        with translated("looking for a worker"):
            return self._workers.find_one({}, {"_id": 1}) is not None

    def _any(self, which: Document) -> bool:
        undrained: Document = {"drain": {"$exists": False}, "drained": {"$ne": True}}
        living = {**which, **undrained, "$expr": alive(self._settings)}
        with translated("looking for a worker"):
            return self._workers.find_one(living, {"_id": 1}) is not None


def alive(settings: JobSettings, at: Any = NOW) -> Document:
    """Whether a worker lived at a time, as an expression: a heartbeat came shortly before it.

    One that lies further ahead than a heartbeat shows nothing: the clock has stepped back since.
    """
    heard = [
        {"$gt": ["$heartbeat_at", after(-settings.silence_seconds, at)]},
        {"$lte": ["$heartbeat_at", after(settings.heartbeat_seconds)]},
    ]
    return {"$and": [{"$eq": [{"$type": "$heartbeat_at"}, "date"]}, *heard]}


def _asked(control: Any) -> str | None:
    """What the owner asked for, if that can be read: no other lease is to wait for it."""
    return control.get("action") if isinstance(control, dict) else None
