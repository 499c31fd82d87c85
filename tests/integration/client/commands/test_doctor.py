"""`keepsake doctor`: what is amiss, and what mends it."""

import json

import pytest
from click.testing import CliRunner

from keepsake_client.cli import cli


def findings(run, *arguments: str):
    """What the doctor says, by part, whatever its exit code."""
    shown = CliRunner().invoke(cli, ["doctor", "--json", *arguments], env=run.environment)
    return {finding["part"]: finding for finding in json.loads(shown.stdout)}


def test_a_healthy_installation_has_nothing_to_mend(operate, alive, worker_of_module, eventually):
    def healthy():
        seen = findings(operate)
        return not [finding for finding in seen.values() if finding["mend"]] and seen

    assert set(eventually(healthy, within=60)) >= {
        "settings", "disk", "connection", "service", "mongodb", "rabbitmq", "workers", "clock",
        "key", "queues", "records", "dead letters",
    }  # fmt: skip
    assert "ok       key: is good" in operate("doctor").stdout


def test_the_doctor_names_a_paused_queue_dead_letters_and_their_mend(operate, dead):
    dead("I like figs.")
    operate("queues", "pause", "keepsake.scanner", "--reason", "disk is full")

    seen = findings(operate)

    operate("queues", "resume", "keepsake.scanner")
    assert "keepsake.scanner was paused by root" in seen["queues"]["what"]
    assert seen["queues"]["mend"] == "keepsake queues resume keepsake.scanner"
    assert seen["dead letters"]["what"] == "1 jobs were given up"


@pytest.mark.parametrize(("url", "part"), [("http://127.0.0.1:1", "service"), (None, "key")])
def test_the_doctor_names_what_is_broken_with_its_mend(keepsake, tmp_path, service, url, part):
    (tmp_path / "wrong").write_text("ksk_" + "0" * 40)
    to = ["--url", url or service, "--key-file", tmp_path / "wrong"]

    broken = findings(keepsake, *map(str, to))[part]

    keepsake("doctor", *to, code=1)
    assert broken["state"] == "fault"
    assert broken["mend"]
