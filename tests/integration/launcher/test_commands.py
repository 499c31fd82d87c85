"""What operators type beside the database: `keepsake issue-key | indexes | migrate | vault`."""

import base64
import json
import os
from datetime import UTC, datetime, timedelta
from subprocess import CompletedProcess

import pytest
from pydantic import SecretStr

from keepsake.access.keys import ADMIN, ALL_SCOPES, JOBS, KeyStore, Principal, Role
from keepsake.jobs.vault import Vault, VaultSettings
from keepsake.launcher.administration import ensure_indexes
from keepsake.storage.secrecy import write_secret
from tests.forks import keepsake

SECRET = SecretStr("ghp_" + "s3cret" * 6)


@pytest.fixture(autouse=True)
def _emptied(database):
    ensure_indexes(database)


def command(*arguments: str, **environment: str) -> CompletedProcess[str]:
    return keepsake(*arguments, environment={**os.environ, **environment})


def acts(database):
    acts = list(database["audit"].find())
    assert {act["by"].partition(": ")[0] for act in acts} <= {"command line"}
    return [(act["action"], act["target"]) for act in acts]


def a_key() -> str:
    return base64.b64encode(os.urandom(32)).decode()


def vault(database, keys: str) -> Vault:
    return Vault(database, VaultSettings(secret_key=SecretStr(keys)))


@pytest.mark.parametrize("arguments", ["issue-key --owner ana", "indexes", "vault rewrap"])
def test_a_setting_that_nobody_knows_is_refused(database, arguments):
    run = command(*arguments.split(), KEEPSAKE_MONGO_URI="mongodb://x/")

    assert (run.returncode, run.stdout) == (2, "")
    assert run.stderr == ("keepsake: KEEPSAKE_MONGO_URI is no setting: is it KEEPSAKE_MONGO_URL?\n")


def test_settings_are_listed_with_who_needs_them():
    shown = command("settings").stdout

    assert "### To scan repositories" in shown
    assert "\n| `KEEPSAKE_LEASE_SECONDS` | `30` | A worker silent for this long" in shown


def test_indexes_can_be_shown_and_repaired(database):
    elsewhere = {"KEEPSAKE_MONGO_DATABASE": "fresh"}

    assert "missing    jobs.key_slot" in command("indexes", **elsewhere).stdout
    assert command("indexes", "--repair", **elsewhere).returncode == 0
    shown = command("indexes", **elsewhere)
    assert (shown.returncode, shown.stdout.count("missing")) == (0, 0)
    assert acts(database.client["fresh"]) == [("indexes.repair", "fresh")]


def test_migrations_are_asked_for_once_shown_and_not_finished_beside_former_workers(database):
    database["memories"].insert_one({"_id": "mem_1"})

    asked, again = (command("migrate") for _ in range(2))
    shown = json.loads(command("migrate", "--show", "--json").stdout)
    heard = datetime.now(UTC) + timedelta(seconds=4)
    database["workers"].insert_one({"_id": "vm:1-former", "heartbeat_at": heard})
    refused = command("migrate", "--finish")

    jobs = {job["type"]: job["_id"] for job in database["jobs"].find({}, {"type": 1})}
    (asked_for,) = jobs  # there is nothing for the others
    assert [line.split() for line in asked.stdout.splitlines() if asked_for in line] == [
        ["not", "begun", "memory.migrate_models", jobs["memory.migrate_models"], "pending"]
    ]
    assert asked.stdout == again.stdout
    assert {row["job_id"] for row in shown} == {None, jobs["memory.migrate_models"]}
    assert (asked.returncode, refused.returncode, refused.stdout) == (1, 1, "")
    assert refused.stderr == "keepsake: workers of a former version live: vm:1-former\n"
    assert acts(database) == [("migrate", "records")] * 2 + [("migrate", "finish")]


def test_a_key_is_made_as_over_http_and_audited(database):
    run = command(
        "issue-key", "--owner", "ana", "--role", "operator", "--scope", "jobs", "--scope", "admin",
        "--organisation", "acme", "--expires-at", "2100-01-31T00:00:00Z", "--name", "laptop",
    )  # fmt: skip

    principal = KeyStore(database).principal(run.stdout.strip())
    assert principal == Principal(
        "ana", Role.OPERATOR, principal.key_id, frozenset({JOBS, ADMIN}),
        principal.limits, ("acme",), principal.seconds_left,
    )  # fmt: skip
    (key,) = KeyStore(database).listed("ana")
    assert (key["name"], key["expires_at"].year) == ("laptop", 2100)
    assert acts(database) == [("key.create", "ana")]
    assert run.stdout.strip() not in str(list(database["audit"].find()))


def test_a_key_needs_no_more_than_an_owner(database):
    key = command("issue-key", "--owner", "ana").stdout.strip()

    assert KeyStore(database).principal(key).scopes == frozenset(ALL_SCOPES)


@pytest.mark.parametrize(
    ("arguments", "field"),
    [(["--owner", "a b"], "owner"), (["--owner", "ana", "--expires-at", "soon"], "expires_at")],
)
def test_a_key_that_http_would_refuse_is_refused_in_one_line(database, arguments, field):
    run = command("issue-key", *arguments)

    assert (run.returncode, len(run.stderr.splitlines())) == (2, 1)
    assert run.stderr.startswith(f"keepsake: {field}: ")
    assert (acts(database), KeyStore(database).listed()) == ([], [])


@pytest.mark.parametrize("given", ["environment", "file", "data directory"])
def test_the_vaults_key_is_rotated_by_one_command(database, tmp_path, given):
    old, new = a_key(), a_key()
    reference = vault(database, old).put("alice", SECRET, ttl_seconds=600)
    write_secret(tmp_path / "vault-key", f"{new},{old}")
    where = {
        "environment": {"KEEPSAKE_SECRET_KEY": f"{new},{old}"},
        "file": {"KEEPSAKE_SECRET_KEY_FILE": str(tmp_path / "vault-key")},
        "data directory": {"KEEPSAKE_DATA_DIR": str(tmp_path)},
    }[given]

    first, again = (command("vault", "rewrap", **where) for _ in range(2))

    assert [run.stdout for run in (first, again)] == ["sealed anew: 1\n", "sealed anew: 0\n"]
    assert (first.returncode, first.stderr) == (0, "")
    assert vault(database, new).reveal("alice", reference) == SECRET
    assert acts(database) == [("vault.rewrap", "vault")] * 2


def test_what_no_key_opens_is_told(database):
    lost = vault(database, a_key()).put("alice", SECRET, ttl_seconds=600)

    run = command("vault", "rewrap", KEEPSAKE_SECRET_KEY=a_key())

    assert (run.returncode, run.stdout) == (1, "sealed anew: 0\n")
    assert run.stderr == f"no key that is set opens {lost}\n"


def test_without_a_key_the_vault_says_what_to_set(database, tmp_path):
    run = command("vault", "rewrap", KEEPSAKE_DATA_DIR=str(tmp_path), KEEPSAKE_SECRET_KEY="")

    assert (run.returncode, len(run.stderr.splitlines())) == (1, 1)
    assert "KEEPSAKE_SECRET_KEY" in run.stderr
