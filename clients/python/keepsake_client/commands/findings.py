"""What `keepsake doctor` says of one part of an installation."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Literal

from keepsake_client.commands.output import ago, lasting
from keepsake_client.errors import Problem

if TYPE_CHECKING:
    from keepsake_client.models.admin import Queue, Readiness, Worker

_CLOCK_SECONDS = 5
_LONG_SECONDS = 600
_DIFFERS = {
    "unpublished": (
        "jobs were notified of once, and nobody came",
        "see whether workers live (keepsake workers ls) and RabbitMQ takes messages; the relay of "
        "each worker notifies again",
    ),
    "unnotified": (
        "jobs are due for long, and no relay notifies of them",
        "start a worker: each has a relay",
    ),
    "lease_expired": (
        "jobs run under a lease that is over: their worker is gone",
        "start a worker: the sweeper of each takes them back",
    ),
    "postdated": (
        "jobs wait for a time that lies too far ahead: MongoDB's clock has stepped back",
        "start a worker: its next sweep brings them back; then mend the clock of MongoDB's host",
    ),
    "unknown": (
        "jobs wait for a worker of another version",
        "finish the deploy, or start a worker that knows their type",
    ),
    "indexes": (
        "indexes of MongoDB are not as declared",
        "on a host of the server: keepsake indexes --repair",
    ),
}
_PARTS = {
    "mongodb": "see whether it runs and KEEPSAKE_MONGO_URL is right on the service's hosts; "
    "until then no job is accepted",
    "rabbitmq": "see whether it runs and KEEPSAKE_AMQP_URL is right on the service's hosts; "
    "until then jobs are accepted and wait",
    "workers": "start workers: dramatiq actors, or keepsake run for all parts",
}
_ALARM = "RabbitMQ is short of memory or disk; make room on its host: until then jobs wait"


@dataclass(frozen=True)
class Finding:
    """How one part is, in words; mend: what to do about it."""

    part: str
    state: Literal["ok", "warning", "fault"]
    what: str
    mend: str = ""


def of_parts(ready: "Readiness") -> Iterator[Finding]:
    """What the service's own probe says of what jobs need."""
    for part, mend in _PARTS.items():
        state = getattr(ready, part)
        if state == "ok":
            yield Finding(part, "ok", "answers" if part != "workers" else "at least one is alive")
        elif state == "unknown":
            yield Finding(part, "warning", "nobody can tell while MongoDB is away")
        else:
            said = "takes no messages" if state == "alarm" else state
            yield Finding(part, "fault", said, _ALARM if state == "alarm" else mend)


def of_clock(service: datetime) -> Finding:
    """How far this machine's clock is from the service's."""
    seconds = (datetime.now(timezone.utc) - service).total_seconds()
    if abs(seconds) <= _CLOCK_SECONDS:
        return Finding("clock", "ok", "this machine's and the service's agree")
    side = "ahead of" if seconds > 0 else "behind"
    return Finding(
        "clock", "warning", f"this machine's is {lasting(abs(seconds))} {side} the service's",
        "set it by NTP; until then times that are typed and ages that are shown are wrong",
    )  # fmt: skip


def of_queues(queues: "list[Queue]", *, rabbitmq: str = "ok") -> Iterator[Finding]:
    """Queues that are stopped, that nobody consumes, or whose jobs wait for long.

    rabbitmq: how it is; while it is away it says nothing of its queues.
    """
    stopped = list(_stopped(queues, rabbitmq))
    if not stopped:
        yield Finding("queues", "ok", f"{len(queues)} queues, none is paused or stuck")
    yield from stopped


def _stopped(queues: "list[Queue]", rabbitmq: str) -> Iterator[Finding]:
    for queue in queues:
        if queue.paused is not None:
            reason = f": {queue.paused.reason}" if queue.paused.reason else ""
            yield Finding(
                "queues", "warning",
                f"{queue.name} was paused by {queue.paused.by} {ago(queue.paused.at)}{reason}; "
                f"{queue.waiting} jobs wait",
                f"keepsake queues resume {queue.name}",
            )  # fmt: skip
        elif queue.rabbitmq is None:
            if rabbitmq == "ok":
                yield Finding(
                    "queues", "warning", f"RabbitMQ does not say who consumes {queue.name}",
                    "see whether KEEPSAKE_MANAGEMENT_URL is right where web runs",
                )  # fmt: skip
        elif not queue.rabbitmq.consumers:
            yield Finding(
                "queues", "fault", f"no worker consumes {queue.name}; {queue.waiting} jobs wait",
                "start a worker that takes this queue: keepsake workers ls says who is alive",
            )  # fmt: skip
        elif (queue.oldest_waiting_seconds or 0) > _LONG_SECONDS:
            yield Finding(
                "queues", "warning",
                f"the oldest job of {queue.name} has waited {lasting(queue.oldest_waiting_seconds)}"
                f"; {queue.waiting} wait, {queue.running} run",
                "add workers, or find out whose jobs they are: keepsake jobs ls --status pending",
            )  # fmt: skip


def of_workers(workers: "list[Worker]", service_version: str) -> Iterator[Finding]:
    """Whether all live workers are of the service's version."""
    alive = [worker for worker in workers if worker.alive]
    versions = {worker.version for worker in alive if worker.version}
    others = sorted(versions - {service_version})
    if others and service_version:
        yield Finding(
            "versions", "warning",
            f"web is {service_version}, and workers are {', '.join(others)} too",
            "finish the deploy: restart the processes of the older version",
        )  # fmt: skip
    elif alive:
        yield Finding("versions", "ok", f"web and {len(alive)} workers are {service_version}")


def of_drained(workers: "list[Worker]") -> Iterator[Finding]:
    """Workers that were told to claim nothing more, and still live."""
    for worker in workers:
        if worker.alive and worker.drain is not None:
            yield Finding(
                "workers", "warning",
                f"{worker.worker} was drained by {worker.drain.by} {ago(worker.drain.at)}",
                "stop it; a worker that is started in its place takes jobs again",
            )  # fmt: skip


def of_divergence(counted: dict[str, int]) -> Iterator[Finding]:
    """Records that differ from reality."""
    differing = {kind: count for kind, count in counted.items() if count}
    if not differing:
        yield Finding("records", "ok", "none differs from reality")
    for kind, count in differing.items():
        what, mend = _DIFFERS.get(kind, (kind, "see docs/operating.md"))
        yield Finding("records", "warning", f"{count} {what}", mend)


def of_dead_letters(count: int, *, more: bool) -> Finding:
    """Jobs that were given up and that nobody has looked at."""
    if not count:
        return Finding("dead letters", "ok", "none is open")
    return Finding(
        "dead letters", "warning", f"{count}{' or more' if more else ''} jobs were given up",
        "see why: keepsake dead ls; mend the cause, then: keepsake dead replay",
    )  # fmt: skip


def of_problem(part: str, error: Problem) -> Finding:
    """A part that the service does not tell this key of."""
    return Finding(part, "warning", str(error), "ask with a key of an operator")
