"""The parts of Keepsake on this machine: servers, web and workers."""

import json
import os
import shutil
import sys
from collections.abc import Callable, Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from urllib.parse import urlsplit

import pika
from pika.exceptions import AMQPError

from keepsake.launcher.administration import open_database
from keepsake.launcher.environment import configured
from keepsake.launcher.mongod import Mongod
from keepsake.launcher.process import LOOPBACK, CannotStart, Process, require_free, until
from keepsake.launcher.rabbitmq import RabbitMQ
from keepsake.launcher.settings import LauncherSettings, kept, vault_key
from keepsake.launcher.supervisor import Component
from keepsake.parts import COUNTERS, WORKER
from keepsake.storage import FILE_SUFFIX, Settings, write_secret
from middleware.broker import BrokerSettings
from web import WEB

MONGODB = "MongoDB"
_CODE = Path(__file__).parents[2]
"""Where our packages are."""


@dataclass(frozen=True, slots=True)
class PrivateServers:
    """The private servers; None for one that is configured by URL."""

    rabbitmq: RabbitMQ | None
    mongod: Mongod | None

    @property
    def components(self) -> list[Component]:
        """What is to be started."""
        servers = ((MONGODB, self.mongod), ("RabbitMQ", self.rabbitmq))
        return [_server(name, server) for name, server in servers if server is not None]


def _server(name: str, server: RabbitMQ | Mongod) -> Component:
    process = server.process
    return Component(name, server.start, server.stop, lambda: process.running,
                     lambda: f"exit code {process.exit_code}", process.rotate)  # fmt: skip


def private_servers(settings: LauncherSettings) -> PrivateServers:
    """The private servers that the settings leave to us.

    Raises:
        CannotStart: One that is configured by URL does not answer, or a private one is not
            installed.
    """
    rabbitmq = mongod = None
    root = settings.data_dir.resolve()
    if settings.starts_rabbitmq:
        rabbitmq = RabbitMQ(root / "rabbitmq", settings.amqp_port, settings.management_port)
    else:
        require_amqp(settings)
    if settings.starts_mongod:
        mongod = Mongod(root / "mongo", settings.mongo_port)
    else:
        open_database(settings).client.close()
    return PrivateServers(rabbitmq, mongod)


_TIMEOUT_SECONDS = 5


def require_amqp(settings: BrokerSettings) -> None:
    """Log in to a RabbitMQ, or to any node of several.

    Raises:
        CannotStart: It does not answer, or not to us; the message does not repeat the URL.
    """
    try:
        nodes = settings.nodes("keepsake-launcher")
        for parameters in nodes:
            parameters.socket_timeout = parameters.blocked_connection_timeout = _TIMEOUT_SECONDS
        pika.BlockingConnection(nodes).close()
    except (AMQPError, OSError, ValueError, IndexError) as error:
        raise CannotStart(
            f"KEEPSAKE_AMQP_URL leads to no RabbitMQ that lets us in ({type(error).__name__}): "
            "start it, mend the URL, or unset it for a private one"
        ) from error


def require_ports(settings: LauncherSettings) -> None:
    """Make sure that every part can listen.

    Raises:
        CannotStart: A port is taken, or given twice.
    """
    needed = ["http_port"]
    needed += ["amqp_port", "management_port"] if settings.starts_rabbitmq else []
    needed += ["mongo_port"] if settings.starts_mongod else []
    holders: dict[int, str] = {}
    for name in needed:
        port, setting = getattr(settings, name), f"KEEPSAKE_{name.upper()}"
        if port in holders:
            raise CannotStart(f"{holders[port]} and {setting} are both {port}: change one")
        holders[port] = setting
        require_free(port, setting)


def known(settings: LauncherSettings, servers: PrivateServers) -> dict[str, str]:
    """The variables that say what this launcher has started; secrets stay in files.

    Where the API and a private mongod listen is kept beside them, for other commands.
    """
    root = settings.data_dir.resolve()
    write_secret(root / "api-url", settings.base_url)
    settings.remembered_mongo.unlink(missing_ok=True)
    variables = {"KEEPSAKE_DATA_DIR": str(root)}
    if servers.rabbitmq is not None:
        urls = {"amqp": servers.rabbitmq.url, "management": servers.rabbitmq.management_url}
        for name, url in urls.items():
            write_secret(root / f"{name}-url", url)
            variables[f"KEEPSAKE_{name.upper()}_URL{FILE_SUFFIX}"] = str(root / f"{name}-url")
    if servers.mongod is not None:
        write_secret(settings.remembered_mongo, servers.mongod.url)
        variables["KEEPSAKE_MONGO_URL"] = servers.mongod.url
    if settings.secret_key is None:
        kept(root / "vault-key", vault_key)
        variables[f"KEEPSAKE_SECRET_KEY{FILE_SUFFIX}"] = str(root / "vault-key")
    return variables


def web(settings: LauncherSettings, variables: Mapping[str, str]) -> Component:
    """The HTTP server."""
    environment = _part(WEB, variables)
    if settings.web_processes > 1:
        metrics = _emptied(settings.data_dir.resolve() / "metrics")
        environment[COUNTERS] = metrics
    process = Process(
        "web",
        [sys.executable, "-m", "web"],
        log=_log(settings, "web"),
        environment=environment,
    )
    return _component("web", process, lambda: _answers(settings.base_url))


def _emptied(directory: Path) -> str:
    """What processes of an earlier run counted is not ours."""
    shutil.rmtree(directory, ignore_errors=True)
    directory.mkdir(parents=True)
    return str(directory)


def workers(settings: LauncherSettings, variables: Mapping[str, str]) -> list[Component]:
    """The workers: one `dramatiq` master each, since a master whose child dies ends as well."""
    return [
        _worker(settings, variables, f"worker-{number}")
        for number in range(1, settings.worker_processes + 1)
    ]


def _worker(settings: LauncherSettings, variables: Mapping[str, str], name: str) -> Component:
    process = Process(
        name,
        [sys.executable, "-m", "middleware.work", "actors", "--processes", "1",
         "--threads", str(settings.worker_threads), "--path", str(_CODE)],
        log=_log(settings, name),
        environment={"KEEPSAKE_WORKER_WARM_UP": "beside", **_part(WORKER, variables)},
    )  # fmt: skip
    return _component(name, process, lambda: "ready for action" in process.tail(200))


def _component(name: str, process: Process, ready: Callable[[], bool]) -> Component:
    def start() -> None:
        process.start()
        until(ready, process, within_seconds=60)

    return Component(name, start, process.stop, lambda: process.running,
                     lambda: f"exit code {process.exit_code}, see {process.log}",
                     process.rotate)  # fmt: skip


def unready(base_url: str) -> str:
    """What keeps jobs from being accepted and run; empty when nothing does."""
    try:
        answer = json.loads(_get(base_url, "/readyz", timeout_seconds=10)[1])
        parts = {name: state for name, state in answer.items() if name != "status"}
        return ", ".join(f"{name} {state}" for name, state in parts.items() if state != "ok")
    except (HTTPException, OSError, ValueError) as error:
        return f"{base_url}/readyz: {type(error).__name__}"


def _answers(base_url: str) -> bool:
    try:
        return _get(base_url, "/healthz", timeout_seconds=5)[0] == HTTPStatus.OK
    except (HTTPException, OSError):
        return False


def _get(base_url: str, path: str, *, timeout_seconds: float) -> tuple[int, bytes]:
    """Ask this machine; httpx would load certificates each time, for longer than this takes."""
    place = urlsplit(base_url)
    connection = HTTPConnection(place.hostname or LOOPBACK, place.port, timeout=timeout_seconds)
    with closing(connection):
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.read()


def _log(settings: LauncherSettings, name: str) -> Path:
    return settings.data_dir.resolve() / "log" / f"{name}.log"


def _part(kinds: Iterable[type[Settings]], variables: Mapping[str, str]) -> dict[str, str]:
    """The environment of a part of ours, which runs where `keepsake run` was called.

    So relative paths mean what they mean there. Python finds this very code, wherever it is, and
    takes nothing from that directory.
    """
    environment = configured(kinds, variables)
    places = [str(_CODE), environment.get("PYTHONPATH", "")]
    code = {"PYTHONPATH": os.pathsep.join(filter(None, places)), "PYTHONSAFEPATH": "1"}
    return environment | code
