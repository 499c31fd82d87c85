"""What is amiss with the service, in words, the worst first."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from web.console.rendering import length, number

Fields = Mapping[str, Any]
_LONG_SECONDS = 300
_DIVERGENCE = {
    "unpublished": ("that nobody has claimed since they were accepted",
                    "The relay notifies for them; without workers nobody comes."),
    "unnotified": ("that are due for long and have no notification",
                   "The relay notifies for them; it runs in each worker."),
    "lease_expired": ("that run under a lease that is over",
                      "Their worker is gone; the sweeper of another one takes them back."),
    "postdated": ("whose times lie too far ahead",
                  "A clock stepped back; the next sweep brings them back."),
    "unknown": ("of a type or state that this version does not know",
                "A newer version has accepted them; it runs them."),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Alarm:
    """One thing that is amiss. level: `bad` or `warn`. path: the page where more is, if any."""

    level: str
    what: str
    then: str = ""
    path: str = ""


def alarms(
    ready: Fields, queues: Sequence[Fields], divergence: Fields, workers: Sequence[Fields]
) -> list[Alarm]:
    """All of them; none of a healthy system."""
    seen = [*_parts(ready), *_workers(workers), *_queues(queues), *_differences(divergence)]
    return sorted(seen, key=lambda alarm: alarm.level != "bad")


def _parts(ready: Fields) -> Iterator[Alarm]:
    if ready["mongodb"] != "ok":
        yield Alarm("bad", "MongoDB takes no writes: no job is accepted.")
    if ready["rabbitmq"] != "ok":
        then = "Jobs are accepted and wait; they run once it is back."
        yield Alarm("bad", f"RabbitMQ: {ready['rabbitmq']}.", then)
    if ready["workers"] == "none alive":
        yield Alarm("bad", "No worker is alive: jobs are accepted and wait.", "Start a worker.")


def _workers(workers: Sequence[Fields]) -> Iterator[Alarm]:
    silent = [worker for worker in workers if worker["status"] == "silent" and worker["running"]]
    for worker in silent:
        then = "The sweeper takes them back when their leases are over."
        held = len(worker["running"])
        yield Alarm("bad", f"{worker['worker']} is silent; jobs that it holds: {held}.", then)


def _queues(queues: Sequence[Fields]) -> Iterator[Alarm]:
    for queue in queues:
        jobs = f"/jobs?queue={queue['name']}&status=pending"
        if queue["paused"]:
            why = f": {queue['paused']['reason']}" if queue["paused"]["reason"] else ""
            yield Alarm("warn", f"{queue['name']} is paused by {queue['paused']['by']}{why}.",
                        "No job of it starts until it is resumed.", jobs)  # fmt: skip
        elif (queue["oldest_waiting_seconds"] or 0) > _LONG_SECONDS:
            waited = length(queue["oldest_waiting_seconds"])
            yield Alarm("warn", f"The oldest job of {queue['name']} has waited for {waited}.",
                        "Its page says why.", jobs)  # fmt: skip
        if queue["waiting"] and queue["rabbitmq"] and not queue["rabbitmq"]["consumers"]:
            yield Alarm("bad", f"No worker serves {queue['name']}.", "Start one that does.", jobs)


def _differences(divergence: Fields) -> Iterator[Alarm]:
    for kind, (which, then) in _DIVERGENCE.items():
        if divergence[kind]:
            yield Alarm("warn", f"Jobs {which}: {number(divergence[kind])}.", then)
    if divergence["indexes"]:
        then = "`keepsake indexes` says which; lists are slow until they are there."
        yield Alarm("warn", f"Indexes that are not as declared: {divergence['indexes']}.", then)
