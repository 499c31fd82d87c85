"""Idempotency keys: what makes two requests one job, and which jobs hold the keys."""

import hashlib
import json
import re
from collections.abc import Sequence
from typing import Any

from keepsake.jobs.errors import KeyMalformed
from keepsake.jobs.expressions import past
from keepsake.jobs.records import Records
from keepsake.jobs.states import ENDED
from keepsake.storage import Document, translated

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
    """What a key occupies: unique among the jobs that hold one."""
    kind = "derived" if derived else "given"
    return fingerprint([kind, owner, job_type, key])


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
