"""`keepsake run`, as `make run` calls it."""

import os
import re
import signal
import socket
import stat
import subprocess
import sys
from pathlib import Path
from subprocess import CompletedProcess

import httpx
import pytest
from pymongo import MongoClient

from keepsake.storage.secrecy import write_secret
from tests.forks import keepsake
from tests.integration.launcher.conftest import PORTS
from tests.processes import shown

WITHOUT_ROOM = """
import resource, sys
from keepsake_client.__main__ import main
resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
sys.argv = ["keepsake", "run"]
sys.exit(main())
"""


def run(settings, *arguments: str, **changed: str) -> CompletedProcess[str]:
    return keepsake(*(arguments or ["run"]), environment={**settings, **changed}, seconds=60)


def left_running(settings) -> list[str]:
    return [process.command for process in shown(settings["KEEPSAKE_DATA_DIR"])]


@pytest.mark.timeout(240)
def test_one_command_runs_it_all_and_stops_it_all(launcher, settings, eventually):
    first = launcher()
    eventually(lambda: "Ctrl-C stops it" in first.tail(50) or not first.running, within=90)

    output = first.tail(50)
    assert re.search(r"202 job_\w+ pending", output)
    assert "  succeeded" in output
    assert "allergic to peanuts" in output.split("/v1/memory/search")[1]
    key_file = Path(settings["KEEPSAKE_DATA_DIR"]) / "api-key"
    key = key_file.read_text().strip()
    assert key in output
    assert stat.S_IMODE(key_file.stat().st_mode) == 0o600

    log = (key_file.parent / "log" / "worker-1.log").read_text()
    assert "connection error" not in log  # it started beside RabbitMQ, and waited for it

    with MongoClient("127.0.0.1", int(settings["KEEPSAKE_MONGO_PORT"])) as client:
        (act,) = client["keepsake"]["audit"].find()
    assert (act["action"], act["target"]) == ("key.create", "developer")
    assert act["by"].startswith("command line: ")

    elsewhere = {"KEEPSAKE_DATA_DIR": settings["KEEPSAKE_DATA_DIR"], "PATH": os.environ["PATH"]}
    created = run(elsewhere, "issue-key", "--owner", "ana")
    base_url = (key_file.parent / "api-url").read_text().strip()
    headers = {"Authorization": f"Bearer {created.stdout.strip()}"}
    listed = httpx.get(f"{base_url}/v1/jobs", headers=headers, timeout=60)
    assert listed.status_code == httpx.codes.OK

    second = run(settings)
    assert (second.returncode, len(second.stderr.splitlines())) == (1, 1)
    assert "another run uses" in second.stderr

    os.kill(first.pid, signal.SIGINT)
    eventually(lambda: not first.running, within=60)
    assert first.exit_code == 0
    assert left_running(settings) == []

    write_secret(key_file.parent / ".env", "# of this run\nKEEPSAKE_SAMPLE=0\n")
    again = launcher()
    eventually(lambda: "Ctrl-C stops it" in again.tail(50) or not again.running, within=90)
    assert "peanuts" not in again.tail(50)
    headers = {"Authorization": f"Bearer {key}"}
    question = {"query": "peanuts", "user_id": "sample"}
    search = f"{base_url}/v1/memory/search"
    answer = httpx.post(search, json=question, headers=headers, timeout=60)
    assert answer.json()["data"]["total"] > 0

    worker = next(line for line in process_ids("middleware.work actors", settings))
    os.kill(worker, signal.SIGKILL)
    eventually(lambda: "worker-1 is back" in again.tail(50), within=60)
    assert "worker-1 died" in again.tail(50)
    os.kill(again.pid, signal.SIGTERM)
    eventually(lambda: not again.running, within=60)
    assert process_ids("middleware.work actors", settings) == []


def process_ids(command: str, settings) -> list[int]:
    """The processes of this run: its data directory is in their environment."""
    directory = settings["KEEPSAKE_DATA_DIR"]
    return sorted(
        process.pid for process in shown(command) if directory in process.environment.values()
    )


def test_an_env_file_that_others_may_read_is_refused(settings, tmp_path):
    (tmp_path / ".env").write_text("KEEPSAKE_SAMPLE=0")
    (tmp_path / ".env").chmod(0o644)

    ended = run(settings, KEEPSAKE_DATA_DIR=str(tmp_path))

    assert (ended.returncode, ended.stderr) == (
        1, f"keepsake: others may open {tmp_path}/.env: `chmod 600 {tmp_path}/.env`\n",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("line", "code", "said"),
    [
        ("HTTPS_PROXY=http://proxy", 1, "HTTPS_PROXY is no setting"),
        ("KEEPSAKE_SAMPLE", 1, "KEEPSAKE_SAMPLE is no setting"),
        ("KEEPSAKE_DATA_DIR=elsewhere", 1, "KEEPSAKE_DATA_DIR is no setting"),
        ("KEEPSAKE_SAMPEL=0", 2, "is it KEEPSAKE_SAMPLE?"),
        ("KEEPSAKE_LEASE_SECONDS=hush", 2, "KEEPSAKE_LEASE_SECONDS: Input should be"),
    ],
)
def test_a_line_of_the_env_file_that_sets_nothing_is_refused(settings, tmp_path, line, code, said):
    write_secret(tmp_path / ".env", line)

    ended = run(settings, KEEPSAKE_DATA_DIR=str(tmp_path))

    assert (ended.returncode, len(ended.stderr.splitlines())) == (code, 1)
    assert said in ended.stderr
    assert "hush" not in ended.stderr


@pytest.mark.parametrize("name", PORTS)
def test_a_taken_port_is_named_and_nothing_is_left_running(settings, tmp_path, name):
    data = {"KEEPSAKE_DATA_DIR": str(tmp_path / "data")}
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        ended = run(settings, **data, **{f"KEEPSAKE_{name}_PORT": str(port)})

    assert ended.returncode == 1
    assert f"port {port} is taken" in ended.stderr
    assert f"KEEPSAKE_{name}_PORT" in ended.stderr
    assert len(ended.stderr.splitlines()) == 1
    assert left_running({**settings, **data}) == []


def test_a_disk_without_room_is_named_in_one_line(settings, tmp_path):
    data = str(tmp_path / "data")
    ended = subprocess.run(
        [sys.executable, "-c", WITHOUT_ROOM], env={**settings, "KEEPSAKE_DATA_DIR": data},
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip

    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr == f"keepsake: {data}: File too large\n"


def test_one_port_for_two_parts_is_refused(settings, tmp_path):
    port = settings["KEEPSAKE_HTTP_PORT"]
    ended = run(settings, KEEPSAKE_DATA_DIR=str(tmp_path), KEEPSAKE_AMQP_PORT=port)

    assert ended.returncode == 1
    assert f"KEEPSAKE_HTTP_PORT and KEEPSAKE_AMQP_PORT are both {port}" in ended.stderr


@pytest.mark.parametrize(
    "url",
    {
        "KEEPSAKE_AMQP_URL": "amqp://keepsake:hush@127.0.0.1:1/keepsake",
        "KEEPSAKE_MONGO_URL": "mongodb://keepsake:hush@127.0.0.1:1/?replicaSet=rs0",
    }.items(),
    ids=lambda item: item[0],
)
def test_a_server_that_does_not_answer_is_named_without_its_password(settings, tmp_path, url):
    ended = run(settings, KEEPSAKE_DATA_DIR=str(tmp_path), **dict([url]))

    assert (ended.returncode, len(ended.stderr.splitlines())) == (1, 1)
    assert url[0] in ended.stderr
    assert "hush" not in ended.stderr + ended.stdout


def test_a_url_of_another_kind_is_refused(settings, tmp_path):
    ended = run(settings, KEEPSAKE_DATA_DIR=str(tmp_path), KEEPSAKE_AMQP_URL="http://127.0.0.1")

    assert (ended.returncode, len(ended.stderr.splitlines())) == (1, 1)


@pytest.mark.drill
@pytest.mark.timeout(180)
def test_the_next_run_ends_what_a_killed_one_left(launcher, settings, eventually):
    killed = launcher(KEEPSAKE_SAMPLE="0")
    eventually(lambda: "Ctrl-C stops it" in killed.tail(50) or not killed.running, within=90)
    left = process_ids("", settings)
    killed.kill()
    assert len(process_ids("", settings)) == len(left) - 1

    following = launcher(KEEPSAKE_SAMPLE="0")
    eventually(lambda: "Ctrl-C stops it" in following.tail(50) or not following.running, within=90)

    assert "that a killed run left behind" in following.tail(50)
    assert set(process_ids("", settings)) & set(left) == set()
    following.stop(grace_seconds=60)
    assert process_ids("", settings) == []


@pytest.mark.parametrize("said", ["starting MongoDB", "starting web"])
def test_a_run_can_be_stopped_while_it_starts(launcher, settings, eventually, said):
    process = launcher()
    eventually(lambda: said in process.tail(50), within=60)

    os.kill(process.pid, signal.SIGINT)

    eventually(lambda: not process.running, within=60)
    assert (process.exit_code, process_ids("", settings)) == (0, [])
    assert "stopped; the data stays in" in process.tail()


@pytest.mark.parametrize(
    ("setting", "value"),
    [("KEEPSAKE_HTTP_PORT", "eighty"), ("KEEPSAKE_WORKER_PROCESSES", "0")],
)
def test_a_wrong_setting_is_named(settings, setting, value):
    ended = run(settings, **{setting: value})

    assert (ended.returncode, len(ended.stderr.splitlines())) == (2, 1)
    assert setting in ended.stderr
