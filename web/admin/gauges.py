"""The gauges of a scrape: what is read at that moment, and whether it could be."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from keepsake.jobs import LastLook, OwnerRow, QueueLook
from middleware.management import BrokerQueue

OWNERS_SHOWN = 20
"""A series each: those with most unfinished jobs."""
Rows = Iterable[tuple[Sequence[str], float]]
_COUNTED = {
    "ready": "Messages that wait for a worker",
    "unacked": "Messages that workers hold",
    "consumers": "Workers that consume",
}


class Gauges(Collector):
    """What was read, as families of samples."""

    def __init__(self, families: Iterable[GaugeMetricFamily]) -> None:
        self._families = list(families)

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """The families."""
        yield from self._families


def gauge(name: str, about: str, labels: Sequence[str], rows: Rows) -> GaugeMetricFamily:
    """A family: what each combination of labels stands at."""
    family = GaugeMetricFamily(f"keepsake_{name}", about, labels=labels)
    for values, value in rows:
        family.add_metric(values, value)
    return family


def of_parts(parts: Mapping[str, str]) -> GaugeMetricFamily:
    """What `/readyz` names, so that an alert needs no second source."""
    about = "Parts that keep jobs from being accepted or run: 1 while one does"
    return gauge("degraded", about, ["part"], (([p], state != "ok") for p, state in parts.items()))


def of_source(name: str, *, up: bool) -> GaugeMetricFamily:
    """Whether this scrape has the figures that come from somewhere else."""
    about = f"Whether the figures that {name} has are in this scrape: 1, or 0 and they are absent"
    return gauge(f"{name}_up", about, [], [([], up)])


def of_broker(queues: Mapping[str, BrokerQueue]) -> Iterator[GaugeMetricFamily]:
    """Every queue of the virtual host as RabbitMQ counts it; none while it does not say."""
    for name, about in _COUNTED.items():
        rows = [([queue], getattr(counted, name)) for queue, counted in sorted(queues.items())]
        yield gauge(f"rabbitmq_{name}", about, ["queue"], rows)


def of_divergence(divergence: Mapping[str, int]) -> GaugeMetricFamily:
    """Where records and reality differ."""
    rows = [([kind], count) for kind, count in divergence.items()]
    return gauge("divergence", "Records that differ from reality", ["kind"], rows)


def of_jobs(look: LastLook, backlog_limit: int) -> Iterator[GaugeMetricFamily]:
    """Where jobs stood at the last look."""
    about = "For how long ago what MongoDB has of jobs was counted"
    yield gauge("look_age_seconds", about, [], [([], look.age_seconds)])
    about = "Jobs that have not ended"
    yield gauge("jobs", about, ["type", "state"], look.jobs.items())
    about = "Open dead letters, of the newest 10,000, by what they died of"
    yield gauge("dead_letters", about, ["type", "error_type"], look.letters.items())
    yield from _of_queues(look.queues)
    yield from _of_owners(look.owners, backlog_limit)


def _of_queues(queues: Mapping[str, QueueLook]) -> Iterator[GaugeMetricFamily]:
    shown: dict[tuple[str, str], Callable[[QueueLook], float]] = {
        ("jobs_waiting", "Jobs that wait"): lambda queue: queue.waiting,
        ("jobs_running", "Jobs that run"): lambda queue: queue.running,
        ("queue_paused", "Queues that an operator holds back: 1 while one does"): (
            lambda queue: queue.paused
        ),
        ("oldest_wait_seconds", "For how long the job has been due that waits longest, or 0"): (
            lambda queue: queue.due_seconds or 0
        ),
    }
    for (name, about), value in shown.items():
        rows = [([queue], value(seen)) for queue, seen in queues.items()]
        yield gauge(name, about, ["queue"], rows)


def _of_owners(owners: Iterable[OwnerRow], backlog_limit: int) -> Iterator[GaugeMetricFamily]:
    """Those with most unfinished jobs alone, so that series stay few."""
    most = sorted(owners, key=lambda row: (-row.backlog, row.owner))[:OWNERS_SHOWN]
    few = f"of the {OWNERS_SHOWN} owners with most"
    about = f"Unfinished jobs {few}"
    yield gauge("owner_backlog", about, ["owner"], (([row.owner], row.backlog) for row in most))
    about = f"Jobs that run, {few} unfinished ones"
    yield gauge("owner_running", about, ["owner"], (([row.owner], row.running) for row in most))
    about = f"Share of KEEPSAKE_BACKLOG_LIMIT that is used, {few}"
    rows = (([row.owner], row.backlog / backlog_limit) for row in most)
    yield gauge("owner_backlog_ratio", about, ["owner"], rows)
