"""Pick-up: from the call that hands a job over to the start of its actor, on an idle system.

`make bench-pickup` prints a table and writes bench/results/pickup.json. All workers run; one job
at a time goes to each side in turn. Keepsake's call is what web does for a request: the record, and
the notification beside it. `on disk` counts from the moment at which the record is durable, which
is when the call returns. An actor may have started by then.
"""

import os
import socket
import threading
import time

from bench import figures
from bench.figures import Finding
from bench.servers import private_servers
from bench.workers import DRAMATIQ, OURS, POLLING, Payload, Side, sides
from keepsake.launcher import LOOPBACK

JOBS = 200
POLLED = 20
THREADS = 8
WARM_UP = 20
PAUSE_SECONDS = 0.01
TIMEOUT_SECONDS = 30.0
ON_DISK = "keepsake, on disk"


class Starts:
    """Hears from the actors when they start."""

    def __init__(self) -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind((LOOPBACK, 0))
        self._socket.settimeout(TIMEOUT_SECONDS)
        os.environ["BENCH_STARTS"] = str(self._socket.getsockname()[1])

    def of(self, payload: Payload) -> float:
        """When the job of a payload started, in seconds of `time.perf_counter`.

        Raises:
            TimeoutError: It did not start.
        """
        while True:
            number, _, at = self._socket.recv(200).decode().partition(" ")
            if number == payload["n"]:
                return int(at) / 1e9


def once(side: Side, starts: Starts, payload: Payload) -> tuple[float, float]:
    """Send, and wait for the start: milliseconds to it from the call, and from its return."""
    called = time.perf_counter()
    side.send(payload)
    returned = time.perf_counter()
    start = starts.of(payload)
    return 1000 * (start - called), 1000 * (start - returned)


def measure(every: list[Side], starts: Starts) -> dict[str, list[float]]:
    """One job to each side in turn; milliseconds from the call to the start."""
    took, pause = dict[str, list[float]](), threading.Event()
    for number in range(-WARM_UP, JOBS):
        for side in every:
            if side.name == POLLING and number % (JOBS // POLLED):
                continue
            payload = {"n": f"{side.name}{number}".replace(" ", "-")}
            from_call, from_return = once(side, starts, payload)
            if number >= 0:
                took.setdefault(side.name, []).append(from_call)
                if side.name == OURS:
                    took.setdefault(ON_DISK, []).append(from_return)
            pause.wait(PAUSE_SECONDS)
    return took


def main() -> None:
    """Measure all sides and print them."""
    starts = Starts()
    with private_servers() as servers:
        every = sides(servers)
        for side in every:
            side.fill([])
            side.work(THREADS)
        took = measure(every, starts)
        rows = {
            name: {"p50_ms": figures.percentile(values, 0.5),
                   "p99_ms": figures.percentile(values, 0.99), "jobs": len(values)}
            for name, values in took.items()
        }  # fmt: skip
        plain = rows[DRAMATIQ]["p50_ms"]
        print(figures.table(
            ["", "p50 ms", "p99 ms", "/ plain dramatiq"],
            [[name, f"{row['p50_ms']:.2f}", f"{row['p99_ms']:.2f}", f"{row['p50_ms'] / plain:.2f}"]
             for name, row in rows.items()],
        ))  # fmt: skip
        compared = [
            Finding(f"Pick-up, {what}, p50", f"{rows[name]['p50_ms']:.2f} ms",
                    f"plain dramatiq {plain:.2f} ms", rows[name]["p50_ms"] / plain,
                    f"≤ {aim}", rows[name]["p50_ms"] / plain <= aim)
            for what, name, aim in (("from the durable record", ON_DISK, 1),
                                    ("from the call", OURS, 3))
        ]  # fmt: skip
        figures.keep("pickup", rows, compared, {"jobs": JOBS, "threads": THREADS})


if __name__ == "__main__":
    main()
