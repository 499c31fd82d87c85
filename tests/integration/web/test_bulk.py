"""One action on all jobs that a filter names."""

import pytest

from keepsake.access.keys import Role

TURN = {"user_query": "I live in Lisbon.", "user_id": "u1"}


@pytest.fixture
def three(alice):
    return [
        alice.post("/v2/memory/ingest", json={**TURN, "user_query": f"I like {n}."}).json()
        for n in range(3)
    ]


def test_a_dry_run_counts_and_changes_nothing(alice, three):
    counted = alice.post("/v1/jobs:cancel", json={"dry_run": True}).json()

    assert (counted["matched"], counted["changed"], counted["remaining"]) == (3, 0, 3)
    assert {job["status"] for job in alice.get("/v1/jobs").json()["jobs"]} == {"pending"}


def test_a_bulk_cancel_takes_what_the_filter_names_and_is_the_owners_only(alice, clients, three):
    theirs = clients("bob").post("/v2/memory/ingest", json=TURN).json()
    alice.post(f"{three[0]['status_url']}:pause")

    done = alice.post("/v1/jobs:cancel", json={"status": ["pending"], "reason": "all"}).json()

    assert (done["matched"], done["changed"], done["refused"], done["remaining"]) == (2, 2, 0, 0)
    assert set(done["job_ids"]) == {three[1]["job_id"], three[2]["job_id"]}
    assert alice.get(three[0]["status_url"]).json()["status"] == "paused"
    assert clients("bob").get(theirs["status_url"]).json()["status"] == "pending"
    nothing = {"status": ["succeeded"], "dry_run": False}
    assert alice.post("/v1/jobs:cancel", json=nothing).json()["matched"] == 0


def test_a_bulk_action_is_bounded_by_time_of_creation(alice, three):
    second = alice.get(three[1]["status_url"]).json()["created_at"]

    counted = alice.post("/v1/jobs:cancel", json={"created_after": second, "dry_run": True}).json()

    assert counted["matched"] == 2


def test_dead_letters_are_replayed_once(alice, three, dead):
    dead(three[0])
    dead(three[1])

    first = alice.post("/v1/jobs:replay", json={}).json()
    second = alice.post("/v1/jobs:replay", json={}).json()

    assert (first["changed"], second["matched"]) == (2, 0)
    assert alice.get(f"/v1/jobs/{first['job_ids'][0]}").json()["lineage"]["replay_of"]


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"state": ["pending"]}, "/state"),
        ({"status": ["lost"]}, "/status/0"),
        ({"created_after": "yesterday"}, "/created_after"),
        ({"created_after": "2026-01-01T00:00:00"}, "/created_after"),
    ],
)
def test_a_filter_that_does_not_fit_touches_nothing(alice, three, body, pointer):
    refused = alice.post("/v1/jobs:cancel", json=body)

    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, pointer)
    assert {job["status"] for job in alice.get("/v1/jobs").json()["jobs"]} == {"pending"}


def test_dead_letters_are_grouped_by_cause_and_a_group_is_replayed(alice, clients, three, dead):
    root = clients("root", role=Role.OPERATOR)
    bobs = clients("bob").post("/v2/memory/ingest", json=TURN).json()
    deaths = [("internal", ["a.py:1 f"]), ("internal", ["a.py:1 f"]), ("internal", None)]
    for job, (kind, places) in zip([three[0], bobs, three[1]], deaths, strict=True):
        dead(job, type=kind, **({"traceback": ["outer.py:9 g", *places]} if places else {}))
    dead(three[2], type="too-large")

    def groups(client, **query):
        rows = client.get("/v1/dead-letters/groups", params=query).json()["groups"]
        return {(row["error_type"], row["error_place"]): row for row in rows}

    everybodys = groups(root)
    counted = {cause: (row["letters"], row["owners"]) for cause, row in everybodys.items()}
    assert counted == {
        ("internal", "a.py:1 f"): (2, 2), ("internal", "unknown"): (1, 1),
        ("too-large", "unknown"): (1, 1),
    }  # fmt: skip
    assert next(iter(everybodys.values()))["job_id"] == bobs["job_id"]
    own = {cause: row["letters"] for cause, row in groups(alice).items()}
    assert own == {("internal", None): 2, ("too-large", None): 1}
    assert groups(root, owner="bob").keys() == {("internal", "a.py:1 f")}

    cause = {"type": ["memory.ingest"], "error_type": "internal", "error_place": "a.py:1 f"}
    matched = root.post("/v1/admin/jobs:replay", json={**cause, "dry_run": True}).json()["matched"]
    done = root.post("/v1/admin/jobs:replay", json=cause).json()
    rest = alice.post("/v1/jobs:replay", json={"error_type": "too-large"}).json()

    assert (matched, done["changed"], rest["changed"]) == (2, 2, 1)
    assert groups(root).keys() == {("internal", "unknown")}
