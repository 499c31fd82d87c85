"""`/v1/admin/timeline` and `/v1/admin/owners`: figures of the roll-up, for dashboards."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise
from typing import Annotated, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from keepsake.jobs import ENDED, MINUTES_MOST, MinuteRow, OwnerRow, latency_seconds
from web.dependencies import Jobs
from web.edge.auth import Observer
from web.edge.body_limits import BoundedRoute

router = APIRouter(prefix="/v1/admin", tags=["admin"], route_class=BoundedRoute)
_HAPPENED = ("accepted", "failed_attempts", *sorted(ENDED))
_UNSEEN = "no worker looked in this minute, so nobody knows how many jobs were where"
_UNCOUNTED = "not counted: it is not over, or no worker has run since for long"
_COUNTS = {"accepted": 12, "failed_attempts": 1, "succeeded": 11, "dead_letter": 0, "cancelled": 0}


class LatencyView(BaseModel):
    """How long jobs took that succeeded, from when they could first run; within a tenth."""

    p50_seconds: float = Field(description="Half of them took at most so long", examples=[0.21])
    p95_seconds: float = Field(description="19 of 20 took at most so long", examples=[1.4])

    @classmethod
    def of(cls, latencies: "Counter[int]") -> "LatencyView | None":
        """The view of counted latencies; None of none."""
        p50, p95 = latency_seconds(latencies, 0.5), latency_seconds(latencies, 0.95)
        if p50 is None or p95 is None:
            return None
        return cls(p50_seconds=round(p50, 4), p95_seconds=round(p95, 4))


class TimelinePoint(BaseModel):
    """A minute or several: what happened then, and where jobs stood at the last look."""

    at: datetime = Field(description="When it begins, by the database's clock")
    counts: dict[str, int] | None = Field(
        description="Jobs that were `accepted`, tries that failed of those that ended "
        "(`failed_attempts`), and jobs that ended by state; null while none of it is counted",
        examples=[_COUNTS],
    )
    latency: LatencyView | None = Field(description="Null when no job succeeded")
    states: dict[str, int] | None = Field(
        description="How many jobs were in each state that is no end; null if nobody looked",
        examples=[{"pending": 3, "running": 8}],
    )
    note: str = Field(description="What is missing, in words; empty when nothing is")

    @classmethod
    def of(cls, rows: Sequence[MinuteRow]) -> "TimelinePoint":
        """The view of minutes that follow each other."""
        counted = [row.counts for row in rows if row.counts is not None]
        seen = [row.states for row in rows if row.states is not None]
        counts = sum(counted, Counter[str]())
        latencies = sum((row.latencies or Counter() for row in rows), Counter[int]())
        missing = [_missing(len(counted), len(rows), _UNCOUNTED)]
        missing += [_missing(len(seen), len(rows), _UNSEEN)]
        return cls(
            at=rows[0].at,
            counts={name: counts[name] for name in _HAPPENED} if counted else None,
            latency=LatencyView.of(latencies),
            states=dict(sorted(seen[-1].items())) if seen else None,
            note="; ".join(filter(None, missing)),
        )


def _missing(there: int, minutes: int, why: str) -> str:
    if there == minutes:
        return ""
    return why if there == 0 else f"of {minutes} minutes {minutes - there}: {why}"


class TimelineView(BaseModel):
    """Minutes, the oldest first; none is left out."""

    points: list[TimelinePoint] = Field(description="The minutes, or each `step` of them")


@router.get("/timeline")
def timeline(
    _: Observer,
    jobs: Jobs,
    minutes: Annotated[
        int, Query(ge=1, le=MINUTES_MOST, description="How many minutes back, this one included")
    ] = 60,
    step: Annotated[
        int, Query(ge=1, le=60, description="How many minutes are added up to one point")
    ] = 1,
) -> TimelineView:
    """Jobs by state and minute, of a roll-up that is kept for a day: no job is looked at.

    A minute is counted some seconds after its end. After an outage the last hour is made up for.
    """
    rows = jobs.timeline.minutes(minutes)
    first = minutes % step or step
    bounds = [0, *range(first, minutes + 1, step)]
    points = [TimelinePoint.of(rows[begin:end]) for begin, end in pairwise(bounds)]
    return TimelineView(points=points)


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
