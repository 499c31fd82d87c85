"""What is written for a new job, and the idempotency keys that make two requests one job."""

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import bson
from bson.errors import BSONError
from bson.raw_bson import RawBSONDocument
from bson.timestamp import Timestamp

from keepsake.jobs.errors import KeyMalformed, Unstorable
from keepsake.jobs.expressions import past
from keepsake.jobs.job import Job, NewJob
from keepsake.jobs.job_types import JobType, Limits, Priority, Registry
from keepsake.jobs.known import SCHEMA
from keepsake.jobs.owner_rules import OwnerRules
from keepsake.jobs.records import Records
from keepsake.jobs.settings import JobSettings
from keepsake.jobs.states import ENDED, State
from keepsake.storage import DatabaseTime, Document, new_id, translated

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


def label_pairs(labels: Mapping[str, str]) -> list[str]:
    """A client's labels as their index has them, `name:value`; a name has no colon."""
    return sorted(f"{name}:{value}" for name, value in labels.items())


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

    values: its record. encoded: the same as BSON, so that what cannot be stored is seen before
    others' jobs are written beside it. anew: an ended job does not answer for it.
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

    @property
    def job(self) -> Job:
        """The job when it is accepted, but for its place in its lane and its payload."""
        return Job({name: self.values[name] for name in self.values if name not in _UNSAID})


_UNSAID = frozenset({"payload", "accepted", "accepted_at"})


class Drafts:
    """Prepares requests for jobs of the types that are known."""

    def __init__(self, types: Registry, settings: JobSettings, rules: OwnerRules) -> None:
        self._types = dict(types)
        self._rules = rules
        self._notify_again = timedelta(seconds=settings.notify_again_after_seconds)
        self._window = timedelta(seconds=settings.idempotency_window_seconds)

    def draft(self, new: NewJob, time: DatabaseTime) -> Draft:
        """Prepare a request that comes at a time.

        Raises:
            KeyMalformed: The key is no key.
            Unstorable: MongoDB cannot hold the payload.
        """
        identity = new.payload if new.identity is None else new.identity
        when = [new.run_at.astimezone(UTC).isoformat()] if new.run_at else []
        digest = fingerprint([new.type, identity, *when])
        key = checked_key(new.key) if new.key is not None else digest
        derived = new.key is None
        slot = None if new.force else key_slot(new.owner, new.type, key, derived=derived)
        own = self._rules.of(new.owner).priority
        priority = own or new.priority or self._types[new.type].priority
        values = _values(new, self._types[new.type], digest, slot, priority)
        values |= self._times(time, values["limits"]["total_seconds"])
        if new.run_at is not None and new.run_at > time.now:
            _put_off(values, new.run_at)
        if slot is not None and not derived:
            values["key_slot_until"] = time.now + self._window
        try:
            encoded = RawBSONDocument(bson.encode(values))
        except (BSONError, OverflowError, UnicodeError) as error:
            raise Unstorable("the payload cannot be stored") from error
        return Draft(values, encoded, slot, digest, new.anew and derived)

    def _times(self, time: DatabaseTime, total_seconds: float) -> Document:
        return {
            # Times have milliseconds. The order of acceptance is the server's: it puts its logical
            # clock, which counts writes, in the place of an empty timestamp.
            "accepted": Timestamp(0, 0),
            "accepted_at": Timestamp(0, 0),
            "created_at": time.steady,
            "updated_at": time.now,
            "run_at": time.now,
            "notify_at": time.now + self._notify_again,
            "deadline_at": time.now + timedelta(seconds=total_seconds),
            "state_history": [{"revision": 1, "at": time.now, "state": str(State.PENDING)}],
        }


def _values(
    new: NewJob, job_type: JobType[Any], digest: str, slot: str | None, priority: Priority
) -> Document:
    job_id = new_id("job", new.owner)
    lane, queue = new.lane or job_id, job_type.queue
    further = sorted({*new.further_lanes} - {lane})
    bulk = priority is Priority.BULK
    in_overflow = queue.name if (new.in_overflow or bulk) and queue.overflow else None
    optional = {
        "key_slot": slot, "credential": new.credential, "trace": new.trace,
        "in_overflow": in_overflow, "label_pairs": label_pairs(new.labels) or None,
        "priority": str(Priority.BULK) if bulk else None, "burst_exempt": bulk or None,
    }  # fmt: skip
    return {
        "_id": job_id,
        "schema": SCHEMA,
        "type": str(new.type),
        "owner": new.owner,
        "queue": queue.name,
        "state": str(State.PENDING),
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


def _put_off(values: Document, due: datetime) -> None:
    """Make a record that of a job for later, whose time begins when it is due.

    What relay, sweeper and claims look for it has not, until it enters its lanes.
    """
    values["deadline_at"] += due - values["run_at"]
    values["run_at"] = due
    values["state"] = values["state_history"][0]["state"] = str(State.SCHEDULED)
    values["burst_exempt"] = True
    for name in ("open_lane", "notify_at", "in_overflow"):
        values.pop(name, None)


def limits(new: NewJob, most: Limits) -> dict[str, float]:
    """The bounds of a job: its type's, or tighter ones that the client asked for."""
    return {
        "max_attempts": most.max_attempts,
        "attempt_seconds": min(new.attempt_seconds or most.attempt_seconds, most.attempt_seconds),
        "total_seconds": min(new.total_seconds or most.total_seconds, most.total_seconds),
    }
