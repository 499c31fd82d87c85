"""What the database's clock left behind when it stepped back: times that lie too far ahead.

A failover to a member that lags does it as well. No ring, retry or lease is ever set further ahead
than it may last, so what lies beyond was written by a clock that was ahead of today's.
"""

from collections.abc import Iterable

from keepsake.jobs.expressions import NOW, after
from keepsake.jobs.records import RUNNING, Records
from keepsake.jobs.settings import JobSettings
from keepsake.jobs.states import State
from keepsake.storage.errors import translated
from keepsake.storage.mongo import Document


class Rewinding:
    """Each step is one compare-and-set that nothing written by the present clock matches."""

    def __init__(self, records: Records, queues: Iterable[str]) -> None:
        self._records = records
        self._jobs = records.jobs
        self._settings = records.settings
        self._queues = tuple(queues)

    def run_once(self) -> int:
        """Let what waits run now, and what runs keep its lease for as long as one may last.

        How long that is, another version knows of its own.
        Who holds such a lease renews it with a heartbeat; that of a dead worker ends. How many
        jobs it was about is returned.

        Raises:
            StorageUnavailable: MongoDB does not answer.
        """
        known = self._records.known.whole
        lease: Document = {"lease_expires_at": after(self._settings.lease_seconds)}
        due: Document = {"notify_at": NOW, "run_at": NOW}
        steps = [(waiting_ahead(queue, self._records), due) for queue in self._queues]
        steps.append((leased_ahead(self._settings), lease))
        with translated("rewinding"):
            return sum(
                self._jobs.update_many({**known, **which}, [{"$set": change}]).modified_count
                for which, change in steps
            )


def waiting_ahead(queue: str, records: Records) -> Document:
    """The jobs of a queue that wait for a ring, or a retry, longer than any of this version may."""
    settings = records.settings
    backoff_seconds = max(policy.backoff_max_seconds for policy in records.policies.values())
    ring_seconds = max(settings.notify_again_after_seconds, settings.notify_again_after_max_seconds)
    return {
        "queue": queue,
        "notify_at": {"$type": "date"},
        "$or": [
            {"state": State.PENDING, **_beyond("notify_at", ring_seconds)},
            {"state": State.RETRYING, **_beyond("notify_at", backoff_seconds)},
        ],
    }


def leased_ahead(settings: JobSettings) -> Document:
    """The jobs that run under a lease longer than any."""
    expiry = {"lease_expires_at": {"$type": "date"}}
    return {**RUNNING, **expiry, **_beyond("lease_expires_at", settings.lease_seconds)}


def _beyond(field: str, seconds: float) -> Document:
    return {"$expr": {"$gt": [f"${field}", after(seconds)]}}
