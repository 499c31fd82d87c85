"""Private servers and workers for a benchmark, gone when it ends."""

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from stack.mongod import Mongod
from stack.ports import free_port
from stack.process import Process
from stack.rabbitmq import RabbitMQ
from stack.waiting import until

ROOT = Path(__file__).parents[1]


@contextmanager
def running(workers: int = 2, threads: int = 4) -> Iterator[None]:
    """RabbitMQ, mongod and no-op workers; the environment names them."""
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        mongod = Mongod(directory / "mongo", free_port())
        rabbitmq = RabbitMQ(directory / "rabbitmq", free_port(), free_port())
        processes = [_worker(directory, number, threads) for number in range(workers)]
        try:
            mongod.start()
            rabbitmq.start()
            os.environ["KEEPSAKE_MONGO_URL"] = mongod.url
            os.environ["KEEPSAKE_AMQP_URL"] = rabbitmq.url
            for process in processes:
                process.environment = dict(os.environ)
                process.start()
                until(lambda p=process: "ready for action" in p.tail(50), process,  # type: ignore[misc]
                      within_seconds=30)  # fmt: skip
            yield
        finally:
            for process in processes:
                process.stop()
            rabbitmq.stop()
            mongod.stop()


def _worker(directory: Path, number: int, threads: int) -> Process:
    command = [sys.executable, "-m", "dramatiq", "bench.noop", "--processes", "1",
               "--threads", str(threads)]  # fmt: skip
    return Process("worker", command, log=directory / f"worker-{number}.log", directory=ROOT)
