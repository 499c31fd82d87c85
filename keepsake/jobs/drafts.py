"""What is written for a new job, and the idempotency keys that make two requests one job."""

import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import bson
from bson.errors import BSONError
from bson.raw_bson import RawBSONDocument

from keepsake.jobs.errors import KeyMalformed, Unstorable
from keepsake.jobs.expressions import NOW, REMOVE, after, past
from keepsake.jobs.job import NewJob
from keepsake.jobs.job_types import JobType, Limits, Registry
from keepsake.jobs.known import SCHEMA
from keepsake.jobs.records import Records
from keepsake.jobs.states import ENDED, INITIAL
from keepsake.storage import LOGICAL_NOW, STEADY_NOW, Document, literal, new_id, translated

_CANONICAL = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=True)
_KEY = re.compile(r"[\x21-\x7e]{1,255}")


def fingerprint(payload: Any) -> str:
    """A hash of a JSON value that does not depend on the order of keys."""
    return hashlib.sha256(_CANONICAL.encode(payload).encode()).hexdigest()


def checked_key(key: str) -> str:
    """A client's key; surrounding double quotes (RFC 8941 strings) are taken off.

    Raises:
        KeyMalformed: It is empty, longer than 255 or not printable ASCII.
    """
    bare = key[1:-1] if len(key) > 1 and key[0] == key[-1] == '"' else key
    if not _KEY.fullmatch(bare):
        raise KeyMalformed("an idempotency key is 1 to 255 printable ASCII characters, no spaces")
    return bare


def key_slot(owner: str, job_type: str, key: str, *, derived: bool) -> str:
    """What a key occupies: unique among the jobs that hold one. 128 bits, as its index is large."""
    kind = "derived" if derived else "given"
    return fingerprint([kind, owner, job_type, key])[:32]


def lane_name(*parts: str) -> str:
    """An opaque name for a lane; it travels through the broker, so it shows nothing."""
    return fingerprint(["lane", *parts])[:32]


class KeySlots:
    """Which jobs hold idempotency keys."""

    def __init__(self, records: Records) -> None:
        self._jobs = records.jobs

    def holders(self, slots: Sequence[str], anew: Sequence[str]) -> dict[str, Document]:
        """The jobs that hold these slots, without those whose slot is freed here.

        A slot is freed when its window is over. anew: slots that are freed as soon as their jobs
        have ended, so that the request makes a new job instead of being answered by an old one.

        Raises:
            StorageUnavailable: MongoDB does not answer.
        """
        if not slots:
            return {}
        dated = {"$eq": [{"$type": "$key_slot_until"}, "date"]}
        ended = {"$and": [{"$in": ["$key_slot", anew]}, {"$in": ["$state", sorted(ENDED)]}]}
        over = {"$or": [{"$and": [dated, past("key_slot_until")]}, ended]}
        held = {"key_slot": {"$in": slots, "$type": "string"}}  # the type lets the index serve it
        stages: list[Document] = [
            {"$match": held},
            {"$set": {"over": over}},
            {"$unset": ["payload", "checkpoint"]},
        ]
        with translated("accepting"):
            jobs = list(self._jobs.aggregate(stages))
            if freed := [job["_id"] for job in jobs if job["over"]]:
                which = {"_id": {"$in": freed}, **held, "$expr": over}
                self._jobs.update_many(which, {"$unset": {"key_slot": ""}})
        return {job["key_slot"]: job for job in jobs if not job["over"]}

    def release(self, owner: str, job_id: str) -> None:
        """Let the same payload be a new job again: what the ended job did is no longer there.

        A key that the client gave stays its job's.
        """
        which = {"_id": job_id, "owner": owner, "state": {"$in": sorted(ENDED)},
                 "idempotency.derived": True}  # fmt: skip
        with translated("releasing a key"):
            self._jobs.update_one(which, {"$unset": {"key_slot": "", "key_slot_until": ""}})


@dataclass(frozen=True, slots=True)
class Draft:
    """A job that is about to be recorded.

    values: all that does not depend on the time. encoded: the same as BSON, so that what cannot be
    stored is seen before others' jobs are written beside it.
    anew: an ended job does not answer for it.
    """

    values: Document
    encoded: RawBSONDocument
    key_slot: str | None
    fingerprint: str
    anew: bool

    @property
    def job_id(self) -> str:
        """The id that the job will have."""
        return str(self.values["_id"])

    @property
    def size_bytes(self) -> int:
        """How much is sent for it."""
        return len(self.encoded.raw)


def drafted(new: NewJob, types: Registry) -> Draft:
    """Prepare a request for a job of a type that is known.

    Raises:
        KeyMalformed: The key is no key.
        Unstorable: MongoDB cannot hold the payload.
    """
    identity = new.payload if new.identity is None else new.identity
    digest = fingerprint([new.type, identity])
    key = checked_key(new.key) if new.key is not None else digest
    derived = new.key is None
    slot = None if new.force else key_slot(new.owner, new.type, key, derived=derived)
    values = _values(new, types[new.type], digest, slot)
    try:
        encoded = RawBSONDocument(bson.encode(values))
    except (BSONError, OverflowError, UnicodeError) as error:
        raise Unstorable("the payload cannot be stored") from error
    return Draft(values, encoded, slot, digest, new.anew and derived)


def times(notify_again_after_seconds: float, idempotency_window_seconds: float) -> Document:
    """The fields that the database computes from its clock and from a draft's values."""
    given = {"$and": [{"$not": "$idempotency.derived"}, {"$gt": ["$key_slot", None]}]}
    total_ms = {"$toLong": {"$multiply": ["$limits.total_seconds", 1000]}}
    return {
        # Times have milliseconds; the cluster time tells two accepts within one apart.
        "accepted": "$$CLUSTER_TIME",
        "accepted_at": LOGICAL_NOW,
        "created_at": STEADY_NOW,
        "updated_at": NOW,
        "run_at": NOW,
        "notify_at": after(notify_again_after_seconds),
        "deadline_at": {"$dateAdd": {"startDate": NOW, "unit": "millisecond", "amount": total_ms}},
        "key_slot_until": {"$cond": [given, after(idempotency_window_seconds), REMOVE]},
        "state_history": [{"revision": 1, "at": NOW, "state": literal(str(INITIAL))}],
    }


def _values(new: NewJob, job_type: JobType[Any], digest: str, slot: str | None) -> Document:
    job_id = new_id("job", new.owner)
    lane, queue = new.lane or job_id, job_type.queue
    further = sorted({*new.further_lanes} - {lane})
    in_overflow = queue.name if new.in_overflow and queue.overflow else None
    optional = {
        "key_slot": slot, "credential": new.credential, "trace": new.trace,
        "in_overflow": in_overflow,
    }  # fmt: skip
    return {
        "_id": job_id,
        "schema": SCHEMA,
        "type": str(new.type),
        "owner": new.owner,
        "queue": queue.name,
        "state": str(INITIAL),
        "payload": dict(new.payload),
        "labels": dict(new.labels),
        "lineage": {"replay_of": new.replay_of} if new.replay_of else {},
        "idempotency": {
            "key": None if new.key is None else checked_key(new.key),
            "derived": new.key is None,
            "fingerprint": digest,
        },
        "lane": lane,
        "open_lane": [lane, *further] if further else lane,
        **({"further_lanes": further} if further else {}),
        **{name: value for name, value in optional.items() if value is not None},
        "token": 0, "failures": 0, "crashes": 0, "notifications": 0, "revision": 1, "attempts": [],
        "limits": limits(new, job_type.limits),
    }  # fmt: skip


def limits(new: NewJob, most: Limits) -> dict[str, float]:
    """The bounds of a job: its type's, or tighter ones that the client asked for."""
    return {
        "max_attempts": most.max_attempts,
        "attempt_seconds": min(new.attempt_seconds or most.attempt_seconds, most.attempt_seconds),
        "total_seconds": min(new.total_seconds or most.total_seconds, most.total_seconds),
    }
