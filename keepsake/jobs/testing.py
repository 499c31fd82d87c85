"""For tests of job types: accept jobs, run them in real workers, and kill these.

RabbitMQ and MongoDB are those of the environment, KEEPSAKE_AMQP_URL and KEEPSAKE_MONGO_URL.
"""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any, Self, TypeVar

from keepsake.jobs.engine import Engine
from keepsake.jobs.job import Job, NewJob
from keepsake.jobs.job_types import JobType, Registry
from keepsake.storage import Documents, connect

T = TypeVar("T")
AFTER_CHECKPOINT = "after_checkpoint"
"""The point at which a worker kills itself: its first checkpoint is saved, and nothing after it."""
SOON = {
    "KEEPSAKE_LEASE_SECONDS": "1.2",
    "KEEPSAKE_HEARTBEAT_SECONDS": "0.3",
    "KEEPSAKE_SWEEP_SECONDS": "0.2",
    "KEEPSAKE_NOTIFY_AGAIN_AFTER_SECONDS": "0.5",
    "KEEPSAKE_WORKER_WARM_UP": "never",
}
"""Settings by which a job whose worker died runs again within seconds."""
_LOOK_SECONDS = 0.05


class Jobs:
    """Accepts jobs of some types, and looks at them. A worker's relay notifies of them."""

    def __init__(self, *types: JobType[Any]) -> None:
        self.database: Documents = connect()
        self.engine = Engine.over(self.database, Registry(types))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.database.client.close()

    def accept(
        self, job_type: JobType[Any], payload: Mapping[str, Any], owner: str = "tester"
    ) -> Job:
        """A new job, whatever else was accepted before."""
        checked = job_type.payload.model_validate(payload).model_dump(mode="json")
        new = NewJob(type=job_type.name, owner=owner, payload=checked, force=True)
        return self.engine.acceptance.accept(new).job

    def wait(self, job: Job, *states: str, within_seconds: float = 60) -> Job:
        """The job, once it is in one of the states.

        Raises:
            TimeoutError: It is not by then; the message says where it stands.
        """

        def arrived() -> Job | None:
            now = self.engine.control.get(job.owner, job.id, history=True)
            return now if now.state in states else None

        return eventually(arrived, within_seconds)


class WorkerProcess:
    """A worker of this service and of all packages that are installed, in a process of its own.

    die_at: a fault point, at which it kills itself with SIGKILL, once.
    """

    def __init__(self, *, die_at: str = "", **environment: str) -> None:
        fault = {"KEEPSAKE_FAULT": die_at} if die_at else {}
        self._environment = {**os.environ, **SOON, **fault, **environment}
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        command = [sys.executable, "-m", "middleware.work", "actors", "--processes", "1"]
        self._process = subprocess.Popen(
            [*command, "--threads", "2"], env=self._environment, start_new_session=True
        )
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    def kill(self) -> None:
        """End it and all of its processes with SIGKILL, as a power cut would."""
        if self._process is not None:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()

    def wait_dead(self, within_seconds: float = 60) -> None:
        """Return once it has died by itself.

        Raises:
            TimeoutError: It lives on.
        """
        process = self._process
        if process is None:
            raise ValueError("it was not started")
        eventually(lambda: process.poll() is not None, within_seconds)


def eventually(look: Callable[[], T | None], within_seconds: float = 10) -> T:
    """What `look` returns, once that is something.

    Raises:
        TimeoutError: It is nothing until the time is over.
    """
    pause, deadline = threading.Event(), time.monotonic() + within_seconds
    while not (value := look()):
        if time.monotonic() > deadline:
            raise TimeoutError(f"not within {within_seconds} s")
        pause.wait(_LOOK_SECONDS)
    return value
