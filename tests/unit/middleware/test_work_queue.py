"""In which order a worker's threads take what it holds."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from queue import Empty

import pytest
from dramatiq import Worker
from pymongo import MongoClient

from keepsake.jobs.engine import Engine
from keepsake.parts import job_types
from middleware.broker import BrokerSettings, JobBroker
from middleware.status import Status
from middleware.work_queue import WorkQueue


@dataclass(frozen=True)
class Item:
    priority: int
    name: str


def filled(threads=1, ahead=0, behind=0):
    queue = WorkQueue(threads)
    for n in range(behind):
        queue.put(Item(10, f"behind {n}"))
    for n in range(ahead):
        queue.put(Item(0, f"ahead {n}"))
    return queue


def taken(queue, count):
    names = []
    for _ in range(count):
        names.append(queue.get_nowait().name)
        queue.task_done()
    return names


def test_what_is_ahead_is_taken_first_each_kind_in_its_order():
    assert taken(filled(ahead=2, behind=2), 4) == ["ahead 0", "ahead 1", "behind 0", "behind 1"]


def test_what_comes_ahead_of_many_that_wait_is_taken_next():
    queue = filled(behind=100)
    taken(queue, 3)

    queue.put(Item(0, "late"))

    assert taken(queue, 1) == ["late"]


def test_what_waits_behind_a_steady_stream_has_a_share_of_the_starts():
    names = taken(filled(ahead=90, behind=20), 90)

    behind = [position for position, name in enumerate(names) if name.startswith("behind")]
    assert behind == list(range(8, 90, 9))


@pytest.fixture
def threads():
    """Five threads, each to be asked by itself."""
    with ExitStack() as stack:
        yield [stack.enter_context(ThreadPoolExecutor(1)) for _ in range(5)]


def test_one_thread_is_left_to_what_is_ahead(threads):
    queue = filled(threads=4, ahead=1, behind=10)
    assert taken(queue, 1) == ["ahead 0"]

    held = [thread.submit(queue.get_nowait).result().name for thread in threads[:3]]
    with pytest.raises(Empty):
        threads[3].submit(queue.get_nowait).result()
    queue.put(Item(0, "late"))

    assert threads[3].submit(queue.get_nowait).result().name == "late"
    assert held == ["behind 0", "behind 1", "behind 2"]


def test_a_thread_that_waits_goes_on_when_another_is_through(threads):
    queue = filled(threads=4, ahead=1, behind=4)
    taken(queue, 1)
    for thread in threads[:3]:
        thread.submit(queue.get_nowait).result()
    waiting = threads[3].submit(queue.get, timeout=20)

    threads[0].submit(queue.task_done).result()

    assert waiting.result().name == "behind 3"


def test_a_worker_of_jobs_that_all_may_wait_uses_all_its_threads(threads):
    queue = filled(threads=4, behind=4)

    names = {thread.submit(queue.get_nowait).result().name for thread in threads[:4]}

    assert len(names) == 4


def test_a_worker_takes_what_it_holds_by_priority():
    broker = JobBroker(BrokerSettings(), [], name="test")
    worker = Worker(broker, worker_threads=4)

    status = Status(Engine.over(MongoClient(connect=False)["none"], job_types()), None, "w")
    status.before_worker_boot(broker, worker)

    assert isinstance(worker.work_queue, WorkQueue)
