"""What keeps up with a repository: schedules, and hooks for pushes."""

from datetime import datetime

from pydantic import Field

from keepsake_client.models import Record


class Schedule(Record):
    """A repository that is scanned again and again; `next_at` is None while it is paused.

    skipped_because: why an occurrence was left out: `unfinished` or `credential`.
    """

    schedule_id: str
    url: str
    branch: str | None = None
    cron: str
    time_zone: str = "UTC"
    jitter_seconds: int = 0
    labels: dict[str, str] = Field(default_factory=dict)
    paused: bool = False
    next_at: datetime | None = None
    last_job_id: str | None = None
    skipped_at: datetime | None = None
    skipped_because: str | None = None
    created_at: datetime | None = None


class ScheduleList(Record):
    """All schedules."""

    schedules: list[Schedule]


class Delivery(Record):
    """What the last delivery came to that was signed; `job_id` is the scan that sees its push."""

    at: datetime
    event: str = ""
    outcome: str
    reason: str = ""
    job_id: str | None = None


class Hook(Record):
    """Where a git host tells of pushes; `path` is below the service's address."""

    hook_id: str
    git_host: str
    url: str
    path: str
    include: list[str] = Field(default_factory=list)
    exclude: list[str] = Field(default_factory=list)
    created_at: datetime | None = None
    last_delivery: Delivery | None = None


class NewHook(Hook):
    """A new hook, and its secret, which is not shown again."""

    secret: str


class HookPage(Record):
    """Some hooks."""

    hooks: list[Hook]
    next_page_token: str | None = None
