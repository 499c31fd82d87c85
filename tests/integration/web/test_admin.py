"""What operators see and do, and that it is written down."""

import httpx
import pytest

from keepsake.access.keys import Role

TURN = {"user_query": "I live in Lisbon.", "user_id": "u1"}


@pytest.fixture
def operator(clients):
    return clients("olga", role=Role.OPERATOR)


@pytest.fixture
def observer(clients):
    return clients("otto", role=Role.OPERATOR_READ_ONLY)


@pytest.fixture
def job(alice):
    return alice.post("/v2/memory/ingest", json=TURN).json()


READS = ["queues", "workers", "divergence", "audit", "keys"]


@pytest.mark.parametrize("what", READS)
def test_operators_of_both_kinds_read_and_owners_do_not(alice, operator, observer, what):
    url = f"/v1/admin/{what}"

    assert alice.get(url).status_code == 403
    assert (operator.get(url).status_code, observer.get(url).status_code) == (200, 200)


@pytest.mark.parametrize(
    "act", ["queues/keepsake.memory:pause", "queues/keepsake.memory:resume", "keys/key_x:revoke"]
)
def test_an_observer_changes_nothing(alice, observer, act):
    assert observer.post(f"/v1/admin/{act}").status_code == 403
    assert alice.post(f"/v1/admin/{act}").status_code == 403


def test_a_queue_is_told_from_its_records_and_from_rabbitmq(operator, job, eventually):
    def memory():
        queues = operator.get("/v1/admin/queues").json()["queues"]
        return next(queue for queue in queues if queue["name"] == "keepsake.memory")

    assert (memory()["waiting"], memory()["running"], memory()["paused"]) == (1, 0, None)
    assert memory()["oldest_waiting_seconds"] >= 0
    eventually(lambda: (memory()["rabbitmq"] or {}).get("ready", 0) >= 1, within=20)
    eventually(lambda: (memory()["overflow"] or {}).get("ready") is not None, within=20)


def test_a_paused_queue_starts_nothing_until_it_is_resumed(
    operator, alice, worker, eventually, database
):
    paused = operator.post("/v1/admin/queues/keepsake.memory:pause", json={"reason": "upgrade"})
    process = worker(KEEPSAKE_SWEEP_SECONDS="0.1")
    job = alice.post("/v2/memory/ingest", json=TURN).json()
    eventually(lambda: operator.get("/v1/admin/workers").json()["workers"], within=30)
    waited = alice.get(job["status_url"], params={"wait": 2}).json()

    operator.post("/v1/admin/queues/keepsake.memory:resume")
    ran = alice.get(job["status_url"], params={"wait": 20}).json()

    assert paused.status_code == 204
    assert process.running
    assert (waited["status"], ran["status"]) == ("pending", "succeeded")
    acts = operator.get("/v1/admin/audit").json()["acts"]
    assert [(act["action"], act["by"], act["reason"]) for act in acts] == [
        ("queue.resume", "olga", ""), ("queue.pause", "olga", "upgrade"),
    ]  # fmt: skip
    assert operator.get("/v1/admin/workers").json()["workers"][0]["alive"]


def test_rabbitmqs_console_names_the_worker_and_the_types_that_take_from_a_queue(
    operator, worker, rabbitmq, eventually
):
    worker()
    workers = eventually(lambda: operator.get("/v1/admin/workers").json()["workers"], within=60)
    ids = {row["worker"] for row in workers if row["alive"]}

    def tags():
        """By queue; that another worker has ended is heard of a little later."""
        url = f"{rabbitmq.management_url}/api/consumers/keepsake"
        consumers = httpx.get(url, timeout=30).json()
        named = {row["queue"]["name"]: row["consumer_tag"] for row in consumers}
        told = {tag.split()[0].removeprefix("keepsake-worker@") for tag in named.values()}
        return named if "keepsake.scanner" in named and len(named) > 3 and told <= ids else {}

    named = eventually(tags, within=30)
    assert named["keepsake.scanner"].endswith(" scanner.scan")
    assert (
        " memory.batch_ingest, memory.embed, memory.fact, memory.import, memory.ingest,"
        " memory.migrate_models, memory.scrape, memory.upload" in named["keepsake.memory"]
    )


def test_divergence_counts_what_is_not_notified_or_lost_its_lease(operator, job, database):
    long_ago = [{"$set": {"notify_at": {"$dateSubtract": {
        "startDate": "$$NOW", "unit": "hour", "amount": 1}}}}]  # fmt: skip
    before = operator.get("/v1/admin/divergence").json()
    database["jobs"].update_one({}, long_ago)

    kinds = ("unpublished", "unnotified", "lease_expired", "postdated", "unknown", "indexes")
    assert before == dict.fromkeys(kinds, 0)
    after = operator.get("/v1/admin/divergence").json()
    assert after == {**before, "unpublished": 1, "unnotified": 1}


def test_a_key_is_made_with_what_it_may_do_and_revoked(operator, clients):
    wanted = {"owner": "carol", "scopes": ["jobs"], "name": "ci", "limits": {"backlog": 5}}

    created = operator.post("/v1/admin/keys", json=wanted)
    carol = clients(None)
    carol.headers["Authorization"] = f"Bearer {created.json()['key']}"
    before = carol.get("/v1/jobs").status_code
    revoked = operator.post(f"/v1/admin/keys/{created.json()['about']['key_id']}:revoke")

    assert (created.status_code, before) == (201, 200)
    assert created.json()["about"]["limits"] == {
        "requests_per_second": None, "backlog": 5, "stored_bytes": None}  # fmt: skip
    assert revoked.json()["revoked_at"]
    listed = operator.get("/v1/admin/keys", params={"owner": "carol"})
    assert created.json()["key"] not in listed.text
    assert "hash" not in listed.text
    actions = [act["action"] for act in operator.get("/v1/admin/audit").json()["acts"]]
    assert actions == ["key.revoke", "key.create"]


def test_an_expired_key_is_refused(operator, clients):
    created = operator.post(
        "/v1/admin/keys", json={"owner": "carol", "expires_at": "2020-01-01T00:00:00Z"}
    )
    carol = clients(None)
    carol.headers["Authorization"] = f"Bearer {created.json()['key']}"

    assert carol.get("/v1/jobs").status_code == 401


def test_the_audit_log_is_read_page_by_page(operator):
    for _ in range(3):
        operator.post("/v1/admin/queues/keepsake.scanner:resume")

    first = operator.get("/v1/admin/audit", params={"page_size": 2}).json()
    rest = operator.get("/v1/admin/audit", params={"page_token": first["next_page_token"]}).json()

    assert (len(first["acts"]), len(rest["acts"]), rest["next_page_token"]) == (2, 1, None)


def test_owners_see_their_dead_letters_and_operators_all(alice, clients, operator, job, dead):
    dead(job)
    url = f"/v1/dead-letters/{job['job_id']}"

    assert [
        letter["job_id"] for letter in alice.get("/v1/dead-letters").json()["dead_letters"]
    ] == [job["job_id"]]
    assert alice.get(url).json()["payload"]["user_query"] == TURN["user_query"]
    assert clients("bob").get("/v1/dead-letters").json()["dead_letters"] == []
    assert clients("bob").get(url).status_code == 404
    assert operator.get(url).json()["payload"] is None
    assert "Lisbon" not in operator.get("/v1/dead-letters").text


def test_an_operators_replay_is_the_owners_job_and_is_audited(alice, operator, observer, job, dead):
    dead(job)
    url = f"/v1/dead-letters/{job['job_id']}"

    refused = observer.post(f"{url}:replay")
    replayed = operator.post(f"{url}:replay")

    assert (refused.status_code, replayed.status_code) == (403, 202)
    assert alice.get(replayed.json()["status_url"]).json()["lineage"]["replay_of"] == job["job_id"]
    assert alice.get("/v1/dead-letters?status=open").json()["dead_letters"] == []
    acts = operator.get("/v1/admin/audit").json()["acts"]
    assert [(act["action"], act["target"]) for act in acts] == [
        ("dead-letter.replay", job["job_id"])
    ]


def test_a_discarded_letter_has_no_payload(alice, job, dead):
    dead(job)
    url = f"/v1/dead-letters/{job['job_id']}"

    assert alice.post(f"{url}:discard").status_code == 204
    assert alice.get(url).json()["payload"] is None
    assert alice.post(f"{url}:replay").status_code == 409
