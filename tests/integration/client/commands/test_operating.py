"""`keepsake`, for operators: owners, workers, queues, keys."""

import re

from tests.integration.client.commands.conftest import as_owner, asked


def test_owners_are_listed(operate, eventually):
    # A worker of the tests before may write down what it saw just before it was emptied.
    eventually(lambda: "No owner has jobs." in operate("owners", "ls").stdout, within=30)
    assert asked(operate, "owners", "ls", "--sort", "running") == []


def test_an_owner_is_bound_and_the_bound_is_lifted(operate):
    bound = asked(operate, "owners", "set", "bob", "--max-running", 2, "--priority", "bulk")

    assert (bound["max_running"], bound["priority"]) == (2, "bulk")
    assert re.search(r"max running +2", operate("owners", "show", "bob").stdout)
    assert "no bound" in operate("owners", "set", "bob").stdout


def test_a_worker_is_drained(operate, alive):
    (drained,) = asked(operate, "workers", "drain", "worker-1", "--reason", "a new kernel")

    assert drained["drain"]["by"] == "root"
    assert "drain" in operate("workers", "ls").stdout
    operate("workers", "drain", "worker-none", code=3)


def test_queues_are_listed_paused_and_resumed(operate):
    pause = operate("queues", "pause", "keepsake.scanner", "--reason", "disk is full")

    assert "paused" in pause.stdout
    assert "disk is full" in operate("queues", "ls").stdout
    assert asked(operate, "queues", "resume", "keepsake.scanner")["paused"] is None


def test_workers_are_listed(operate, alive):
    assert "worker-1" in [worker["worker"] for worker in asked(operate, "workers", "ls")]
    assert "running" in operate("workers", "ls", "--all").stdout


def test_a_key_is_made_listed_replaced_and_revoked(operate, environment, tmp_path):
    file = tmp_path / "new"
    made = operate("keys", "create", "--owner", "carl", "--scope", "jobs").stdout.strip()
    carl = as_owner(environment, made)
    carl("jobs", "ls")
    (listed,) = asked(operate, "keys", "ls", "--owner", "carl")

    operate("keys", "rotate", listed["key_id"], "--out-file", file)
    (new,) = asked(operate, "keys", "ls", "--owner", "carl")

    carl("jobs", "ls", code=4)
    assert (new["scopes"], file.stat().st_mode & 0o777) == (["jobs"], 0o600)
    as_owner(environment, file.read_text().strip())("jobs", "ls")
    assert asked(operate, "keys", "revoke", new["key_id"])["revoked_at"]
    assert "No keys." in operate("keys", "ls", "--owner", "carl").stdout
    operate("keys", "rotate", "key_none", code=3)


def test_no_key_is_made_that_could_not_be_written(operate, tmp_path):
    (tmp_path / "there").touch()

    operate("keys", "create", "--owner", "dora", "--out-file", tmp_path / "there", code=2)

    assert asked(operate, "keys", "ls", "--owner", "dora") == []


def test_a_file_for_a_secret_that_was_not_made_is_not_left_behind(operate, keepsake, tmp_path):
    file = tmp_path / "new"

    keepsake("keys", "create", "--owner", "dora", "--out-file", file, code=4)
    operate("keys", "rotate", "--out-file", file, code=2)
    keepsake("webhooks", "make", "http://x", "--event", "job.ended", "--out-file", file, code=6)
    keepsake("hooks", "make", "ftp://x/y", "--host", "github", "--out-file", file, code=6)

    assert not file.exists()
