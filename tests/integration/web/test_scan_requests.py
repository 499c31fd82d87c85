"""Requests for scans that no worker has taken yet."""

import pytest

from keepsake.access.keys import KeyLimits

BASE = "/v2/scanner/repositories"


def test_a_scan_is_seen_from_its_first_moment_to_a_bad_end(ann, repo, worker, allowed, eventually):
    def status():
        (shown,) = ann.get(BASE).json()["repositories"]
        return shown["phase1"]["status"], shown["phase2"]["status"], shown["error"]

    job = ann.post("/v2/scanner/scans", json={"url": repo.url, "branch": "nowhere"}).json()
    seen = [status()]
    ann.post(f"{job['status_url']}:pause")
    seen.append(status())
    ann.post(f"{job['status_url']}:resume")
    worker(**allowed)
    eventually(lambda: status()[0] == "failed", within=30)

    assert seen == [("pending", "pending", None), ("paused", "pending", None)]
    assert status()[1] == "not_started"
    assert "no branch" in status()[2]


def test_a_list_of_many_comes_page_by_page(ann, tmp_path):
    for name in ("a", "b", "c"):
        url = f"file://{tmp_path}/org/{name}"
        assert ann.post("/v2/scanner/scans", json={"url": url}).status_code == 202

    first = ann.get(BASE, params={"page_size": 2}).json()
    second = ann.get(BASE, params={"page_size": 2, "page_token": first["next_page_token"]}).json()

    names = [entry["repo"] for entry in (*first["repositories"], *second["repositories"])]
    assert (names, second["next_page_token"]) == (["a", "b", "c"], None)


def test_two_requests_for_one_commit_are_one_job(ann, repo):
    jobs = [ann.post("/v2/scanner/scans", json={"url": repo.url}).json() for _ in range(2)]

    assert jobs[0]["job_id"] == jobs[1]["job_id"]


def test_a_token_that_no_job_needs_is_not_kept(ann, repo, database):
    for _ in range(2):
        ann.post("/v2/scanner/scans", json={"url": repo.url, "token": "ghp_canary"})

    assert database["vault"].count_documents({}) == 1


@pytest.mark.parametrize(
    ("path", "url", "token", "headers", "status"),
    [
        ("/v2/scanner/scans", "url", "token", {}, 429),
        ("/v2/scanner/scans", "url", "token", {"Idempotency-Key": "a b"}, 400),
        ("/v1/scanner/scan", "github_url", "pat", {}, 429),
    ],
)
def test_a_refused_scan_leaves_no_token(
    ann, scanners, tmp_path, database, path, url, token, headers, status
):
    ann.post("/v2/scanner/scans", json={"url": f"file://{tmp_path}/org/first"})
    client = scanners("ann", limits=KeyLimits(backlog=2 if headers else 1))
    body = {url: f"file://{tmp_path}/org/other", token: "ghp_canary"}

    refused = client.post(path, json=body, headers=headers)

    assert refused.status_code == status
    assert database["vault"].count_documents({}) == 0


def test_an_index_is_not_deleted_under_a_scan(ann, repo):
    job = ann.post("/v2/scanner/scans", json={"url": repo.url}).json()

    refused = ann.delete(f"{BASE}/acme/shop")

    assert (refused.status_code, refused.json()["job_ids"]) == (409, [job["job_id"]])
    ann.post(f"{job['status_url']}:cancel")
    assert ann.delete(f"{BASE}/acme/shop").status_code == 200
    assert ann.delete(f"{BASE}/acme/shop").status_code == 404


def test_a_change_of_what_two_hosts_have_says_which_is_meant(ann, tmp_path):
    for host in ("one", "two"):
        url = f"file://{tmp_path}/{host}/acme/shop"
        job = ann.post("/v2/scanner/scans", json={"url": url}).json()
        ann.post(f"{job['status_url']}:cancel")
    hosts = [f"{tmp_path}/one", f"{tmp_path}/two"]
    shop, at_host = f"{BASE}/acme/shop", {"host": hosts[0]}

    for refused in (ann.delete(shop), ann.put(f"{shop}/sharing", json={"everyone": True})):
        assert (refused.status_code, refused.json()["type"]) == (409, "/problems#host-needed")
        assert refused.json()["hosts"] == hosts
    shared = ann.put(f"{shop}/sharing", json={"owners": ["bob"]}, params=at_host).json()
    gone = ann.delete(shop, params=at_host)

    assert (shared["host"], shared["sharing"]["owners"]) == (hosts[0], ["bob"])
    assert (gone.status_code, ann.delete(shop, params=at_host).status_code) == (200, 404)
    left = ann.get(shop).json()
    assert (left["host"], left["sharing"]["owners"]) == (hosts[1], [])


@pytest.mark.parametrize(
    ("body", "status", "named"),
    [
        ({"url": "file:///nowhere/at/all"}, 422, {"reason": "RepositoryNotFound"}),
        ({"url": "https://localhost:1/a/b"}, 502, {"type": "/problems#repository-unreachable"}),
        ({"url": "ext::sh -c true"}, 422, {"type": "/problems#invalid-request"}),
    ],
)
def test_what_cannot_be_estimated_says_why(ann, body, status, named):
    refused = ann.post("/v2/scanner/estimates", json=body)

    assert refused.status_code == status
    assert {name: refused.json().get(name) for name in named} == named


def test_a_token_is_kept_in_the_vault_only_until_the_job_ends(ann, repo, database):
    secret = "ghp_canary0123456789"
    posted = ann.post("/v2/scanner/scans", json={"url": repo.url, "token": secret})

    assert posted.status_code == 202
    assert secret not in posted.text
    stored = str(list(database["jobs"].find())) + str(list(database["vault"].find()))
    assert secret not in stored
    assert database["vault"].count_documents({}) == 1
    ann.post(f"{posted.json()['status_url']}:cancel")
    assert database["vault"].count_documents({}) == 0


def test_an_estimate_reaches_no_inner_host_where_none_is_allowed(alice):
    refused = alice.post("/v2/scanner/estimates", json={"url": "https://localhost/a/b"})

    assert (refused.status_code, refused.json()["reason"]) == (422, "ForbiddenSource")
