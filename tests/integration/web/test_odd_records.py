"""Keys, acts, workers, queues and repositories that cannot be read: all others are shown."""

from datetime import UTC, datetime

import pytest

from keepsake.access.keys import SCHEMA, KeyStore, Role
from keepsake.jobs.relay import Relay
from keepsake.memory.job_types import MEMORY_QUEUE
from keepsake.parts import job_types
from keepsake.scanner.store import SCHEMA as SCANNER_SCHEMA
from keepsake.storage import mongo
from middleware.notifier import Notifier
from tests.factories import a_job

BASE = "/v2/scanner/repositories"


@pytest.fixture
def operator(clients):
    return clients("ops", role=Role.OPERATOR)


@pytest.mark.parametrize(
    "change", [{"role": "auditor"}, {"schema": SCHEMA + 1}, {"limits": 7}, {"scopes": None}]
)
def test_a_key_that_cannot_be_read_opens_nothing_and_is_no_fault_of_ours(clients, database, change):
    bob = clients("bob")
    database["api_keys"].update_one({"owner": "bob"}, {"$set": change})

    refused = bob.get("/v1/jobs")

    assert (refused.status_code, refused.json()["type"]) == (503, "/problems#record-unreadable")


def test_what_a_later_version_grants_is_not_granted_here(clients, database):
    bob = clients("bob")
    added = {"scopes": ["jobs", "billing"], "limits.bytes_per_second": 7}
    database["api_keys"].update_one({"owner": "bob"}, {"$set": added})

    assert bob.get("/v1/jobs").status_code == 200
    assert bob.get("/v2/memory/memories").status_code == 403


def test_operators_lists_go_on_beside_what_cannot_be_read(operator, database):
    KeyStore(database).create("carol")
    database["api_keys"].insert_one({"_id": "key_odd", "hash": "h", "created_at": 7})
    database["audit"].insert_one({"_id": "act_odd", "at": datetime.now(UTC)})
    database["workers"].insert_one({"_id": "w_odd", "heartbeat_at": "now"})
    database["queues"].insert_one({"_id": MEMORY_QUEUE.name, "paused": True})

    owners = {key["owner"] for key in operator.get("/v1/admin/keys").json()["keys"]}
    assert owners == {"ops", "carol"}
    assert operator.get("/v1/admin/audit").json()["acts"] == []
    assert operator.get("/v1/admin/workers").status_code == 200
    shown = {queue["name"]: queue for queue in operator.get("/v1/admin/queues").json()["queues"]}
    assert shown[MEMORY_QUEUE.name]["paused"]


def test_a_due_job_that_cannot_be_read_is_logged_once(engine, database, caplog, monkeypatch):
    monkeypatch.setattr(mongo, "_reported", set())
    job = engine.acceptance.accept(a_job()).job
    database["jobs"].update_one(
        {}, {"$set": {"token": "x", "notify_at": datetime(2026, 1, 1, tzinfo=UTC)}}
    )
    relay = Relay(engine.records, Notifier(None, job_types()).notify_soon, lambda _: 0)

    for _ in range(200):
        relay.run_once()

    lines = [record for record in caplog.records if record.msg == "record.unreadable"]
    assert [record.job_id for record in lines] == [job.id]


@pytest.fixture
def two(ann, scanned, database):
    """Two scanned repositories, of which the first is to be spoilt."""
    scanned()
    record = database["code_repositories"].find_one()
    head = database["code_indexes"].find_one()
    other = {**record, "_id": "other", "repo": "store", "url": record["url"] + "2"}
    database["code_repositories"].insert_one(other)
    database["code_indexes"].insert_one({**head, "_id": "other", "repository": "other"})
    return record["_id"], head["_id"]


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("code_repositories", {"schema": SCANNER_SCHEMA + 1}),
        ("code_repositories", {"shared_with": "all"}),
        ("code_repositories", {"url": 7}),
        ("code_indexes", {"current.index_stats": 7}),
    ],
)
def test_repositories_are_listed_beside_one_that_cannot_be_read(ann, two, database, name, change):
    database[name].update_one({"_id": two[name == "code_indexes"]}, {"$set": change})

    listed = ann.get(BASE)
    assert listed.status_code == 200
    assert [repository["repo"] for repository in listed.json()["repositories"]] == ["store"]
    assert ann.get("/v1/scanner/repos").status_code == 200
    assert ann.get(f"{BASE}/acme/shop").status_code in {404, 503}


@pytest.mark.parametrize("payload", [7, None, "all", ["all"]])
def test_repositories_are_listed_beside_a_scan_that_cannot_be_read(ann, two, database, payload):
    spoilt = database["jobs"].update_many({"type": "scanner.scan"}, {"$set": {"payload": payload}})

    assert spoilt.modified_count == 1
    listed = ann.get(BASE)
    assert listed.status_code == 200
    assert "store" in [repository["repo"] for repository in listed.json()["repositories"]]
    assert ann.get("/v1/scanner/repos").status_code == 200


@pytest.mark.parametrize(
    "change", [{"schema": SCANNER_SCHEMA + 1}, {"current.generation": "x"}, {"branch": None}]
)
def test_an_index_that_cannot_be_read_is_not_searched(ann, two, database, change):
    database["code_indexes"].update_one({"_id": two[1]}, {"$set": change})

    assert ann.get(f"{BASE}/acme/shop/symbols", params={"name": "Shop"}).status_code == 404
    assert ann.get(f"{BASE}/acme/store/symbols", params={"name": "Shop"}).status_code == 200
    shown = {repository["repo"]: repository for repository in ann.get(BASE).json()["repositories"]}
    assert shown["shop"]["indexes"] == []


def test_every_new_record_of_keys_and_repositories_says_its_schema(ann, scanned, database):
    scanned()

    assert database["api_keys"].distinct("schema") == [SCHEMA]
    for name in ("code_repositories", "code_indexes"):
        assert database[name].distinct("schema") == [SCANNER_SCHEMA]
