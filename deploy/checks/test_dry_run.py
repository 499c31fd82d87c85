"""Web and worker as compose.yaml and the units start them: their commands, environment and secrets.

MongoDB asks for a password and gives the roles of deploy/compose/mongo.js, RabbitMQ has the
passwords of deploy/compose/secrets.sh. Only ports and folders are of this machine.
"""

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from pymongo import MongoClient

from keepsake.launcher.mongod import REPLICA_SET, Mongod
from keepsake.launcher.process import LOOPBACK, Process, free_port, until
from keepsake.launcher.rabbitmq import Passwords, RabbitMQ
from keepsake.storage import read_secret, write_secret
from tests.conftest import ROOT
from tests.docs import test_compose as compose
from tests.docs import test_systemd as systemd

PARTS = ("web", "worker")
UNITS = {"web": "keepsake-web.service", "worker": "keepsake-worker@.service"}


@dataclass(frozen=True)
class Part:
    """How a part is started, before its ports and folders are of this machine."""

    command: list[str]
    environment: dict[str, str]


def in_compose(name: str) -> Part:
    service = compose.SERVICES[name]
    given = {
        key: re.sub(r"\$\{\w+:-(.*)\}", r"\1", value)
        for key, value in service["environment"].items()
    }
    secrets = {key: value.replace("/run/secrets", "SECRETS") for key, value in given.items()}
    return Part(service.get("command", ["python", "-m", "web"]), secrets)


def in_systemd(name: str) -> Part:
    unit = systemd.read(UNITS[name])
    given = systemd.environment(unit)
    [command] = unit["ExecStart"]
    _, *arguments = shlex.split(re.sub(r"\$\{?([A-Z]+)\}?", lambda name: given[name[1]], command))
    return Part(
        ["python", *arguments],
        {key: value.replace("%d", "SECRETS") for key, value in given.items()},
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("dry-run")
    (folder / "bin").mkdir()
    (folder / "bin" / "chown").symlink_to("/bin/true")
    compose.make(folder)
    return folder / "secrets"


@pytest.fixture(scope="module")
def mongo(folder, tmp_path_factory) -> Iterator[int]:
    """A mongod with a key file, and the users of mongo.js; its port."""
    server = Mongod(tmp_path_factory.mktemp("mongo"), free_port())
    shutil.copy(folder / "mongo-keyfile", server._data.parent)
    server._data.mkdir()
    command = [*server.command, "--keyFile", server._data.parent / "mongo-keyfile"]
    process = Process("mongod", command, log=server._data.parent / "mongod.log")
    process.start()
    with MongoClient(LOOPBACK, server.port, directConnection=True) as client:
        members = [{"_id": 0, "host": f"{LOOPBACK}:{server.port}"}]
        client.admin.command("replSetInitiate", {"_id": REPLICA_SET, "members": members})
        until(
            lambda: client.admin.command("hello")["isWritablePrimary"], process, within_seconds=60
        )
        add_users(client, folder)
    yield server.port
    process.stop()


def add_users(client: MongoClient, folder: Path) -> None:
    password = read_secret(folder / "mongo-administrator-password")
    client.admin.command("createUser", "administrator", pwd=password, roles=["root"])
    place = f"{LOOPBACK}:{client.address[1]}"
    users = compose.mongo_users((compose.FOLDER / "mongo.js").read_text())
    with MongoClient(
        f"mongodb://administrator:{password}@{place}/?directConnection=true"
    ) as signed_in:
        for name, roles in users.items():
            password = read_secret(folder / f"mongo-{name}-password")
            signed_in.admin.command("createUser", name, pwd=password, roles=roles)


@pytest.fixture(scope="module")
def rabbitmq(folder, tmp_path_factory) -> Iterator[RabbitMQ]:
    passwords = Passwords(
        *(read_secret(folder / f"rabbitmq-{name}-password") for name in ("keepsake", "operator"))
    )
    server = RabbitMQ(tmp_path_factory.mktemp("rabbitmq"), free_port(), free_port(), passwords)
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def secrets(folder, mongo, rabbitmq, tmp_path_factory) -> Path:
    """The files of the script, with the servers' ports of this machine in their URLs."""
    here = tmp_path_factory.mktemp("secrets")
    places = {
        "mongo:27017": f"{LOOPBACK}:{mongo}",
        "rabbitmq:5672": f"{LOOPBACK}:{rabbitmq.port}",
        "rabbitmq:15672": f"{LOOPBACK}:{rabbitmq.management_port}",
    }
    for name in ("mongo-url", "amqp-url", "management-url", "secret-key"):
        secret = read_secret(folder / name)
        for place, local in places.items():
            secret = secret.replace(f"@{place}", f"@{local}")
        write_secret(here / name, secret)
    return here


@pytest.fixture
def started(secrets, tmp_path):
    """Starts parts with nothing in their environment but what is given; they end with the test."""
    processes: list[Process] = []

    def start(name: str, part: Part, ports: dict[str, str]) -> Process:
        environment = environment_of(part, secrets, tmp_path) | ports
        log = tmp_path / f"{name}.log"
        processes.append(
            Process(name, part.command, log=log, environment=environment, directory=tmp_path)
        )
        processes[-1].start()
        return processes[-1]

    yield start
    for process in processes:
        process.stop(grace_seconds=20)


def environment_of(part: Part, secrets: Path, data: Path) -> dict[str, str]:
    """The given one, what the image adds, and where this code is."""
    given = {key: value.replace("SECRETS", str(secrets)) for key, value in part.environment.items()}
    given |= {key: str(data / "run") for key in given if key == "PROMETHEUS_MULTIPROC_DIR"}
    code = os.pathsep.join((str(ROOT), str(ROOT / "clients" / "python")))
    path = f"{Path(sys.executable).parent}:/usr/bin:/bin"
    return {"PATH": path, **given, "KEEPSAKE_DATA_DIR": str(data / "data"), "PYTHONPATH": code}


def looked_at(test: list[str], ports: dict[str, str], environment: dict[str, str]) -> bool:
    """Whether a healthcheck is content."""
    command = [re.sub(r"\b(8000|9101)\b", lambda port: ports[port[0]], word) for word in test[1:]]
    ended = subprocess.run(command, env=environment, capture_output=True, check=False)
    return ended.returncode == 0


@pytest.mark.parametrize("described", [in_compose, in_systemd])
def test_what_is_started_takes_a_turn_and_remembers_it(
    described, started, secrets, tmp_path, eventually
):
    parts = {name: described(name) for name in PARTS}
    web, health = str(free_port()), str(free_port())
    metrics = {"KEEPSAKE_METRICS_PORT": str(free_port())}
    ports = {"web": {"KEEPSAKE_HTTP_PORT": web},
             "worker": {"KEEPSAKE_WORKER_HEALTH_PORT": health, **metrics}}  # fmt: skip

    for name in PARTS:
        process = started(name, parts[name], ports[name])
        test = compose.SERVICES[name]["healthcheck"]["test"]
        checked = {"PATH": environment_of(parts[name], secrets, tmp_path)["PATH"]}
        until(
            lambda test=test, env=checked: looked_at(test, {"8000": web, "9101": health}, env),
            process,
            within_seconds=90,
        )

    environment = environment_of(parts["web"], secrets, tmp_path)
    issued = subprocess.run(
        ["keepsake", "issue-key", "--owner", "alice"],
        env=environment, capture_output=True, text=True, check=True,
    )  # fmt: skip
    key = re.search(r"ksk_[\w-]+", issued.stdout)[0]
    with httpx.Client(
        base_url=f"http://{LOOPBACK}:{web}", headers={"Authorization": f"Bearer {key}"}
    ) as client:
        turn = {"user_query": "I live in Lisbon.", "user_id": "u1"}
        accepted = client.post("/v2/memory/ingest", json=turn).raise_for_status().json()
        eventually(
            lambda: client.get(accepted["status_url"]).json()["status"] == "succeeded", within=60
        )
        assert client.get("/readyz").json()["status"] == "ready"
