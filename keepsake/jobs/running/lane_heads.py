"""The heads of several lanes: of each the oldest unfinished job, read at once."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from bson import Timestamp
from pymongo.read_concern import ReadConcern

from keepsake.jobs.records import Records
from keepsake.jobs.running.claiming import BUSY, FREE
from keepsake.storage.mongo import Document

_DEEP = 4
"""Unfinished jobs a lane, on average, up to which one read finds the heads of all."""
_SEEN: Document = {"_id": 0, "job": "$$ROOT", "now": "$$NOW"}
_FIRST = Timestamp(0, 0)


@dataclass(frozen=True, slots=True)
class Head:
    """A job as it was read, and when, by the database's clock.

    free, busy: as `keepsake.jobs.running.claiming` says; what another version runs is neither.
    """

    job: Document
    now: datetime
    free: bool
    busy: bool

    @property
    def place(self) -> tuple[Timestamp, str]:
        """Where it stands in its lanes; MongoDB sorts almost anything else before a timestamp."""
        accepted = self.job.get("accepted")
        known = accepted if isinstance(accepted, Timestamp) else _FIRST
        return known, str(self.job["_id"])

    @property
    def lanes(self) -> list[str]:
        """All its lanes."""
        lanes = self.job["open_lane"]
        return [lane for lane in (lanes if isinstance(lanes, list) else [lanes])
                if isinstance(lane, str)]  # fmt: skip


class LaneHeads:
    """Reads them, with what is not on a majority yet: an answer that was lost may have left it."""

    def __init__(self, records: Records) -> None:
        self._jobs = records.jobs.with_options(read_concern=ReadConcern("local"))
        known = records.known.expression
        self._seen = {**_SEEN, "free": {"$and": [known, FREE]}, "busy": {"$and": [known, BUSY]}}

    def read(self, lanes: Collection[str]) -> tuple[dict[str, Head], set[str]]:
        """The heads by lane, and the lanes that surely have none; the others are not known.

        The index gives one lane after the other, each oldest first, and a job of several lanes at
        the first of them. So where the read ends early, the lanes up to its last one are known.
        """
        most = _DEEP * len(lanes)
        found = self._jobs.find({"open_lane": {"$in": list(lanes)}}, self._seen)
        read = [Head(**seen) for seen in found.hint("lane_head").limit(most)]
        heads: dict[str, Head] = {}
        for head in sorted(read, key=lambda head: head.place):
            for lane in head.lanes:
                heads.setdefault(lane, head)
        known = set(lanes)
        if len(read) == most:
            ended = min(known.intersection(read[-1].lanes))
            known = {lane for lane in known if lane <= ended}
        return {lane: heads[lane] for lane in heads.keys() & known}, known - heads.keys()
