"""`python -m middleware.work actors …`: the `dramatiq` command, every line of its log in JSON.

This process becomes Dramatiq's master. Beside that it answers how its worker processes are.
"""

import multiprocessing
import os
import sys
from itertools import count

from dramatiq import cli
from pydantic import ValidationError

from keepsake.heap import share_arenas
from keepsake.storage import explained
from middleware.health import Pipe
from middleware.logs import configure_logs
from middleware.worker_settings import WorkerSettings


def main() -> int:
    """Run the command line; the exit code."""
    configure_logs()
    share_arenas()
    sys.argv.insert(1, "--skip-logging")
    arguments = cli.make_argument_parser().parse_args()  # type: ignore[no-untyped-call]
    try:
        settings = WorkerSettings()
    except ValidationError as error:
        print(f"keepsake: {explained(error)}", file=sys.stderr)  # noqa: T201 - as a worker does
        return 1
    notified = os.environ.pop("NOTIFY_SOCKET", "")
    if settings.worker_health_port or notified:
        _look_after(arguments.processes, settings, notified)
    return int(cli.main(arguments))  # type: ignore[no-untyped-call]


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
