"""The service as `keepsake run` starts it, and its parts as the system sees them."""

import os
import signal
import sys
import threading
from collections.abc import Mapping
from pathlib import Path

from bench.servers import ROOT, children
from keepsake.launcher import LOOPBACK, REPLICA_SET, Process, free_port, until
from keepsake.storage import read_secret
from soak.samples import LAUNCHER

_NAMES = {"console": "rabbitmq"}
"""Parts whose log has another name."""
_PORTS = ("HTTP", "AMQP", "MANAGEMENT", "MONGO")


class Service:
    """One launcher with what it starts: RabbitMQ, MongoDB, web and two workers."""

    def __init__(self, directory: Path, environment: Mapping[str, str]) -> None:
        self._directory = directory
        self._ports = {name: free_port() for name in _PORTS}
        ours = {name: value for name, value in os.environ.items()
                if not name.startswith("KEEPSAKE_")}  # fmt: skip
        ports = {f"KEEPSAKE_{name}_PORT": str(port) for name, port in self._ports.items()}
        self._launcher = Process(
            "keepsake run", [sys.executable, "-m", "keepsake_client", "run"], directory=ROOT,
            log=directory / "log" / "run.log",
            environment={**ours, **ports, "KEEPSAKE_DATA_DIR": str(directory),
                         "KEEPSAKE_SAMPLE": "false", "PYTHONUNBUFFERED": "1", **environment},
        )  # fmt: skip

    def start(self) -> None:
        """Start all, wait until jobs are accepted and run, and name the servers in os.environ."""
        self._launcher.start()
        until(lambda: "ready in" in self._launcher.tail(50), self._launcher, within_seconds=120)
        os.environ["KEEPSAKE_MONGO_URL"] = (
            f"mongodb://{LOOPBACK}:{self._ports['MONGO']}/?replicaSet={REPLICA_SET}"
        )
        os.environ["KEEPSAKE_AMQP_URL"] = read_secret(self._directory / "amqp-url")

    def stop(self) -> None:
        """Stop all, as Ctrl-C does; what a launcher leaves that was too slow to do so is ended."""
        parts = self.parts
        self._launcher.signal(signal.SIGINT)
        self._launcher.stop(grace_seconds=180)
        for pid in parts.values():
            if _belongs(pid, self._directory):
                os.killpg(pid, signal.SIGKILL)

    @property
    def base_url(self) -> str:
        """Where the API is."""
        return f"http://{LOOPBACK}:{self._ports['HTTP']}"

    @property
    def parts(self) -> dict[str, int]:
        """The process that the launcher has started for each part, by the name of its log."""
        found = {_log_of(pid): pid for pid in children(self._launcher.pid)}
        named = {_NAMES.get(log, log): pid for log, pid in found.items() if log}
        return named | {LAUNCHER: self._launcher.pid}

    @property
    def revivals(self) -> list[str]:
        """What the launcher said of parts that died and came back."""
        said = self._launcher.tail(10_000).splitlines()
        return [line for line in said if line.endswith("is back")]

    def kill(self, name: str) -> None:
        """End a part and all that it has started without warning; the launcher starts it again."""
        if pid := self.parts.get(name):
            os.killpg(pid, signal.SIGKILL)


class Faults(threading.Thread):
    """Kills worker-1 ten times a run, and RabbitMQ once, in the middle; worker-2 is left alone.

    times: what was done to which part, by seconds since the start.
    """

    def __init__(self, service: Service, seconds: float) -> None:
        super().__init__(name="faults", daemon=True)
        self._service, self._seconds = service, seconds
        self._ended = threading.Event()
        self.times: list[tuple[float, str]] = []

    def run(self) -> None:
        """Play each at its time."""
        plan = sorted(
            [(share / 10 + 0.05, "worker-1") for share in range(10)] + [(0.5, "rabbitmq")]
        )
        now = 0.0
        for share, part in plan:
            if self._ended.wait(share * self._seconds - now):
                return
            now = share * self._seconds
            self._service.kill(part)
            self.times.append((round(now), part))

    def end(self) -> None:
        """Play no more."""
        self._ended.set()
        self.join()


def _log_of(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/fd/1").readlink().stem
    except OSError:  # it has ended meanwhile
        return ""


def _belongs(pid: int, directory: Path) -> bool:
    """Whether a process is of a launcher with this data directory, and not another by now."""
    try:
        return str(directory).encode() in Path(f"/proc/{pid}/environ").read_bytes()
    except OSError:
        return False
