"""Claims for owners who may have only so many jobs running: each takes one of their slots."""

import random
import time
from uuid import uuid4

from pymongo import ReturnDocument
from pymongo.errors import DuplicateKeyError

from keepsake.jobs.expressions import taken
from keepsake.jobs.indexes import OF_UNFINISHED
from keepsake.jobs.job import NOTIFICATION_FIELDS, Claim, Job
from keepsake.jobs.owner_rules import slots
from keepsake.jobs.records import UNENDED, Records
from keepsake.jobs.states import WAITING
from keepsake.storage import Document, literal, translated

_TRIES = 5
_LOOKED_AT = 50
_NOTIFIED = 4


class SlotClaims:
    """Two round trips each, since a claim has to know which slot is free."""

    def __init__(self, records: Records) -> None:
        self._records = records

    def claim(
        self, owner: str, which: Document, due: Document, worker: str, notify_next: Document
    ) -> Claim | None:
        """Take the oldest job that a filter names, if it is due and its owner has a slot free.

        due: whether it is, as an expression.

        Raises:
            StorageUnavailable: MongoDB does not answer.
        """
        with translated("claiming"):
            for _ in range(_TRIES):
                slot = self._free(owner)
                if slot is None:
                    return None
                try:
                    return self._take(slot, which, due, worker, notify_next)
                except DuplicateKeyError:  # the slot was taken meanwhile, or the lane
                    continue
        return None

    def _free(self, owner: str) -> str | None:
        """One of the owner's slots; any, so that processes rarely try for the same."""
        names = set(slots(owner, self._records.owner_rules.bounds.get(owner, 0)))
        free = names - self._records.owner_rules.taken(names)
        return random.choice(sorted(free)) if free else None  # noqa: S311 - no secret

    def _take(
        self, slot: str, which: Document, due: Document, worker: str, notify_next: Document
    ) -> Claim | None:
        claim_id, asked_at = uuid4().hex, time.monotonic()
        lanes = {"$cond": [{"$isArray": "$open_lane"}, "$open_lane", ["$open_lane"]]}
        held = {"running_lane": {"$concatArrays": [lanes, [literal(slot)]]}}
        changed = taken(self._records.settings, worker, literal(claim_id), notify_next)
        record = self._records.unjournaled.find_one_and_update(
            which,
            [{"$replaceWith": {"$cond": [due, {"$mergeObjects": [changed, held]}, "$$ROOT"]}}],
            sort=[("accepted", 1), ("_id", 1)],
            return_document=ReturnDocument.AFTER,
        )
        if record is None or record.get("claim") != claim_id:
            return None
        return Claim(Job(record), claim_id, asked_at)

    def waiting_of(self, owner: str) -> list[Job]:
        """Of an owner with a bound some jobs that wait, the oldest, each of another lane.

        Whoever ends a job notifies of them: their own notifications found no slot.

        Raises:
            StorageUnavailable: MongoDB does not answer.
        """
        if owner not in self._records.owner_rules.bounds:
            return []
        which = {"owner": owner, **UNENDED, "state": {"$in": sorted(WAITING)}}
        with translated("looking for waiting jobs"):
            waiting = self._records.jobs.find(which, NOTIFICATION_FIELDS).hint(OF_UNFINISHED.name)
            oldest = [Job(job) for job in waiting.sort("created_at", 1).limit(_LOOKED_AT)]
        return list({job.lane: job for job in reversed(oldest)}.values())[-_NOTIFIED:]
