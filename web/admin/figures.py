"""`/v1/admin/timeline` and `/v1/admin/owners`: figures of the roll-up, for dashboards."""

from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from keepsake.jobs import ENDED, MINUTES_MOST, MinuteRow, OwnerRow
from web.dependencies import Jobs
from web.edge.auth import Observer
from web.edge.body_limits import BoundedRoute

router = APIRouter(prefix="/v1/admin", tags=["admin"], route_class=BoundedRoute)
_HAPPENED = ("accepted", "failed_attempts", *sorted(ENDED))
_UNSEEN = "no worker looked in this minute, so nobody knows how many jobs were where"
_UNCOUNTED = "not counted: it is not over, or no worker has run since for long"
_COUNTS = {"accepted": 12, "failed_attempts": 1, "succeeded": 11, "dead_letter": 0, "cancelled": 0}


class TimelinePoint(BaseModel):
    """A minute: what happened in it, and where jobs stood at its last look."""

    at: datetime = Field(description="When the minute begins, by the database's clock")
    counts: dict[str, int] | None = Field(
        description="Jobs that were `accepted`, tries that failed of those that ended "
        "(`failed_attempts`), and jobs that ended by state; null while it is not counted",
        examples=[_COUNTS],
    )
    states: dict[str, int] | None = Field(
        description="How many jobs were in each state that is no end; null if nobody looked",
        examples=[{"pending": 3, "running": 8}],
    )
    note: str = Field(description="What is missing, in words; empty when nothing is")

    @classmethod
    def of(cls, row: MinuteRow) -> "TimelinePoint":
        """The view of a minute."""
        missing = [_UNCOUNTED] * (row.counts is None) + [_UNSEEN] * (row.states is None)
        counts = None if row.counts is None else {name: row.counts[name] for name in _HAPPENED}
        states = None if row.states is None else dict(sorted(row.states.items()))
        return cls(at=row.at, counts=counts, states=states, note="; ".join(missing))


class TimelineView(BaseModel):
    """Minutes, the oldest first; none is left out."""

    points: list[TimelinePoint] = Field(description="The minutes, oldest first")


@router.get("/timeline")
def timeline(
    _: Observer,
    jobs: Jobs,
    minutes: Annotated[
        int, Query(ge=1, le=MINUTES_MOST, description="How many minutes back, this one included")
    ] = 60,
) -> TimelineView:
    """Jobs by state and minute, of a roll-up that is kept for a day: no job is looked at.

    A minute is counted some seconds after its end. After an outage the last hour is made up for.
    """
    return TimelineView(points=[TimelinePoint.of(row) for row in jobs.timeline.minutes(minutes)])


class OwnerView(BaseModel):
    """An owner's jobs: how many have not ended, and what happened to them lately."""

    owner: str
    backlog: int = Field(description="Jobs that have not ended, at the last look")
    running: int = Field(description="Jobs of these that ran at the last look")
    accepted: int = Field(description="Jobs that were accepted in the counted minutes")
    failed_attempts: int = Field(description="Tries that failed, of jobs that ended in them")
    succeeded: int = Field(description="Jobs that succeeded in them")
    dead_letter: int = Field(description="Jobs that were given up in them")
    cancelled: int = Field(description="Jobs that were cancelled in them")
    accepted_per_minute: float = Field(description="How many were accepted in a minute")
    ended_per_minute: float = Field(description="How many ended in a minute, however they did")

    @classmethod
    def of(cls, row: OwnerRow, minutes: int) -> "OwnerView":
        """The view of an owner; minutes: over how many it was counted."""
        ended = sum(row.counts[state] for state in ENDED)
        return cls(
            owner=row.owner,
            backlog=row.backlog,
            running=row.running,
            **{name: row.counts[name] for name in _HAPPENED},
            accepted_per_minute=round(row.counts["accepted"] / max(minutes, 1), 3),
            ended_per_minute=round(ended / max(minutes, 1), 3),
        )


class OwnerList(BaseModel):
    """Owners, those with most first."""

    owners: list[OwnerView] = Field(description="The owners, by what was asked for")
    looked_at: datetime | None = Field(
        description="When backlogs were counted, some seconds ago; null before the first look"
    )
    minutes: int = Field(description="How many minutes are counted")


@router.get("/owners")
def owners(
    _: Observer,
    jobs: Jobs,
    minutes: Annotated[int, Query(ge=1, le=60, description="Over how many minutes")] = 15,
    sort: Annotated[
        Literal["backlog", "running", "accepted", "failed_attempts", "succeeded", "dead_letter",
                "cancelled", "ended_per_minute"],
        Query(description="By what"),
    ] = "backlog",
    limit: Annotated[int, Query(ge=1, le=200, description="How many owners")] = 20,
) -> OwnerList:  # fmt: skip
    """The owners with most jobs: backlog, what runs, rates and failures, of the roll-up.

    It knows the 500 owners with most unfinished jobs, and of each minute the 100 with most that
    were accepted or ended.
    """
    figures = jobs.timeline.owners(minutes)
    views = [OwnerView.of(row, figures.minutes) for row in figures.owners]
    views.sort(key=lambda view: (-getattr(view, sort), view.owner))
    return OwnerList(owners=views[:limit], looked_at=figures.looked_at, minutes=figures.minutes)
