"""`/v1/scanner` while no worker has taken the scan, and what it refuses."""

import pytest

STATUS = {"org_id": "acme", "repo": "shop"}
NAMED = {**STATUS, "username": "ignored"}


def phases(answer):
    return answer["phase1_status"], answer["phase2_status"]


def test_a_scan_under_way_answers_for_another_request(ann, repo):
    body = {"github_url": repo.url, "branch": "main"}

    first = ann.post("/v1/scanner/scan", json=body).json()
    second = ann.post("/v1/scanner/scan", json=body).json()

    assert phases(first) == ("pending", "pending")
    assert (second["job_id"], second["message"]) == (first["job_id"], "Scan already in progress")


def test_pause_and_resume_are_the_owners_alone(ann, scanners, repo):
    ann.post("/v1/scanner/scan", json={"github_url": repo.url, "branch": "main"})
    bob = scanners("bob")

    others = bob.post("/v1/scanner/pause", json={**NAMED, "username": "ann"})
    paused = ann.post("/v1/scanner/pause", json=NAMED).json()
    again = ann.post("/v1/scanner/pause", json=NAMED)
    held = ann.get("/v1/scanner/status", params=STATUS).json()
    resumed = ann.post("/v1/scanner/resume", json=NAMED).json()
    not_paused = ann.post("/v1/scanner/resume", json=NAMED)

    assert (others.status_code, others.json()) == (
        404, {"status": "error", "error": "No scan job found for this repository."},
    )  # fmt: skip
    assert (paused["status"], *phases(paused)) == ("ok", "paused", "pending")
    assert (again.status_code, again.json()["error"]) == (400, "No active scan to pause.")
    assert phases(held) == ("paused", "pending")
    assert phases(resumed) == ("pending", "pending")
    assert (not_paused.status_code, not_paused.json()["error"]) == (400, "Scan is not paused.")


def test_what_was_never_scanned_says_so(ann):
    assert ann.get("/v1/scanner/status", params=STATUS).json() == {
        "status": "ok", "phase1_status": "not_started", "phase2_status": "not_started",
    }  # fmt: skip
    assert ann.get("/v1/scanner/repos").json() == {"status": "ok", "repos": []}
    assert ann.post("/v1/scanner/pause", json=NAMED).status_code == 404
    assert ann.post("/v1/scanner/resume", json=NAMED).status_code == 404


def test_a_cancelled_scan_is_over(ann, repo):
    job = ann.post("/v1/scanner/scan", json={"github_url": repo.url, "branch": "main"}).json()
    ann.post(f"/v1/jobs/{job['job_id']}:cancel", json={"reason": "enough"})

    assert phases(ann.get("/v1/scanner/status", params=STATUS).json()) == ("failed", "not_started")


def test_the_token_is_in_the_vault_alone_and_needs_one(ann, alice, repo, database):
    pat = "ghp_canary0123456789"

    kept = ann.post("/v1/scanner/scan", json={"github_url": repo.url, "pat": pat})
    without = alice.post("/v1/scanner/scan",
                         json={"github_url": "https://localhost/a/b", "pat": pat})  # fmt: skip

    stored = str([list(database[name].find()) for name in database.list_collection_names()])
    assert database["vault"].count_documents({}) == 1
    assert pat not in stored + kept.text + without.text
    assert (without.status_code, without.json()["status"]) == (503, "error")


REFUSED = [
    (401, "GET", "repos", {"headers": {"Authorization": "Bearer no"}}),
    (404, "GET", "nowhere", {}),
    (405, "GET", "scan", {}),
    (400, "POST", "scan", {"json": {"github_url": "http://example.com/?https://github.com/o/r"}}),
    (400, "POST", "scan", {"json": {"github_url": "--upload-pack=x github.com/o/r"}}),
    (400, "POST", "scan", {"json": {"github_url": "https://ghp_x@github.com/o/r"}}),
    (400, "POST", "validate-url", {"json": {"github_url": "not a url"}}),
    (400, "POST", "scan", {"json": {"github_url": "https://a..b/x/y"}}),
    (400, "POST", "scan", {"json": {"github_url": "file:///a%00b"}}),
    (400, "POST", "scan", {"json": {"github_url": "https://github.com/o/r", "branch": "a\0b"}}),
    (
        400,
        "POST",
        "validate-url",
        {"json": {"github_url": "https://github.com/o/r", "branch": "a\0b"}},
    ),
    (400, "GET", "branches", {"params": {"github_url": "https://a..b/x/y"}}),
    (400, "GET", "branches", {"params": {"github_url": "https://github.com/o/r", "pat": "ghp_x"}}),
    (422, "POST", "scan", {"json": {"github_url": ""}}),
    (422, "POST", "pause", {"json": {"username": "ann", "repo": "shop"}}),
    (422, "POST", "chat", {"json": {**STATUS, "query": ""}}),
    (422, "POST", "chat", {"json": {**STATUS, "query": "x", "top_k": 51}}),
    (422, "GET", "public-indexes", {"params": {"limit": 501}}),
    (403, "POST", "chat", {"json": {**STATUS, "query": "x"}}),
    (403, "POST", "index-visibility", {"json": {**NAMED, "share_index_publicly": True}}),
]


@pytest.mark.parametrize(("status", "method", "path", "sent"), REFUSED)
def test_what_is_refused_is_flat_and_says_why(ann, status, method, path, sent):
    answer = ann.request(method, f"/v1/scanner/{path}", **sent)

    assert (answer.status_code, set(answer.json())) == (status, {"status", "error"})
    assert (answer.json()["status"], bool(answer.json()["error"])) == ("error", True)
    assert "ghp_x" not in answer.text
