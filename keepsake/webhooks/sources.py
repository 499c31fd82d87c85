"""What happens: which collection changes at it, and what is told of it.

Events hold ids and states, never what was said, nor code, nor labels: these may name a user, and a
delivery would outlive the user's erasure.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from keepsake.jobs import ENDED, JOBS
from keepsake.storage import Document
from keepsake.webhooks.job_types import DELIVER

TEST = "webhook.test"
"""The event that a client asks for itself."""


@dataclass(frozen=True, slots=True)
class Happened:
    """One thing that happened. `key` is the same however often it is read."""

    key: str
    owner: str
    event: str
    at: datetime
    data: dict[str, Any]


@dataclass(frozen=True, slots=True)
class EventSource:
    """Where events of a kind come from.

    change: which changes of the collection count, as a change stream matches them. time: the field
    that says when it happened. told: the key and the data of a document, None when there is nothing
    to tell. stages: what is looked up besides.
    """

    event: str
    collection: str
    time: str
    told: Callable[[Document], tuple[str, dict[str, Any]] | None]
    change: Document = field(default_factory=dict)
    stages: Sequence[Document] = ()

    def happened(self, document: Document) -> Happened | None:
        """What a document tells, once it has changed.

        Raises:
            TypeError: It does not say when.
        """
        told = self.told(document)
        if told is None:
            return None
        at: Any = document
        for part in self.time.split("."):
            at = at[part]
        if not isinstance(at, datetime):
            raise TypeError(self.time)
        key, data = told
        return Happened(f"{self.event}:{key}", document["owner"], self.event, at, data)


def _ended(job: Document) -> tuple[str, dict[str, Any]] | None:
    if job["type"] == DELIVER.name:  # else a delivery would tell of itself
        return None
    error = (job.get("error") or {}).get("type")
    return job["_id"], {"job_id": job["_id"], "type": job["type"], "status": job["state"],
                        "error_type": error}  # fmt: skip


JOB_ENDED = EventSource(
    event="job.ended",
    collection=JOBS,
    time="ended_at",
    told=_ended,
    change={"updateDescription.updatedFields.state": {"$in": sorted(ENDED)}},
)
