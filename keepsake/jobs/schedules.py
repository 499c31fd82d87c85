"""Recurring jobs: each occurrence of a schedule makes one job."""

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from cronsim import CronSim

from keepsake.jobs.acceptance import Acceptance
from keepsake.jobs.errors import CredentialGone, ScheduleNotFound
from keepsake.jobs.expressions import past
from keepsake.jobs.indexes import SCHEDULES
from keepsake.jobs.job import Job, NewJob
from keepsake.jobs.job_types import loaded
from keepsake.jobs.records import Records
from keepsake.jobs.vault import Vault, VaultClosed
from keepsake.storage import (
    DatabaseClock,
    Document,
    Unreadable,
    log_unreadable,
    new_id,
    translated,
)

_UNFINISHED = "unfinished"
"""Why an occurrence is left out while a job of its lane has not ended."""
BATCH = 50
"""Schedules in one round."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewSchedule:
    """What is to be done again and again, and when.

    cron: five fields, in the wall time of the zone. jitter_seconds: each occurrence is up to so
    much later. credential: a reference into the vault, of which each job gets a copy.
    """

    type: str
    owner: str
    payload: Mapping[str, Any]
    lane: str
    cron: str
    time_zone: str = "UTC"
    jitter_seconds: int = 0
    labels: Mapping[str, str] = field(default_factory=dict)
    credential: str | None = None


class Schedules:
    """Any number of processes may start what is due: the key of an occurrence makes it one job.

    One at a time: an occurrence that comes while a job of its lane has not ended is left out. So is
    one whose job would be in vain, and so are those that came while nobody looked, but for one.
    """

    def __init__(self, records: Records, acceptance: Acceptance) -> None:
        self._records = records
        self._acceptance = acceptance
        self._schedules = records.database[SCHEDULES]
        self._clock = DatabaseClock()
        self.more = False
        """Whether the last round was a full one, so that there is more."""

    def create(self, new: NewSchedule) -> Document:
        """Begin a schedule.

        Raises:
            StorageUnavailable: MongoDB does not answer.
        """
        self._records.prepare()
        now = self._clock.time(self._records.database).now
        schedule: Document = {
            "_id": new_id("sch", new.owner),
            "type": new.type, "owner": new.owner, "payload": dict(new.payload), "lane": new.lane,
            "cron": new.cron, "time_zone": new.time_zone, "jitter_seconds": new.jitter_seconds,
            "labels": dict(new.labels), "credential": new.credential, "paused": False,
            "created_at": now, "last_job_id": None, "skipped_at": None,
            "skipped_because": None,
        }  # fmt: skip
        schedule |= _next(schedule, now)
        with translated("making a schedule"):
            self._schedules.insert_one(schedule)
        return schedule

    def of(self, owner: str, limit: int) -> list[Document]:
        """An owner's schedules, the oldest first."""
        with translated("listing schedules"):
            return list(self._schedules.find({"owner": owner}).sort("_id", 1).limit(limit))

    def pause(self, owner: str, schedule_id: str, *, paused: bool) -> Document:
        """Make no more jobs, or go on with the next occurrence from now.

        Raises:
            ScheduleNotFound: Unknown, or another owner's.
        """
        which = {"_id": schedule_id, "owner": owner}
        with translated("pausing a schedule"):
            schedule = self._schedules.find_one(which)
            if schedule is None:
                raise ScheduleNotFound(schedule_id)
            now = self._clock.time(self._records.database).now
            change = {"paused": paused, **_next(schedule, now)}
            self._schedules.update_one(which, {"$set": change})
        return {**schedule, **change}

    def delete(self, owner: str, schedule_id: str) -> None:
        """End a schedule; its jobs stay.

        Raises:
            ScheduleNotFound: Unknown, or another owner's.
        """
        with translated("deleting a schedule"):
            schedule = self._schedules.find_one_and_delete({"_id": schedule_id, "owner": owner})
        if schedule is None:
            raise ScheduleNotFound(schedule_id)
        self._forget([schedule])

    def delete_lanes(self, owner: str, lanes: list[str]) -> None:
        """End all schedules of some lanes."""
        which = {"owner": owner, "lane": {"$in": lanes}}
        with translated("deleting schedules"):
            ended = list(self._schedules.find(which, {"credential": 1}))
            self._schedules.delete_many(which)
        self._forget(ended)

    def start_due(self) -> list[Job]:
        """Make a job of each schedule that is due; they are to be notified of.

        Raises:
            StorageUnavailable: MongoDB does not answer.
        """
        self._records.prepare()
        self.more = False
        which = {"paused": False, "type": {"$in": sorted(self._records.types)}}
        with translated("looking for schedules"):
            due = list(self._schedules.find({**which, "$expr": past("next_at")})
                       .sort("next_at", 1).limit(BATCH))  # fmt: skip
        self.more = len(due) == BATCH
        return [job for schedule in due if (job := self._start(schedule)) is not None]

    def _start(self, schedule: Document) -> Job | None:
        """Make the job of an occurrence, and only then go on to the next one."""
        now = self._clock.time(self._records.database).now
        try:
            following = _next(schedule, now)
        except Exception as error:  # noqa: BLE001 - one schedule holds up no other
            log_unreadable(schedule["_id"], Unreadable(type(error).__name__))
            return None
        job = None
        if reason := self._in_the_way(schedule):
            following |= {"skipped_at": schedule["occurs_at"], "skipped_because": reason}
        else:
            accepted = self._acceptance.accept(self._occurrence(schedule))
            job = accepted.job if accepted.waits else None
            following["last_job_id"] = accepted.job.id
        with translated("going on with a schedule"):
            self._schedules.update_one(
                {"_id": schedule["_id"], "occurs_at": schedule["occurs_at"]}, {"$set": following}
            )
        return job

    def _in_the_way(self, schedule: Document) -> str | None:
        """Why an occurrence is left out: `unfinished`, or what its type says; else None."""
        if self._busy(schedule["lane"]):
            return _UNFINISHED
        hindrance = loaded(self._records.types[schedule["type"]].hindrance)
        if hindrance is None:
            return None
        reason: str | None = hindrance(
            self._records.database,
            schedule["owner"],
            schedule["payload"],
            schedule["credential"],
        )
        return reason

    def _busy(self, lane: str) -> bool:
        with translated("reading a lane"):
            return self._records.jobs.find_one({"open_lane": lane}, {"_id": 1}) is not None

    def _occurrence(self, schedule: Document) -> NewJob:
        return NewJob(
            type=schedule["type"],
            owner=schedule["owner"],
            payload=schedule["payload"],
            key=f"{schedule['_id']}:{schedule['occurs_at']:%Y-%m-%dT%H:%MZ}",
            lane=schedule["lane"],
            labels=schedule["labels"],
            credential=self._copied(schedule),
        )

    def _copied(self, schedule: Document) -> str | None:
        """A credential for one job; one that is gone fails the job, which says so."""
        reference: str | None = schedule["credential"]
        if reference is None:
            return None
        vault = Vault(self._records.database)
        seconds = self._records.types[schedule["type"]].limits.total_seconds
        try:
            secret = vault.reveal(schedule["owner"], reference)
            return vault.put(schedule["owner"], secret, ttl_seconds=seconds)
        except (CredentialGone, VaultClosed):
            return reference

    def _forget(self, schedules: list[Document]) -> None:
        for schedule in schedules:
            if schedule["credential"] is not None:
                Vault(self._records.database).forget(schedule["credential"])


def _next(schedule: Document, now: datetime) -> Document:
    """The first occurrence after a time, and when it is due."""
    zone = ZoneInfo(schedule["time_zone"])
    occurs_at = next(CronSim(schedule["cron"], now.astimezone(zone))).astimezone(UTC)
    jitter = timedelta(seconds=random.uniform(0, schedule["jitter_seconds"]))  # noqa: S311 - spread
    return {"occurs_at": occurs_at, "next_at": occurs_at + jitter}
