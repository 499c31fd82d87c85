"""`/v2/scanner/schedules`: repositories that are scanned again and again."""

from datetime import UTC, datetime
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from cronsim import CronSim, CronSimError
from fastapi import APIRouter, Path, status
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr

from keepsake.jobs import NewSchedule
from keepsake.scanner import SCAN, ScanRequest
from keepsake.storage import Document
from web.edge.auth import Caller
from web.edge.body_limits import BoundedRoute
from web.job_options import Labels
from web.openapi.declared import fails
from web.problems import misfit
from web.scanner.scanning import Scans, lane_of
from web.scanner.scans import Credential

router = APIRouter(prefix="/v2/scanner/schedules", tags=["scanner"], route_class=BoundedRoute)
SCHEDULES_MOST = 100
_FIELDS = 5
_TOKEN_KEPT_SECONDS = 366 * 86_400
ScheduleId = Annotated[
    str, Path(max_length=100, description="The schedule's id", examples=["sch_01m86fbp9vvy47efjw"])
]


def _recurs(cron: str) -> str:
    if len(cron.split()) != _FIELDS:
        raise ValueError("must have five fields: minute, hour, day, month, day of the week")
    try:
        next(CronSim(cron, datetime.now(UTC)))
    except (CronSimError, StopIteration) as error:
        raise ValueError(f"names no time: {str(error).lower() or 'it never comes'}") from None
    return cron


def _known(zone: str) -> str:
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError("must be a time zone such as `Europe/Lisbon`") from None
    return zone


class ScheduleBody(ScanRequest, Credential):
    """What to scan again and again, and when."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"url": "https://github.com/pallets/click", "cron": "0 3 * * *"}]
        }
    )

    cron: Annotated[str, Field(min_length=9, max_length=100), AfterValidator(_recurs)] = Field(
        description="Five fields, in the wall time of `time_zone`", examples=["0 3 * * *"]
    )
    time_zone: Annotated[str, Field(max_length=64), AfterValidator(_known)] = Field(
        default="UTC", description="A name of the IANA database", examples=["Europe/Lisbon"]
    )
    jitter_seconds: int = Field(
        default=0, ge=0, le=3_600, description="Each scan begins up to so much later, by chance"
    )
    labels: Labels = Field(default={})
    token: Annotated[SecretStr, Field(max_length=4_096)] = Field(
        default=SecretStr(""),
        description="For a private repository. The vault keeps it for a year.",
    )


class ScheduleView(BaseModel):
    """A schedule, without its token."""

    schedule_id: str = Field(description="Its id", examples=["sch_01m86fbp9vvy47efjw"])
    url: str
    branch: str | None = Field(description="Which branch; the default one when null")
    cron: str = Field(description="When it recurs", examples=["0 3 * * *"])
    time_zone: str = Field(description="In whose wall time", examples=["Europe/Lisbon"])
    jitter_seconds: int = Field(description="Each scan begins up to so much later, by chance")
    labels: dict[str, str]
    paused: bool = Field(description="Whether it makes no jobs for now")
    next_at: datetime | None = Field(description="When the next scan is due; null while paused")
    last_job_id: str | None = Field(description="The last scan that it made", examples=[None])
    skipped_at: datetime | None = Field(description="The last occurrence that was left out")
    skipped_because: str | None = Field(
        default=None,
        description="Why: `unfinished`, as a scan had not ended; `credential`, as the host refuses "
        "the token",
        examples=[None, "credential"],
    )
    created_at: datetime

    @classmethod
    def of(cls, schedule: Document) -> "ScheduleView":
        """The view of a stored schedule."""
        names = ("cron", "time_zone", "jitter_seconds", "labels", "paused", "last_job_id",
                 "skipped_at", "created_at")  # fmt: skip
        return cls(
            schedule_id=schedule["_id"],
            url=schedule["payload"]["url"],
            branch=schedule["payload"].get("branch"),
            skipped_because=schedule.get("skipped_because"),
            next_at=None if schedule["paused"] else schedule["next_at"],
            **{name: schedule[name] for name in names},
        )


class ScheduleList(BaseModel):
    """The caller's schedules, the oldest first."""

    schedules: list[ScheduleView] = Field(description="The schedules")


@router.post("", status_code=status.HTTP_201_CREATED, responses=fails(503, "vault-closed"))
def create_schedule(body: ScheduleBody, caller: Caller, scans: Scans) -> ScheduleView:
    """Scan a repository again and again: one scan at a time, and one job for each occurrence."""
    schedules = scans.engine.schedules
    repository = scans.requested(body, caller.owner)
    if len(schedules.of(caller.owner, SCHEDULES_MOST)) == SCHEDULES_MOST:
        raise misfit("body", "", f"At most {SCHEDULES_MOST} schedules are kept; delete one")
    new = NewSchedule(
        type=SCAN.name,
        owner=caller.owner,
        payload=body.model_dump(include=set(ScanRequest.model_fields)),
        lane=lane_of(caller.owner, repository.id),
        cron=body.cron,
        time_zone=body.time_zone,
        jitter_seconds=body.jitter_seconds,
        labels=body.labels,
        credential=scans.kept(caller.owner, body.token, _TOKEN_KEPT_SECONDS),
    )
    return ScheduleView.of(schedules.create(new))


@router.get("")
def list_schedules(caller: Caller, scans: Scans) -> ScheduleList:
    """The caller's schedules, the oldest first."""
    found = scans.engine.schedules.of(caller.owner, SCHEDULES_MOST)
    return ScheduleList(schedules=[ScheduleView.of(schedule) for schedule in found])


@router.post("/{schedule_id}:pause")
def pause_schedule(schedule_id: ScheduleId, caller: Caller, scans: Scans) -> ScheduleView:
    """Let a schedule make no more jobs; those that it has made go on."""
    return ScheduleView.of(scans.engine.schedules.pause(caller.owner, schedule_id, paused=True))


@router.post("/{schedule_id}:resume")
def resume_schedule(schedule_id: ScheduleId, caller: Caller, scans: Scans) -> ScheduleView:
    """Go on with the next occurrence from now."""
    return ScheduleView.of(scans.engine.schedules.pause(caller.owner, schedule_id, paused=False))


@router.delete("/{schedule_id}", status_code=204)
def delete_schedule(schedule_id: ScheduleId, caller: Caller, scans: Scans) -> None:
    """End a schedule and forget its token; the jobs that it has made stay."""
    scans.engine.schedules.delete(caller.owner, schedule_id)
