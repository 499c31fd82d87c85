"""The command line against a real service, in this process."""

import json
import re
import zipfile
from functools import partial

import httpx
import pytest
from click.testing import CliRunner, Result

from keepsake_client.cli import cli


@pytest.fixture
def environment(service, tmp_path):
    """What the command line reads: the service, and no profiles."""
    return {"KEEPSAKE_URL": service, "XDG_CONFIG_HOME": str(tmp_path), "KEEPSAKE_API_KEY": None}


@pytest.fixture
def keepsake(environment, key, worker_of_module):
    """Runs a command line as ann."""
    return as_owner(environment, key("ann"))


@pytest.fixture
def operate(environment, key):
    """Runs a command line as an operator."""
    return as_owner(environment, key("root", role="operator"))


@pytest.fixture
def alive(engine):
    """A worker's heartbeat; that of the module's worker was emptied with the database."""
    engine.leases.heartbeat("worker-1", {"host": "here", "pid": 1, "running": []})


def as_owner(environment, api_key):
    env = {**environment, "KEEPSAKE_API_KEY": api_key}

    def run(*arguments: str, code: int = 0, **options) -> Result:
        ended = CliRunner().invoke(cli, [*map(str, arguments)], env=env, **options)
        assert ended.exit_code == code, ended.output
        assert api_key not in ended.output
        return ended

    run.environment = env
    return run


def asked(run, *arguments: str, **options):
    """What a command prints as JSON."""
    return json.loads(run(*arguments, "--json", **options).stdout)


def test_what_is_known_of_users_is_shown_and_stated_by_hand(keepsake):
    keepsake("remember", "I live in Lisbon.", "--user", "know1", "--wait")
    stated = keepsake("fact", "Porto", "--attribute", "lives_in", "--user", "know1")
    context = keepsake("context", "Where is my flat?", "--user", "know1").stdout
    (changed, _) = asked(keepsake, "timeline", "--user", "know1")
    users = keepsake("users", "know").stdout

    assert "update profile: Porto (lives_in changed)" in stated.stdout
    assert '- lives in: "Porto"' in context
    assert "Lisbon" not in context
    assert (changed["kind"], changed["before"]["content"]) == ("changed", "I live in Lisbon.")
    assert re.search(r"know1 +1 +1 ", users)
    assert "There are no such users." in keepsake("users", "nobody").stdout


def test_messages_are_remembered_and_recalled_by_what_they_belong_to(keepsake, tmp_path):
    file = tmp_path / "chat.json"
    said = ["I live in Rome.", "I am allergic to nuts."]
    file.write_text(json.dumps([
        message for text in said
        for message in ({"role": "user", "content": text}, {"role": "assistant", "content": "Oh."})
    ]))  # fmt: skip
    tags = ("--agent", "tutor", "--metadata", "case=7")
    remembered = keepsake("remember", "--messages", str(file), "--user", "cl9", *tags, "--wait")

    found = asked(keepsake, "recall", "Where do I live?", "--user", "cl9", *tags)
    exported = keepsake("export", "--user", "cl9", *tags).stdout

    assert "add profile: I am allergic to nuts." in remembered.stdout
    assert found["known"] is True
    other = asked(keepsake, "recall", "Where do I live?", "--user", "cl9", "--metadata", "case=8")
    assert other["known"] is False
    assert {json.loads(line)["metadata"]["case"] for line in exported.splitlines()} == {7}


def test_a_zip_is_uploaded_and_counts_as_stored(keepsake, tmp_path):
    file = tmp_path / "export.zip"
    chats = [{"messages": [{"role": "user", "content": text}]} for text in ("I ski.", "\ud800!")]
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("conversations.json", json.dumps(chats))

    imported = keepsake("import", str(file), "--user", "cl10")
    stored = asked(keepsake, "usage")

    assert "2 conversations, 2 turns are remembered." in imported.stdout
    assert stored["bytes"]["turns"] > 0
    assert stored["limit_bytes"] is None


def test_what_is_remembered_is_recalled(keepsake):
    remembered = keepsake("remember", "I am allergic to peanuts.", "--user", "cl1", "--wait")
    recalled = keepsake("recall", "What am I allergic to?", "--user", "cl1")

    assert "add profile: I am allergic to peanuts." in remembered.stdout
    assert "succeeded" in remembered.stderr
    assert "[1]" in recalled.stdout
    assert "I am allergic to peanuts." in recalled.stdout
    assert asked(keepsake, "recall", "What am I allergic to?", "--user", "cl1")["known"] is True


def test_text_may_come_from_stdin(keepsake):
    keepsake("remember", "-", "--user", "cl2", "--wait", input="I play chess.")

    assert "chess" in keepsake("recall", "-", "--user", "cl2", input="What do I play?").stdout


def test_without_wait_the_job_is_named_and_can_be_followed(keepsake):
    job = asked(keepsake, "remember", "I like tea.", "--user", "cl3")["job_id"]

    assert keepsake("jobs", "watch", job).stderr.endswith("succeeded\n")
    events = keepsake("jobs", "watch", job, "--json").stdout.splitlines()
    assert [json.loads(event)["kind"] for event in events][-1] == "end"
    shown = asked(keepsake, "jobs", "show", job)
    assert (shown["status"], len(shown["attempts"])) == ("succeeded", 1)
    assert "succeeded" in keepsake("jobs", "show", job).stdout


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


def test_jobs_are_listed_by_their_state_and_time(keepsake, busy):
    busy("ann", "cl4")
    listed = partial(asked, keepsake, "jobs", "ls")

    assert [job["status"] for job in listed("--status", "paused")] == ["paused"]
    assert listed("--status", "paused", "--until", "1h") == []
    assert len(listed("--since", "1h", "--type", "memory.ingest", "--limit", 1)) == 1
    assert "paused" in keepsake("jobs", "ls").stdout


def test_jobs_are_cancelled_by_id_or_by_filter_and_counted_first(keepsake, busy):
    busy("ann", "cl5")
    one, *_ = (asked(keepsake, "remember", f"I like {what}.", "--user", "cl5")["job_id"]
               for what in ("rain", "snow", "hail"))  # fmt: skip
    many = partial(asked, keepsake, "jobs", "cancel", "--all", "--status", "pending")

    assert asked(keepsake, "jobs", "cancel", one)[0]["status"] == "cancelled"
    assert (many("--dry-run")["matched"], many("--dry-run")["changed"]) == (2, 0)
    assert many()["changed"] == 2
    assert many()["matched"] == 0
    assert "cancelled" in keepsake("jobs", "show", one).stdout
    keepsake("jobs", "watch", one, code=1)


@pytest.mark.parametrize(
    "arguments",
    [["jobs", "cancel"], ["jobs", "cancel", "job_1", "--all"], ["dead", "replay", "--dry-run"],
     ["jobs", "cancel", "job_1", "--since", "1h"], ["jobs", "pause", "--all"],
     ["jobs", "ls", "--since", "soon"],
     ["erase", "ana"], ["keys", "create"], ["jobs", "ls", "--profile", "a", "--url", "http://b"]],
)  # fmt: skip
def test_what_is_typed_wrong_is_refused(keepsake, arguments):
    keepsake(*arguments, code=2)


def test_only_a_job_that_waits_for_its_next_try_is_tried_again(keepsake):
    job = asked(keepsake, "remember", "I like tea.", "--user", "cl6", "--wait")["job_id"]

    assert "illegal-move" in keepsake("jobs", "retry", job, code=6).stderr
    assert asked(keepsake, "jobs", "retry", "--all")["changed"] == 0


def test_dead_letters_are_listed_counted_and_replayed(keepsake, dead):
    job = dead("I like figs.")

    assert asked(keepsake, "dead", "ls")[0]["job_id"] == job
    assert "no use" in keepsake("dead", "ls").stdout
    causes = asked(keepsake, "dead", "groups")
    assert [(cause["letters"], cause["error_place"]) for cause in causes] == [(1, None)]
    assert "permanent" in keepsake("dead", "groups").stdout
    typed = ("--all", "--dry-run", "--error-type")
    assert asked(keepsake, "dead", "replay", *typed, "permanent")["matched"] == 1
    assert asked(keepsake, "dead", "replay", *typed, "internal")["matched"] == 0
    assert asked(keepsake, "dead", "replay", "--all", "--dry-run")["matched"] == 1
    assert asked(keepsake, "dead", "replay", job)[0]["lineage"] == {"replay_of": job}
    assert "No dead letters." in keepsake("dead", "ls").stdout


def test_a_conversation_is_imported_from_a_file(keepsake, tmp_path):
    file = tmp_path / "chat.txt"
    file.write_text("User: I ski.\nAssistant: Nice.\nUser: I own a boat.\nAssistant: Fine.\n")

    assert "2 turns are remembered." in keepsake("import", file, "--user", "cl7").stdout
    assert "[Errno 2]" in keepsake("import", tmp_path / "none", code=2).stderr


def test_all_of_a_user_is_exported_and_erased_and_comes_back(keepsake, tmp_path):
    keepsake("remember", "I own a boat.", "--user", "cl8", "--wait")
    file = tmp_path / "cl8.jsonl"

    assert asked(keepsake, "export", "--user", "cl8", "--output", file)["records"] >= 2
    lines = keepsake("export", "--user", "cl8").stdout.splitlines()
    assert file.read_text().splitlines() == lines
    assert file.stat().st_mode & 0o777 == 0o600
    assert asked(keepsake, "erase", "cl8", "--yes")["after"]["memories"] == 0
    assert keepsake("export", "--user", "cl8").stdout == ""
    assert "2 turns and memories are back." in keepsake("restore", file, "--user", "cl8").stdout
    again = keepsake("export", "--user", "cl8").stdout.splitlines()
    assert list(map(json.loads, again)) == list(map(json.loads, lines))


def test_a_repository_is_scanned_and_searched(keepsake, repo):
    scanned = keepsake("scan", repo.path, "--wait", "--no-embed", "--label", "team=shop")

    name = f"{repo.path.parent.name}/{repo.path.name}"
    assert name in scanned.stdout
    assert "parse" in scanned.stderr
    assert "app/price.py:1" in keepsake("search-code", name, "what things cost").stdout
    lines = keepsake("search-text", "def price", "--repository", name).stdout
    assert "app/price.py:1" in lines
    assert f"{name} app/price.py:1" in keepsake("search-text", "def price").stdout
    assert asked(keepsake, "refs", name, "price", "--kind", "call")[0]["path"] == "app/shop.py"
    assert "Nothing is known to use it." in keepsake("refs", name, "sell").stdout
    assert "Nothing is known to inherit" in keepsake("subclasses", name, "Shop").stdout
    assert asked(keepsake, "implementations", name, "Shop") == []
    assert "app/price.py:" in keepsake("map", name, "--max-tokens", "100").stdout
    assert keepsake("outline", name, "app/price.py").stdout == "1-3 def price()\n"
    assert keepsake("source", name, "--symbol", "price", "--json").stdout.startswith("{")
    assert keepsake("source", name, "app/price.py", "--to", "1").stdout == "1 def price():\n"
    assert "Older commits may be missing" in keepsake("history", name, "--symbol", "price").stderr
    assert asked(keepsake, "jobs", "ls", "--type", "scanner.scan")[0]["labels"] == {"team": "shop"}


def test_a_scan_that_was_given_up_is_exit_code_1(keepsake, tmp_path):
    failed = keepsake("scan", (tmp_path / "none").as_uri(), "--wait", code=1)

    assert "dead_letter" in failed.stderr.splitlines()[-1]


def test_a_token_is_read_from_a_file_and_shown_nowhere(keepsake, tmp_path, repo, database):
    (tmp_path / "token").write_text("ghp_" + "s3cret" * 6)
    name, file = f"{repo.path.parent.name}/shop", ("--token-file", tmp_path / "token")

    told = [
        keepsake("scan", repo.url, *file, "--run-at", "+2d"),
        keepsake("credential", name, *file),
        keepsake("credential", name),
    ]

    assert "token kept" in told[-1].stdout
    assert not any("s3cret" in each.output for each in told)
    assert database["vault"].count_documents({}) == 2
    assert "token kept" not in keepsake("credential", name, "--forget").stdout
    assert database["vault"].count_documents({}) == 1


def test_an_operator_finds_and_cancels_an_owners_jobs_and_no_others(
    operate, key, environment, busy
):
    for owner in ("bob", "eve"):
        busy(owner, "op1")
        say = as_owner(environment, key(owner))
        for what in ("rain", "snow"):
            say("remember", f"I like {what}.", "--user", "op1", "--label", f"of={owner}")
    listed = partial(asked, operate, "jobs", "ls")

    assert listed() == []
    assert {job["owner"] for job in listed("-A")} == {"bob", "eve"}
    assert {job["owner"] for job in listed("--label", "of=bob", "-A")} == {"bob"}
    assert "bob" in operate("jobs", "ls", "--owner", "bob").stdout
    cancel = partial(asked, operate, "jobs", "cancel", "--all", "--owner", "bob", "--reason", "x")
    assert (cancel("--dry-run")["matched"], cancel()["changed"]) == (3, 3)
    assert [job["status"] for job in listed("--owner", "eve")].count("cancelled") == 0


def test_an_operator_sees_why_anyones_job_waits(operate, keepsake, busy):
    busy("ann", "op2")
    job = asked(keepsake, "remember", "I like rain.", "--user", "op2")["job_id"]

    shown, own = operate("jobs", "show", job).stdout, keepsake("jobs", "show", job).stdout

    assert re.search(r"^owner +ann$", shown, re.MULTILINE)
    assert "lane" in shown.partition("waits for")[2]
    assert "lane" in own.partition("waits for")[2]
    assert asked(operate, "jobs", "show", job)["lanes"][0]["ahead"] == 1
    assert asked(operate, "jobs", "pause", job)[0]["status"] == "paused"
    assert asked(operate, "jobs", "resume", job)[0]["status"] == "pending"
    assert asked(keepsake, "jobs", "pause", job)[0]["status"] == "paused"


def test_a_job_may_be_scheduled_for_later(keepsake):
    later = asked(keepsake, "remember", "I like tea.", "--user", "op3", "--run-at", "+2d",
                  "--priority", "bulk")  # fmt: skip

    assert (later["status"], later["priority"]) == ("scheduled", "bulk")
    assert "run at" in keepsake("jobs", "show", later["job_id"]).stdout


def test_owners_are_listed(operate):
    assert "No owner has jobs." in operate("owners", "ls").stdout
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

    with httpx.Client(headers={"Origin": address.partition("/console")[0]}) as browser:
        answers = [browser.post(address, data={"link": token}).status_code for _ in range(2)]

    assert answers == [303, 401]


def findings(run, *arguments: str):
    """What the doctor says, by part, whatever its exit code."""
    shown = CliRunner().invoke(cli, ["doctor", "--json", *arguments], env=run.environment)
    return {finding["part"]: finding for finding in json.loads(shown.stdout)}


def test_a_healthy_installation_has_nothing_to_mend(operate, alive, worker_of_module, eventually):
    def healthy():
        seen = findings(operate)
        return not [finding for finding in seen.values() if finding["mend"]] and seen

    assert set(eventually(healthy, within=30)) >= {
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
