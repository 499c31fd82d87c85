"""The parts of Keepsake on this machine: servers, web and workers."""

import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import httpx

from stack.mongod import Mongod
from stack.ports import LOOPBACK, require_free
from stack.process import Process
from stack.rabbitmq import RabbitMQ
from stack.secrets_kept import kept, vault_key
from stack.settings import StackSettings
from stack.supervisor import Part
from stack.waiting import until


@dataclass(frozen=True, slots=True)
class Servers:
    """The private servers; None for one that is configured by URL."""

    rabbitmq: RabbitMQ | None
    mongod: Mongod | None

    @property
    def parts(self) -> list[Part]:
        """What is to be started."""
        return [
            Part(name, server.start, server.stop, lambda p=server.process: p.running,  # type: ignore[misc]
                 lambda p=server.process: f"exit code {p.exit_code}")  # type: ignore[misc]
            for name, server in (("MongoDB", self.mongod), ("RabbitMQ", self.rabbitmq))
            if server is not None
        ]  # fmt: skip


def servers(settings: StackSettings) -> Servers:
    """The private servers that the settings leave to us.

    Raises:
        CannotStart: A port is taken.
    """
    rabbitmq = mongod = None
    root = settings.data_dir.resolve()
    if settings.amqp_url is None:
        require_free(settings.amqp_port, "KEEPSAKE_AMQP_PORT")
        require_free(settings.management_port, "KEEPSAKE_MANAGEMENT_PORT")
        rabbitmq = RabbitMQ(root / "rabbitmq", settings.amqp_port, settings.management_port)
    if settings.mongo_url is None:
        require_free(settings.mongo_port, "KEEPSAKE_MONGO_PORT")
        mongod = Mongod(root / "mongo", settings.mongo_port)
    return Servers(rabbitmq, mongod)


def environment(settings: StackSettings, private: Servers) -> dict[str, str]:
    """What web and workers are told; secrets travel here, never in argv."""
    told = dict(os.environ)
    if private.rabbitmq is not None:
        told["KEEPSAKE_AMQP_URL"] = private.rabbitmq.url
        told["KEEPSAKE_MANAGEMENT_URL"] = private.rabbitmq.management_url
    if private.mongod is not None:
        told["KEEPSAKE_MONGO_URL"] = private.mongod.url
    if settings.secret_key is None:
        told["KEEPSAKE_SECRET_KEY"] = kept(settings.data_dir / "vault-key", vault_key)
    return told


def web(settings: StackSettings, told: dict[str, str]) -> Part:
    """The HTTP server."""
    base_url = f"http://{LOOPBACK}:{settings.http_port}"
    command = [sys.executable, "-m", "uvicorn", "--factory", "web.app:serve", "--host", LOOPBACK,
               "--port", str(settings.http_port), "--workers", str(settings.web_processes),
               "--no-access-log"]  # fmt: skip
    process = Process(
        "web", command, log=_log(settings, "web"), environment=told, directory=_root()
    )
    return _part("web", process, lambda: _answers(f"{base_url}/healthz"))


def workers(settings: StackSettings, told: dict[str, str]) -> list[Part]:
    """The workers: one `dramatiq` master each, since a master whose child dies ends as well."""
    command = [sys.executable, "-m", "dramatiq", "actors", "--processes", "1",
               "--threads", str(settings.worker_threads)]  # fmt: skip
    made = []
    for number in range(1, settings.worker_processes + 1):
        name = f"worker-{number}"
        process = Process(name, command, log=_log(settings, name), environment=told,
                          directory=_root())  # fmt: skip
        made.append(_part(name, process, lambda p=process: "ready for action" in p.tail(200)))  # type: ignore[misc]
    return made


def _part(name: str, process: Process, ready: Callable[[], bool]) -> Part:
    def start() -> None:
        process.start()
        until(ready, process, within_seconds=60)

    return Part(name, start, process.stop, lambda: process.running,
                lambda: f"exit code {process.exit_code}, see {process.log}")  # fmt: skip


def ready(base_url: str) -> bool:
    """Whether jobs are accepted and run."""
    return _answers(f"{base_url}/readyz")


def _answers(url: str) -> bool:
    try:
        return httpx.get(url, timeout=5).status_code == httpx.codes.OK
    except httpx.HTTPError:
        return False


def _log(settings: StackSettings, name: str) -> Path:
    return settings.data_dir.resolve() / "log" / f"{name}.log"


def _root() -> Path:
    return Path(__file__).parents[1]
