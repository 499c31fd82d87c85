"""`python -m middleware.work actors …`: the `dramatiq` command, every line of its log in JSON.

This process becomes Dramatiq's master. Beside that it answers how its worker processes are.
"""

import multiprocessing
import os
import sys
from functools import partial
from itertools import count
from types import ModuleType

from dramatiq import cli
from pydantic import ValidationError

from keepsake.heap import share_arenas
from keepsake.storage import explained
from middleware.health import Pipe
from middleware.logs import configure_logs
from middleware.worker_settings import WorkerSettings

_UNWATCHED_MS = 2_000
"""Dramatiq's master waits so long for its workers to start before it starts middlewares' forks, and
notices no death meanwhile: 30 s by default. None of ours forks; where one does,
`--worker-fork-timeout` has to be as long as a worker takes to start."""


class StartSignal:
    """How a worker tells its master that it has started, in place of `multiprocessing.Event`.

    That one has a lock. A worker that was killed as it told, by the job that it had just taken,
    kept the lock; so its master waited for ever, and no supervisor saw that no worker was left.
    """

    def __init__(self) -> None:
        self._reading, self._writing = multiprocessing.Pipe(duplex=False)

    def set(self) -> None:
        """Tell."""
        self._writing.send_bytes(b".")

    def wait(self, timeout: float) -> bool:
        """Whether it has told within so many seconds."""
        return self._reading.poll(timeout)


def main() -> int:
    """Run the command line; the exit code."""
    configure_logs()
    share_arenas()
    sys.argv.insert(1, "--skip-logging")
    parser = cli.make_argument_parser()  # type: ignore[no-untyped-call]
    parser.set_defaults(worker_fork_timeout=_UNWATCHED_MS)
    arguments = parser.parse_args()
    cli.multiprocessing = _with_start_signals()  # type: ignore[attr-defined]
    try:
        settings = WorkerSettings()
    except ValidationError as error:
        print(f"keepsake: {explained(error)}", file=sys.stderr)  # noqa: T201 - as a worker does
        return 1
    notified = os.environ.pop("NOTIFY_SOCKET", "")
    if settings.worker_health_port or notified:
        _look_after(arguments.processes, settings, notified)
    return int(cli.main(arguments))  # type: ignore[no-untyped-call]


def _with_start_signals() -> ModuleType:
    """`multiprocessing` as Dramatiq's command is to see it."""
    module = ModuleType(multiprocessing.__name__)
    module.__dict__.update(Event=StartSignal, __getattr__=partial(getattr, multiprocessing))
    return module


def _look_after(processes: int, settings: WorkerSettings, notified: str) -> None:
    """Have the processes that Dramatiq forks report, and begin to listen after the last fork."""
    from middleware.health_server import HealthServer  # noqa: PLC0415 - 3 MB, for who listens

    multiprocessing.set_start_method("fork")  # they inherit the pipe
    port = settings.worker_health_port
    reading, writing = os.pipe()
    Pipe.writing = writing
    address = (settings.worker_health_host, port) if port else None
    server = HealthServer(processes, reading, address, notified)
    master, forks = os.getpid(), count(1)

    def in_master() -> None:
        if os.getpid() == master and next(forks) == processes:
            os.close(writing)
            server.start()

    def in_worker() -> None:
        if os.getppid() == master:  # and not in what a worker may fork
            server.close()

    os.register_at_fork(after_in_parent=in_master, after_in_child=in_worker)


if __name__ == "__main__":
    sys.exit(main())
