"""Web and worker as compose.yaml, units and pods start them, and the servers as compose.yaml.

Their commands, environments, secrets and healthchecks are those of the files (conftest.py for the
servers); only ports and folders are of this machine.
"""

import os
import re
import shlex
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from pymongo import MongoClient
from pymongo.errors import PyMongoError

from keepsake.launcher.process import LOOPBACK, Process, free_port, until
from keepsake.storage import read_secret
from tests.conftest import ROOT
from tests.docs import test_compose as compose
from tests.docs import test_kubernetes as kubernetes
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


def in_kubernetes(name: str) -> Part:
    container = kubernetes.container_of(name)
    secrets = {key: value.replace(kubernetes.SECRETS, "SECRETS")
               for key, value in kubernetes.environment(name).items()}  # fmt: skip
    return Part([*container["command"], *container.get("args", [])], secrets)


def ports_of(name: str) -> dict[str, str]:
    """The ports that a service of compose.yaml listens on, by their setting."""
    named = compose.SERVICES[name]["environment"].items()
    http = {"KEEPSAKE_HTTP_PORT": "8000"} if name == "web" else {}
    return http | {key: value for key, value in named if key.endswith("_PORT")}


@pytest.fixture
def started(servers, tmp_path):
    """Starts parts with nothing in their environment but what is given; they end with the test."""
    processes: list[Process] = []

    def start(name: str, part: Part, ports: dict[str, str]) -> None:
        environment = environment_of(part, servers.secrets, tmp_path) | ports
        log = tmp_path / f"{name}.log"
        process = Process(name, part.command, log=log, environment=environment, directory=tmp_path)
        processes.append(process)
        process.start()
        path = {"PATH": environment["PATH"]}
        until(lambda: is_healthy(name, ports, path), process, within_seconds=90)

    yield start
    for process in processes:
        process.stop(grace_seconds=20)


def environment_of(part: Part, secrets: Path, data: Path) -> dict[str, str]:
    """The given one, what the image adds, and where this code is."""
    given = {key: value.replace("SECRETS", str(secrets)) for key, value in part.environment.items()}
    if "PROMETHEUS_MULTIPROC_DIR" in given:  # which systemd makes
        (data / "run").mkdir(mode=0o700, exist_ok=True)
        given["PROMETHEUS_MULTIPROC_DIR"] = str(data / "run")
    code = os.pathsep.join((str(ROOT), str(ROOT / "clients" / "python")))
    path = f"{Path(sys.executable).parent}:/usr/bin:/bin"
    return {"PATH": path, **given, "KEEPSAKE_DATA_DIR": str(data / "data"), "PYTHONPATH": code}


def is_healthy(name: str, ports: dict[str, str], environment: dict[str, str]) -> bool:
    """Whether the healthcheck of a service of compose.yaml is content."""
    here = {number: ports[setting] for setting, number in ports_of(name).items()}
    command = [re.sub(r"\b\d{4}\b", lambda port: here.get(port[0], port[0]), word)
               for word in compose.SERVICES[name]["healthcheck"]["test"][1:]]  # fmt: skip
    return (
        subprocess.run(command, env=environment, capture_output=True, check=False).returncode == 0
    )


@pytest.mark.parametrize(
    ("servers", "described"),
    [(False, in_compose), (False, in_systemd), (False, in_kubernetes), (True, in_compose)],
    indirect=["servers"],
)
def test_what_is_started_takes_a_turn_and_remembers_it(
    servers, described, started, tmp_path, eventually
):
    ports = {name: {setting: str(free_port()) for setting in ports_of(name)} for name in PARTS}
    for name in PARTS:
        started(name, described(name), ports[name])

    environment = environment_of(described("web"), servers.secrets, tmp_path)
    issued = subprocess.run(
        ["keepsake", "issue-key", "--owner", "alice"],
        env=environment, capture_output=True, text=True, check=True,
    )  # fmt: skip
    key = re.search(r"ksk_[\w-]+", issued.stdout)[0]
    web = f"http://{LOOPBACK}:{ports['web']['KEEPSAKE_HTTP_PORT']}"
    with httpx.Client(base_url=web, headers={"Authorization": f"Bearer {key}"}) as client:
        turn = {"user_query": "I live in Lisbon.", "user_id": "u1"}
        accepted = client.post("/v2/memory/ingest", json=turn).raise_for_status().json()
        eventually(
            lambda: client.get(accepted["status_url"]).json()["status"] == "succeeded", within=60
        )
        assert client.get("/readyz").json()["status"] == "ready"


def test_mongodb_is_healthy_as_its_service_is_looked_at_and_lets_in_its_users_alone(servers):
    service = servers.services["mongo"]["healthcheck"]["test"]
    url = read_secret(servers.secrets / "mongo-url")

    assert servers.mongosh(service[1:]).returncode == 0
    again = servers.mongosh(servers.services["mongo-users"]["entrypoint"])
    assert again.returncode == 0, again.stdout + again.stderr
    assert usable(url)
    assert not usable(re.sub(r":\w+@", ":wrong@", url))
    assert not usable(url.replace(re.search(r"//(.+)@", url)[1] + "@", ""))
    if "tls=true" in url:
        assert not usable(url.partition("&tls=")[0])


def usable(url: str) -> bool:
    """Whether Keepsake's user may read its database there."""
    with MongoClient(url, serverSelectionTimeoutMS=2_000) as client:
        try:
            client.keepsake.jobs.find_one()
        except PyMongoError:
            return False
    return True
