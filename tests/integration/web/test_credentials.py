"""Tokens that a git host refuses, and new ones, over HTTP."""

import json

import pytest

from tests.integration.scanner.githost import GitHost

SCANS = "/v2/scanner/scans"
SHOP = "/v2/scanner/repositories/acme/shop"
GOOD, EXPIRED = "ghp_goodcanary0123456789", "ghp_expiredcanary0123456789"


@pytest.fixture
def host(repo):
    """A host that opens a repository to one token."""
    host = GitHost(repo.path.parent.parent)
    host.token = GOOD
    yield host
    host.close()


@pytest.fixture
def url(host):
    return f"{host.base}/acme/shop/.git"


def test_a_refused_token_stops_all_scans_until_there_is_a_new_one(
    ann, scan_worker, host, url, database
):
    wait = {"Prefer": "wait=30"}
    failed = ann.post(SCANS, json={"url": url, "token": EXPIRED}, headers=wait).json()
    asked = host.asked
    refused = [
        ann.post(SCANS, json={"url": url}),
        ann.post(SCANS, json={"url": url, "token": EXPIRED}),
        ann.post("/v2/scanner/estimates", json={"url": url}),
    ]
    flat = ann.post("/v1/scanner/scan", json={"github_url": url, "pat": EXPIRED})
    marked = ann.get(SHOP).json()["access"]
    asked = host.asked - asked
    resumed = ann.put(f"{SHOP}/credential", json={"token": GOOD}).json()
    (job_id,) = resumed["job_ids"]
    result = ann.get(f"/v1/jobs/{job_id}", params={"wait": 30}).json()
    again = ann.post(SCANS, json={"url": url}, headers=wait).json()

    assert (failed["status"], failed["error"]["kind"], failed["error"]["type"]) == (
        "dead_letter", "credential", "unauthorised",
    )  # fmt: skip
    assert {(answer.status_code, answer.json()["type"]) for answer in refused} == {
        (409, "/problems#token-needed")
    }
    assert (flat.status_code, asked) == (400, 0)
    assert (marked["kept_at"], marked["waiting"]) == (None, 1)
    assert marked["refused_at"]
    assert resumed["repository"]["access"]["refused_at"] is None
    assert (result["status"], again["status"]) == ("succeeded", "succeeded")
    stored = [list(database[name].find()) for name in database.list_collection_names()]
    kept = json.dumps([stored, refused[0].json(), marked, resumed], default=str)
    assert GOOD not in kept
    assert EXPIRED not in kept
    assert ann.delete(SHOP).status_code == 200
    assert database["vault"].count_documents({}) == 0
