"""Clients' own words for jobs: given with any request that makes one, shown, and found by."""

import pytest

TURN = {"user_query": "I live in Lisbon.", "user_id": "u1"}
LABELS = {"team": "cli", "run": "2026:41"}
SUBMITS = {
    "/v2/memory/ingest": TURN,
    "/v2/memory/batch-ingest": {"items": [TURN]},
    "/v2/memory/scrape": {"transcript": "User: I ski.\nAssistant: Nice.", "user_id": "u1"},
    "/v2/scanner/scans": {"url": "https://example.com/acme/shop"},
}


def listed(client, *labels):
    answer = client.get("/v1/jobs", params={"label": labels})
    return [job["job_id"] for job in answer.json()["jobs"]]


@pytest.fixture
def job(alice):
    return alice.post("/v2/memory/ingest", json={**TURN, "labels": LABELS}).json()


@pytest.mark.parametrize("path", SUBMITS)
def test_every_request_that_makes_a_job_takes_labels_and_none_is_in_the_payload(
    alice, database, path
):
    headers = {"Idempotency-Key": "a-key"}

    made = alice.post(path, json={**SUBMITS[path], "labels": LABELS}, headers=headers)

    assert (made.status_code, made.json()["labels"]) == (202, LABELS)
    assert alice.get(made.headers["Location"]).json()["labels"] == LABELS
    assert "labels" not in database["jobs"].find_one()["payload"]
    assert listed(alice, "team:cli") == [made.json()["job_id"]]


def test_jobs_are_found_by_all_of_the_labels_that_are_named(alice, clients, job):
    other = alice.post("/v2/memory/ingest", json={"user_query": "Hi.", "labels": {"team": "cli"}})
    theirs = clients("bob")
    theirs.post("/v2/memory/ingest", json={**TURN, "labels": LABELS})

    assert listed(alice, "team:cli") == [other.json()["job_id"], job["job_id"]]
    assert listed(alice, "team:cli", "run:2026:41") == [job["job_id"]]
    assert listed(alice, "team:other") == listed(alice, "run:2026") == []


def test_labels_filter_beside_states_and_page_by_page(alice, job):
    for n in range(3):
        alice.post("/v2/memory/ingest", json={"user_query": f"I like {n}.", "labels": LABELS})
    alice.post(f"{job['status_url']}:cancel")

    params = {"label": "team:cli", "status": ["pending", "cancelled"], "page_size": 2}
    first = alice.get("/v1/jobs", params=params).json()
    second = alice.get("/v1/jobs", params={**params, "page_token": first["next_page_token"]})

    assert [len(first["jobs"]), len(second.json()["jobs"])] == [2, 2]
    assert second.json()["jobs"][-1]["job_id"] == job["job_id"]
    unfinished = alice.get("/v1/jobs", params={"label": "team:cli", "status": "pending"}).json()
    assert len(unfinished["jobs"]) == 3
    moved = {**params, "label": "team:x", "page_token": first["next_page_token"]}
    assert alice.get("/v1/jobs", params=moved).status_code in {400, 422}


def test_the_same_request_with_other_labels_is_the_same_job(alice, job):
    for headers in ({}, {"Idempotency-Key": "one"}, {"Idempotency-Key": "one"}):
        body = {**TURN, "labels": {"team": f"other-{len(headers)}"}}
        again = alice.post("/v2/memory/ingest", json=body, headers=headers)
        assert again.status_code == 202
        if not headers:
            assert again.json()["job_id"] == job["job_id"]
            assert again.json()["labels"] == LABELS

    assert again.headers["Idempotency-Replayed"] == "true"


def test_bulk_actions_mean_jobs_of_a_label(alice, job, dead):
    other = alice.post("/v2/memory/ingest", json={"user_query": "I sail.", "labels": {"a": "b"}})
    dead(job)

    assert alice.post("/v1/jobs:cancel", json={"label": ["a:c"]}).json()["matched"] == 0
    cancelled = alice.post("/v1/jobs:cancel", json={"label": ["a:b"]}).json()
    assert cancelled["job_ids"] == [other.json()["job_id"]]
    assert alice.post("/v1/jobs:replay", json={"label": ["team:x"]}).json()["matched"] == 0
    replayed = alice.post("/v1/jobs:replay", json={"label": ["team:cli"]}).json()
    assert alice.get(f"/v1/jobs/{replayed['job_ids'][0]}").json()["labels"] == LABELS


@pytest.mark.parametrize(
    ("labels", "pointer"),
    [
        ({f"n{n}": "" for n in range(17)}, "/labels"),
        ({"a b": "c"}, "/labels/a b/[key]"),
        ({"": "c"}, "/labels//[key]"),
        ({"a:b": "c"}, "/labels/a:b/[key]"),
        ({"$a": "c"}, "/labels/$a/[key]"),
        ({"n" * 65: "c"}, f"/labels/{'n' * 64}/[key]"),
        ({"a": "c" * 257}, "/labels/a"),
        ({"a": "b\nc"}, "/labels/a"),
        ({"a": 1}, "/labels/a"),
        ({"a": {"b": "c"}}, "/labels/a"),
        (["a"], "/labels"),
        (None, "/labels"),
    ],
)
def test_labels_out_of_their_bounds_make_no_job(alice, labels, pointer):
    refused = alice.post("/v2/memory/ingest", json={**TURN, "labels": labels})

    assert refused.status_code == 422
    assert refused.json()["errors"][0]["pointer"] == pointer
    assert alice.get("/v1/jobs").json()["jobs"] == []


@pytest.mark.parametrize("label", ["team", ":cli", "a b:c", "a:\n", "n" * 65 + ":c"])
def test_a_filter_that_names_no_label_is_refused(alice, label):
    refused = alice.get("/v1/jobs", params={"label": label})

    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/label/0")
