"""The workers of all sides, and how each gets its jobs: one process, the same number of threads."""

import asyncio
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Protocol

import pika

from bench.checkout import Checkout
from bench.peers.request import amqp_url
from bench.servers import BenchServers
from keepsake.jobs import Engine, GroupCommit, NewJob
from keepsake.memory import INGEST, MEMORY_QUEUE
from keepsake.parts import job_types
from keepsake.storage import connect, connect_on_loop
from middleware.stack import publishing_stack

SENDERS = 16
OURS, DRAMATIQ, CELERY, TASKIQ, POLLING = (
    "keepsake", "plain dramatiq", "celery", "taskiq", "mongo polling",
)  # fmt: skip
Payload = dict[str, Any]


class Worker(Protocol):
    """A worker that was started."""

    def stop(self, grace_seconds: float) -> None:
        """End it."""


@dataclass(frozen=True, slots=True)
class Side:
    """One way to run a no-op in the background.

    send: hands one job over and returns when it is durable. fill: many at once. left: how many no
    worker has taken yet. work: starts a worker of some threads. forget: removes what is not on the
    servers that the sides share.
    """

    name: str
    send: Callable[[Payload], object]
    fill: Callable[[list[Payload]], object]
    left: Callable[[], int]
    work: Callable[[int], Worker]
    forget: Callable[[], object] = lambda: None


def sides(servers: BenchServers) -> list[Side]:
    """All of them; the modules of the peers connect when they are imported."""
    return [ours(servers), dramatiq(servers), celery(servers), taskiq(servers), polling(servers)]


def ours(servers: BenchServers) -> Side:
    """Keepsake: sent as web does it, filled as a shell does it; a lane for each job."""
    engine, loop = Engine.over(connect(), job_types()), asyncio.new_event_loop()
    notifier = publishing_stack(engine).notifier
    database = connect_on_loop(engine.records.database.name)
    commit = GroupCommit(engine.acceptance, database, notifier.notify_soon)

    def send(payload: Payload) -> None:
        loop.run_until_complete(commit.accept(_no_op(payload)))

    def record(payload: Payload) -> None:
        notifier.notify(engine.acceptance.accept(_no_op(payload)).job, notify_next=False)

    return Side(OURS, send, _each(record), _ready(MEMORY_QUEUE.name),
                lambda threads: servers.dramatiq("bench.noop", threads))  # fmt: skip


def _no_op(payload: Payload) -> NewJob:
    return NewJob(type=INGEST.name, owner="bench", payload=payload,
                  lane=f"lane-{payload['n']}", force=True)  # fmt: skip


def of_former(checkout: Checkout) -> Side:
    """Keepsake at a former commit, filled by its own code."""
    return Side(checkout.name, lambda payload: checkout.fill([payload]), checkout.fill,
                checkout.left, checkout.work, checkout.empty)  # fmt: skip


def dramatiq(servers: BenchServers) -> Side:
    """Plain Dramatiq."""
    from bench.peers import senders as peer  # noqa: PLC0415

    send = peer.dramatiq_nothing.send
    return Side(DRAMATIQ, send, _each(send), _ready(peer.DRAMATIQ_QUEUE),
                lambda threads: servers.dramatiq("bench.peers.senders", threads))  # fmt: skip


def celery(servers: BenchServers) -> Side:
    """Celery with a pool of threads, which is its fastest one here for no-ops."""
    from bench.peers import senders as peer  # noqa: PLC0415

    command = ["-m", "celery", "-A", "bench.peers.senders:celery", "worker", "--pool", "threads",
               "--without-gossip", "--without-mingle", "--loglevel", "INFO"]  # fmt: skip
    send = peer.celery_nothing.delay
    return Side(
        CELERY, send, _each(send), _ready(peer.CELERY_QUEUE),
        lambda threads: servers.python(
            CELERY, [*command, "--concurrency", str(threads)], " ready."
        ),
    )  # fmt: skip


def taskiq(servers: BenchServers) -> Side:
    """Taskiq; the loop of the sender lives as long as the process."""
    from bench.peers import senders as peer  # noqa: PLC0415

    loop = asyncio.new_event_loop()
    loop.run_until_complete(peer.taskiq.startup())

    async def together(payloads: list[Payload]) -> None:
        for start in range(0, len(payloads), 100):
            batch = payloads[start : start + 100]
            await asyncio.gather(*(peer.taskiq_nothing.kiq(payload) for payload in batch))

    def fill(payloads: list[Payload]) -> None:
        loop.run_until_complete(together(payloads))

    command = ["-m", "taskiq", "worker", "bench.peers.senders:taskiq", "--workers", "1"]
    return Side(
        TASKIQ, lambda payload: fill([payload]), fill, _ready(peer.TASKIQ_QUEUE),
        lambda threads: servers.python(
            TASKIQ, [*command, "--max-async-tasks", str(threads)], "istening started"
        ),
    )  # fmt: skip


def polling(servers: BenchServers) -> Side:
    """Documents that workers poll for."""
    from bench.peers import mongo_polling as peer  # noqa: PLC0415

    return Side(
        POLLING, peer.insert, _each(peer.insert), peer.queued,
        lambda threads: servers.python(
            POLLING, ["-m", "bench.peers.mongo_polling", str(threads)], "ready"
        ),
    )  # fmt: skip


def _each(send: Callable[[Payload], object]) -> Callable[[list[Payload]], object]:
    def fill(payloads: list[Payload]) -> None:
        with ThreadPoolExecutor(SENDERS) as pool:
            list(pool.map(send, payloads))

    return fill


def _ready(queue: str) -> Callable[[], int]:
    """How many messages of a queue no consumer holds."""
    connection = pika.BlockingConnection(pika.URLParameters(f"{amqp_url()}?heartbeat=0"))
    channel = connection.channel()

    def left() -> int:
        declared = channel.queue_declare(queue=queue, passive=True)
        return int(declared.method.message_count)

    return left


_SAMPLE_SECONDS = 0.01
_TIMEOUT_SECONDS = 120.0


@dataclass(frozen=True, slots=True)
class Drain:
    """A queue that was emptied: `jobs` in `seconds`, from the first to the last."""

    jobs: int
    seconds: float

    @property
    def per_second(self) -> float:
        """Jobs in a second."""
        return self.jobs / self.seconds


def watch(left: Callable[[], int], total: int) -> Drain:
    """Sample how many jobs are left, from the first that is done until none is.

    The start of the worker is not measured: the clock runs from the first sample below `total`.

    Raises:
        TimeoutError: Something is still left after two minutes.
    """
    pause, deadline = threading.Event(), time.monotonic() + _TIMEOUT_SECONDS
    first: tuple[float, int] | None = None
    while (now := left()) > 0:
        if first is None and now < total:
            first = (time.perf_counter(), now)
        if time.monotonic() > deadline:
            raise TimeoutError(f"{now} of {total} jobs are left")
        pause.wait(_SAMPLE_SECONDS)
    if first is None:
        raise TimeoutError("the queue was empty at once: nothing was measured")
    return Drain(first[1], time.perf_counter() - first[0])
