"""`keepsake`, for the service itself: its state, its console, its webhooks, and that it fails."""

import json
from functools import partial

import httpx
import pytest
from click.testing import CliRunner

from keepsake_client.cli import cli
from tests.integration.client.commands.conftest import asked


def test_a_webhook_is_made_tried_and_ended_and_its_secret_written_to_a_file(keepsake, tmp_path):
    file = tmp_path / "secret"
    address = "https://hooks.example.org/keepsake"
    made = asked(keepsake, "webhooks", "make", address, "--event", "job.ended", "--out-file", file)
    name = made["webhook_id"]

    assert file.read_text().startswith("whsec_")
    assert file.read_text().strip() not in json.dumps(made)
    assert address in keepsake("webhooks", "ls").stdout
    (tried,) = asked(keepsake, "webhooks", "test", name)
    (again,) = asked(keepsake, "webhooks", "replay", name, tried["job_id"])
    listed = asked(keepsake, "webhooks", "deliveries", name)
    assert [row["job_id"] for row in listed] == [again["job_id"], tried["job_id"]]
    keepsake("webhooks", "rm", name)
    assert asked(keepsake, "webhooks", "ls") == []


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["jobs", "show", "job_none"], 3),
        (["queues", "ls"], 4),
        (["jobs", "ls", "--url", "http://127.0.0.1:1", "--key-file", "KEY"], 5),
        (["jobs", "ls", "--type", ""], 6),
    ],
)
def test_a_failure_is_one_line_and_an_exit_code(keepsake, arguments, code, tmp_path, monkeypatch):
    monkeypatch.setattr("keepsake_client.commands.calling.RETRY_SECONDS", 0)
    (tmp_path / "KEY").write_text("ksk_0")
    monkeypatch.chdir(tmp_path)

    failed = keepsake(*arguments, code=code)

    assert failed.stdout == ""
    assert len(failed.stderr.splitlines()) == 1
    assert failed.stderr.startswith("keepsake: ")


def test_the_status_is_shown_part_by_part(keepsake, alive, eventually):
    shown = partial(CliRunner().invoke, cli, ["status"], env=keepsake.environment)

    ready = eventually(lambda: (ended := shown()).exit_code == 0 and ended)  # it is told for 0.1 s

    assert "rabbitmq  ok" in ready.stdout


def test_a_link_to_the_console_is_printed_and_good_once(keepsake):
    url = keepsake("console").stdout.strip()
    address, _, token = url.partition("#")

    headers = {"Origin": address.partition("/console")[0]}
    with httpx.Client(headers=headers, timeout=30) as browser:
        answers = [browser.post(address, data={"link": token}).status_code for _ in range(2)]

    assert answers == [303, 401]
