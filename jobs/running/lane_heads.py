"""The heads of several lanes: of each the oldest unfinished job, read at once."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from pymongo.read_concern import ReadConcern

from jobs.records import Records
from jobs.states import CLAIM, HELD
from storage.mongo import Document

_DEEP = 4
"""Unfinished jobs a lane, on average, up to which one read finds the heads of all."""
_SEEN: Document = {"_id": 0, "job": "$$ROOT", "now": "$$NOW"}


@dataclass(frozen=True, slots=True)
class Head:
    """A job as it was read, and when, by the database's clock."""

    job: Document
    now: datetime

    @property
    def wide(self) -> bool:
        """Whether it has several lanes; the head of one may not be the head of all."""
        return isinstance(self.job["open_lane"], list)

    @property
    def due(self) -> bool:
        """Whether who comes for its lane may take it; as `jobs.running.claiming.DUE`."""
        waits = self.job["state"] in CLAIM.sources and not self.wide
        return waits and bool(self.job["run_at"] <= self.now)

    @property
    def busy(self) -> bool:
        """Whether who comes for it uses up a doorbell; as `jobs.running.claiming.BUSY`."""
        return self.wide or self.job["state"] in HELD

    @property
    def lanes(self) -> list[str]:
        """All its lanes."""
        return list(self.job["open_lane"]) if self.wide else [self.job["open_lane"]]


class LaneHeads:
    """Reads them, with what is not on a majority yet: an answer that was lost may have left it."""

    def __init__(self, records: Records) -> None:
        self._jobs = records.jobs.with_options(read_concern=ReadConcern("local"))

    def read(self, lanes: Collection[str]) -> tuple[dict[str, Head], set[str]]:
        """The heads by lane, and the lanes that surely have none; the others are not known.

        The index gives one lane after the other, each oldest first, and a job of several lanes at
        the first of them. So where the read ends early, the lanes up to its last one are known.
        """
        most = _DEEP * len(lanes)
        found = self._jobs.find({"open_lane": {"$in": list(lanes)}}, _SEEN)
        read = [Head(**seen) for seen in found.hint("lane_head").limit(most)]
        heads: dict[str, Head] = {}
        for head in sorted(read, key=lambda head: (head.job["accepted"], head.job["_id"])):
            for lane in head.lanes:
                heads.setdefault(lane, head)
        known = set(lanes)
        if len(read) == most:
            ended = min(known.intersection(read[-1].lanes))
            known = {lane for lane in known if lane <= ended}
        return {lane: heads[lane] for lane in heads.keys() & known}, known - heads.keys()
