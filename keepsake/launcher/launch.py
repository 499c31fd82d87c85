"""The parts of Keepsake on this machine: servers, web and workers."""

import shutil
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import httpx

from keepsake.launcher import external
from keepsake.launcher.environment import configured
from keepsake.launcher.errors import CannotStart
from keepsake.launcher.keeper import Part
from keepsake.launcher.mongod import Mongod
from keepsake.launcher.ports import require_free
from keepsake.launcher.process import Process
from keepsake.launcher.rabbitmq import RabbitMQ
from keepsake.launcher.secrets_kept import kept, vault_key
from keepsake.launcher.settings import StackSettings
from keepsake.launcher.waiting import until
from keepsake.parts import COUNTERS, WORKER
from keepsake.storage.secrecy import write_secret
from keepsake.storage.settings import FILE_SUFFIX
from web import WEB


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
                 lambda p=server.process: f"exit code {p.exit_code}",  # type: ignore[misc]
                 server.process.rotate)
            for name, server in (("MongoDB", self.mongod), ("RabbitMQ", self.rabbitmq))
            if server is not None
        ]  # fmt: skip


def servers(settings: StackSettings) -> Servers:
    """The private servers that the settings leave to us.

    Raises:
        CannotStart: One that is configured by URL does not answer, or a private one is not
            installed.
    """
    rabbitmq = mongod = None
    root = settings.data_dir.resolve()
    if settings.amqp_url is None:
        rabbitmq = RabbitMQ(root / "rabbitmq", settings.amqp_port, settings.management_port)
    else:
        external.require_amqp(settings.amqp_url.get_secret_value())
    if settings.mongo_url is None:
        mongod = Mongod(root / "mongo", settings.mongo_port)
    else:
        external.mongo(settings.mongo_url.get_secret_value()).client.close()
    return Servers(rabbitmq, mongod)


def require_ports(settings: StackSettings) -> None:
    """Make sure that every part can listen.

    Raises:
        CannotStart: A port is taken, or given twice.
    """
    needed = ["http_port"]
    needed += ["amqp_port", "management_port"] if settings.amqp_url is None else []
    needed += ["mongo_port"] if settings.mongo_url is None else []
    holders: dict[int, str] = {}
    for name in needed:
        port, setting = getattr(settings, name), f"KEEPSAKE_{name.upper()}"
        if port in holders:
            raise CannotStart(f"{holders[port]} and {setting} are both {port}: change one")
        holders[port] = setting
        require_free(port, setting)


def known(settings: StackSettings, servers: Servers) -> dict[str, str]:
    """The variables that say what this launcher has started; secrets stay in files."""
    root = settings.data_dir.resolve()
    variables = {"KEEPSAKE_DATA_DIR": str(root)}
    if servers.rabbitmq is not None:
        urls = {"amqp": servers.rabbitmq.url, "management": servers.rabbitmq.management_url}
        for name, url in urls.items():
            write_secret(root / f"{name}-url", url)
            variables[f"KEEPSAKE_{name.upper()}_URL{FILE_SUFFIX}"] = str(root / f"{name}-url")
    if servers.mongod is not None:
        variables["KEEPSAKE_MONGO_URL"] = servers.mongod.url
    if settings.secret_key is None:
        kept(root / "vault-key", vault_key)
        variables[f"KEEPSAKE_SECRET_KEY{FILE_SUFFIX}"] = str(root / "vault-key")
    return variables


def web(settings: StackSettings, variables: Mapping[str, str]) -> Part:
    """The HTTP server."""
    environment = configured(WEB, variables)
    if settings.web_processes > 1:
        metrics = _emptied(settings.data_dir.resolve() / "metrics")
        environment[COUNTERS] = metrics
    process = Process(
        "web",
        [sys.executable, "-m", "web"],
        log=_log(settings, "web"),
        environment=environment,
        directory=_root(),
    )
    return _part("web", process, lambda: _answers(f"{settings.base_url}/healthz"))


def _emptied(directory: Path) -> str:
    """What processes of an earlier run counted is not ours."""
    shutil.rmtree(directory, ignore_errors=True)
    directory.mkdir(parents=True)
    return str(directory)


def workers(settings: StackSettings, variables: Mapping[str, str]) -> list[Part]:
    """The workers: one `dramatiq` master each, since a master whose child dies ends as well."""
    command = [sys.executable, "-m", "middleware.work", "actors", "--processes", "1",
               "--threads", str(settings.worker_threads)]  # fmt: skip
    made = []
    for number in range(1, settings.worker_processes + 1):
        name = f"worker-{number}"
        process = Process(name, command, log=_log(settings, name), directory=_root(),
                          environment=configured(WORKER, variables))  # fmt: skip
        made.append(_part(name, process, lambda p=process: "ready for action" in p.tail(200)))  # type: ignore[misc]
    return made


def _part(name: str, process: Process, ready: Callable[[], bool]) -> Part:
    def start() -> None:
        process.start()
        until(ready, process, within_seconds=60)

    return Part(name, start, process.stop, lambda: process.running,
                lambda: f"exit code {process.exit_code}, see {process.log}",
                process.rotate)  # fmt: skip


def unready(base_url: str) -> str:
    """What keeps jobs from being accepted and run; empty when nothing does."""
    try:
        answer = httpx.get(f"{base_url}/readyz", timeout=10, trust_env=False).json()
        parts = {name: state for name, state in answer.items() if name != "status"}
        return ", ".join(f"{name} {state}" for name, state in parts.items() if state != "ok")
    except (httpx.HTTPError, ValueError) as error:
        return f"{base_url}/readyz: {type(error).__name__}"


def _answers(url: str) -> bool:
    try:
        return httpx.get(url, timeout=5, trust_env=False).status_code == httpx.codes.OK
    except httpx.HTTPError:
        return False


def _log(settings: StackSettings, name: str) -> Path:
    return settings.data_dir.resolve() / "log" / f"{name}.log"


def _root() -> Path:
    return Path(__file__).parents[2]
