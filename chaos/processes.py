"""Two web processes and three workers."""

import math
import os
import sys
import threading
import time
from collections.abc import Mapping
from pathlib import Path

from chaos.proxy import Proxy
from chaos.servers import FaultyServers
from keepsake.launcher import LOOPBACK, Process, free_port, until

WEBS, WORKERS, THREADS = 2, 3, 4
SHORT_TIMES = {
    "KEEPSAKE_LEASE_SECONDS": "2",
    "KEEPSAKE_HEARTBEAT_SECONDS": "0.4",
    "KEEPSAKE_SWEEP_SECONDS": "0.2",
    "KEEPSAKE_NOTIFY_AGAIN_AFTER_SECONDS": "1",
    "KEEPSAKE_NOTIFY_AGAIN_AFTER_MAX_SECONDS": "5",
    "KEEPSAKE_CRASH_LIMIT": "1000",
    "KEEPSAKE_AMQP_SOCKET_TIMEOUT_SECONDS": "2",
    "KEEPSAKE_MONGO_SOCKET_TIMEOUT_MS": "5000",
    "KEEPSAKE_WORKER_WARM_UP": "never",  # they live for seconds, and most jobs are no turns
}
"""Short leases make falls frequent. The crash limit is out of reach, since here it is never the
job that kills its workers for good."""
_KEEP_SECONDS = 0.3
_UP = "web.serving"
_ALL = 1_000_000
"""Lines: a web process that came back logs hundreds of requests a second."""
_ROOT = Path(__file__).parents[1]


class Processes:
    """The processes that the fault injector breaks, and a keeper that starts them again."""

    def __init__(self, servers: FaultyServers, logs: Path, environment: Mapping[str, str]) -> None:
        self.servers = servers
        shared = {**os.environ, **SHORT_TIMES, **environment, "KEEPSAKE_DATA_DIR": str(logs)}
        self._route_of_webs = servers.route()
        of_webs = {**shared, **self._route_of_webs.environment}
        self.routes_of_workers = [servers.route() for _ in range(WORKERS)]
        self._up_since: dict[str, float] = {}
        self._killing = threading.Lock()
        """Without it the keeper may see a process up that is killed before it notes so."""
        self._ended = threading.Event()
        self._keeper = threading.Thread(target=self._keep, name="keeper", daemon=True)
        ports = [free_port() for _ in range(WEBS)]
        self.base_urls = [f"http://{LOOPBACK}:{port}" for port in ports]
        self.webs = [
            _process(f"web-{port}", {**of_webs, "KEEPSAKE_HTTP_PORT": str(port)}, logs, "web")
            for port in ports
        ]
        self.workers = [
            _process(f"worker-{number}", {**shared, **route.environment}, logs, "middleware.work",
                     "chaos.worker", "--processes", "1", "--threads", str(THREADS))
            for number, route in enumerate(self.routes_of_workers)
        ]  # fmt: skip

    @property
    def proxies(self) -> list[Proxy]:
        """Those of all processes."""
        routes = [self._route_of_webs, *self.routes_of_workers]
        return [proxy for route in routes for proxy in route.proxies]

    def start(self) -> None:
        """Start all and wait until they are up."""
        for proxy in self.proxies:
            proxy.start()
        for process in self.webs + self.workers:
            process.start()
        for process, ready in [
            *((web, _UP) for web in self.webs),
            *((worker, "ready for action") for worker in self.workers),
        ]:
            until(lambda p=process, r=ready: r in p.tail(_ALL), process, within_seconds=60)  # type: ignore[misc]
        self._keeper.start()

    def _keep(self) -> None:
        """Start again what died, as a supervisor does."""
        while not self._ended.wait(_KEEP_SECONDS):
            for process in self.webs + self.workers:
                if not process.running:
                    process.start()
            self._note_what_is_up()

    def _note_what_is_up(self) -> None:
        for base_url, web in zip(self.base_urls, self.webs, strict=True):
            with self._killing:
                down = self._up_since.get(base_url) == math.inf
                if down and web.running and _UP in web.tail(_ALL):
                    self._up_since[base_url] = time.monotonic()

    def kill_web(self, number: int) -> None:
        """Kill one web process; it comes back by itself."""
        with self._killing:
            self._up_since[self.base_urls[number]] = math.inf  # before a client can notice
            self.webs[number].kill()

    def was_down(self, base_url: str, since: float) -> bool:
        """Whether a web process had been killed and was not up at a moment of the monotonic clock.

        A client asks this when it got no answer.
        """
        return self._up_since.get(base_url, -math.inf) > since

    def stop(self) -> None:
        """End all; the servers are their owner's."""
        self._ended.set()
        if self._keeper.is_alive():
            self._keeper.join()
        for process in self.webs + self.workers:
            process.kill()
        for proxy in self.proxies:
            proxy.stop()


def _process(name: str, environment: Mapping[str, str], logs: Path, *module: str) -> Process:
    return Process(name, [sys.executable, "-m", *module], log=logs / f"{name}.log",
                   environment=environment, directory=_ROOT)  # fmt: skip
