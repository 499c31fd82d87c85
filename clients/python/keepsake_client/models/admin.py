"""What operators see: queues, workers, keys, dead letters, acts."""

from datetime import datetime
from typing import Any

from pydantic import Field, SecretStr

from keepsake_client.models import Record
from keepsake_client.models.jobs import Attempt, JobError, Progress


class BrokerQueue(Record):
    """A queue as RabbitMQ sees it."""

    ready: int
    unacked: int
    consumers: int


class Paused(Record):
    """Who paused a queue, when and why."""

    by: str
    at: datetime | None = None
    reason: str = ""


class Queue(Record):
    """A queue by its records and by RabbitMQ; None where RabbitMQ does not say."""

    name: str
    waiting: int
    running: int
    oldest_waiting_seconds: float | None = None
    paused: Paused | None = None
    rabbitmq: BrokerQueue | None = None
    overflow: BrokerQueue | None = None


class Queues(Record):
    """All queues."""

    queues: list[Queue]


class RunningJob(Record):
    """A job that a worker runs now."""

    job_id: str
    type: str
    owner: str
    started_at: datetime
    progress: Progress | None = None


class Worker(Record):
    """A worker process: `running`, `draining`, `drained` or `silent`."""

    worker: str
    alive: bool
    heartbeat_at: datetime
    status: str = ""
    version: str | None = None
    host: str | None = None
    memory_bytes: int | None = None
    threads: int | None = None
    queues: list[str] | None = None
    running: list[RunningJob] = Field(default_factory=list)
    drain: Paused | None = None
    about: dict[str, Any] = Field(default_factory=dict)


class Workers(Record):
    """The worker processes of the last day."""

    workers: list[Worker]


class Act(Record):
    """One act of an operator."""

    at: datetime
    by: str
    key_id: str
    action: str
    target: str
    reason: str = ""
    request_id: str = ""


class ActPage(Record):
    """Some acts."""

    acts: list[Act]
    next_page_token: str | None = None


class KeyLimits(Record):
    """A key's own limits; None is as the service's settings say."""

    requests_per_second: float | None = None
    backlog: int | None = None
    stored_bytes: int | None = None


class StoredBytes(Record):
    """How much an owner stores, by kind and in all, and how much it may; None is no limit."""

    owner: str
    bytes: dict[str, int]
    stored_bytes: int
    limit_bytes: int | None = None


class ApiKey(Record):
    """A key as operators see it."""

    key_id: str
    owner: str
    role: str
    scopes: list[str]
    name: str = ""
    created_at: datetime
    expires_at: datetime | None = None
    revoked_at: datetime | None = None
    limits: KeyLimits = KeyLimits()
    organisations: list[str] = Field(default_factory=list)


class NewApiKey(Record):
    """A new key; `key` is answered this once and shows itself only by `get_secret_value`."""

    key: SecretStr
    about: ApiKey


class ApiKeys(Record):
    """Keys, the newest first."""

    keys: list[ApiKey]


class DeadLetter(Record):
    """A job that was given up."""

    job_id: str
    owner: str
    type: str
    status: str
    created_at: datetime
    died_at: datetime
    closed_at: datetime | None = None
    closed_by: str | None = None
    expires_at: datetime | None = None
    failures: int = 0
    crashes: int = 0
    error: JobError
    attempts: list[Attempt] = Field(default_factory=list)
    lineage: dict[str, str] = Field(default_factory=dict)
    labels: dict[str, str] = Field(default_factory=dict)
    payload: Any = None


class LetterGroup(Record):
    """Open dead letters of one job type and one cause; error_place: for operators."""

    type: str
    error_type: str
    error_place: str | None = None
    letters: int
    owners: int
    oldest_at: datetime
    newest_at: datetime
    job_id: str
    hint: str = ""


class LetterGroups(Record):
    """What dead letters died of."""

    groups: list[LetterGroup]


class DeadLetterPage(Record):
    """Some dead letters."""

    dead_letters: list[DeadLetter]
    next_page_token: str | None = None


class Readiness(Record):
    """Whether jobs are accepted (`ready`, `degraded`, `not ready`), and the state of each part."""

    status: str
    mongodb: str = ""
    rabbitmq: str = ""
    workers: str = ""


class ConsoleLink(Record):
    """Where to sign in to the console, below the service's address: once, and within a minute."""

    path: SecretStr
    expires_in_seconds: int
