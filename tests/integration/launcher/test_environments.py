"""What can be read in the environment of each process that `make run` starts."""

import json
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from keepsake.launcher.environment import configured
from keepsake.storage.settings import Settings
from tests.conftest import ROOT
from tests.integration.scanner.gitrepo import GitRepo
from tests.processes import shown

LLM_KEY = "sk-not-for-servers"
SERVERS = ("mongod", "epmd", "rabbit", "erl_child_setup", "inet_gethost")
PARTS = ("-m web", "middleware.work")


@pytest.fixture
def running(launcher, settings, tmp_path, eventually):
    """A run with secrets of its operator, whose worker has scanned a repository."""
    repo = GitRepo(tmp_path / "acme" / "shop")
    repo.commit({"a.py": "def a(): pass\n"})
    process = launcher(
        KEEPSAKE_SAMPLE="0", KEEPSAKE_LLM_API_KEY=LLM_KEY, KEEPSAKE_SCAN_PROTOCOLS='["file"]',
        UNRELATED_TOKEN="unrelated",
    )  # fmt: skip
    eventually(lambda: "Ctrl-C stops it" in process.tail(50) or not process.running, within=90)
    data = Path(settings["KEEPSAKE_DATA_DIR"])
    base_url = f"http://127.0.0.1:{settings['KEEPSAKE_HTTP_PORT']}"
    headers = {"Authorization": f"Bearer {(data / 'api-key').read_text().strip()}"}
    with httpx.Client(base_url=base_url, headers=headers, timeout=60) as client:
        job = client.post("/v2/scanner/scans", json={"url": repo.url}).json()
        ended = client.get(job["status_url"], params={"wait": 30}).json()
        assert ended["status"] == "succeeded"
    return process, data


@pytest.mark.timeout(180)
def test_each_process_has_the_secrets_it_needs_and_no_other(running):
    launcher, data = running
    passwords = json.loads((data / "rabbitmq" / "passwords.json").read_text())
    generated = [*passwords.values(), (data / "vault-key").read_text().strip()]
    children = [
        process for process in shown(KEEPSAKE_LAUNCHED_FROM=str(data.resolve()))
        if process.pid != launcher.pid
    ]  # fmt: skip
    parsers = shown("keepsake.scanner.parse.worker")
    servers = [
        process for process in children
        if any(name in process.command for name in SERVERS)
        or "RABBITMQ_NODENAME" in process.environment  # what RabbitMQ starts beside itself
    ]  # fmt: skip
    parts = [p for p in children if p not in servers]
    started = " ".join(process.command for process in children)

    assert [name for name in (*SERVERS, *PARTS) if name not in started] == []
    assert parsers
    for process in (*children, *parsers):
        text = str(process.environment)
        assert [secret for secret in (*generated, "unrelated") if secret in text] == []
        assert (LLM_KEY in text) == (process in parts), process.command
    for process in (*servers, *parsers):
        ours = {name for name in process.environment if name.startswith("KEEPSAKE_")}
        assert ours <= {"KEEPSAKE_LAUNCHED_FROM"}, process.command
    for process in parts:
        consoles = "KEEPSAKE_MANAGEMENT_URL_FILE" in process.environment
        assert not (consoles and "middleware.work" in process.command)


def test_what_is_known_counts_more_than_our_own_environment(monkeypatch):
    class Kind(Settings):
        amqp_url: str = ""
        mongo_url: str = ""

    monkeypatch.delenv("KEEPSAKE_MONGO_URL", raising=False)
    monkeypatch.setenv("KEEPSAKE_AMQP_URL", "stale")
    monkeypatch.setenv("KEEPSAKE_MONGO_URL_FILE", "given")
    monkeypatch.setenv("KEEPSAKE_OTHER", "unknown")

    variables = configured([Kind], {"KEEPSAKE_AMQP_URL_FILE": "known"})

    ours = {name: variables[name] for name in variables if name.startswith("KEEPSAKE_")}
    assert ours == {"KEEPSAKE_AMQP_URL_FILE": "known", "KEEPSAKE_MONGO_URL_FILE": "given"}


@pytest.mark.parametrize(
    ("module", "listed"),
    [("web.app", "web.settings:WEB"), ("actors", "keepsake.parts:WORKER")],
)
def test_every_kind_of_settings_that_a_part_loads_is_in_its_list(
    module, listed, rabbitmq, mongod, monkeypatch
):
    monkeypatch.delenv("KEEPSAKE_MANAGEMENT_URL")  # to know whose it is, a worker loads all kinds
    place, name = listed.split(":")
    script = (
        f"import {module}, {place}\n"
        "from keepsake.storage.settings import DataSettings, Settings\n"
        f"loaded = set(Settings.kinds.values()) - {{DataSettings}} - set({place}.{name})\n"
        "print(sorted(kind.__name__ for kind in loaded))"
    )

    out = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )

    assert out.stdout.strip() == "[]"
