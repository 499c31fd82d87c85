"""What XMem's clients send to `/v1/scanner`, as they send it, and what they read of the answers."""

import json

import pytest

from tests.integration.scanner.githost import GitHost

NAMED = {"org_id": "acme", "repo": "shop", "username": "ignored"}
STATUS = {"org_id": "acme", "repo": "shop"}
TOKEN = "ghp_canary0123456789"


@pytest.fixture
def scan(ann, repo):
    """As XMem's web page asks for a scan; it has ended when the answer is returned."""

    def ask(**body):
        sent = {"github_url": repo.url, "username": "someone", "pat": "", "branch": "main", **body}
        answer = ann.post("/v1/scanner/scan", json=sent).json()
        assert answer["status"] == "ok", answer
        ann.get(f"/v1/jobs/{answer['job_id']}", params={"wait": 30})
        return answer

    return ask


@pytest.fixture
def indexed(scan, scan_worker):
    return scan()


def test_a_scan_and_what_its_client_polls(ann, indexed, repo):
    status = ann.get("/v1/scanner/status", params=STATUS).json()

    assert set(indexed) == {
        "status", "job_id", "org", "repo", "reused", "commit_sha", "phase1_status", "phase2_status",
    }  # fmt: skip
    assert (indexed["status"], indexed["org"], indexed["repo"]) == ("ok", "acme", "shop")
    assert (indexed["reused"], indexed["commit_sha"]) == (False, repo.git("rev-parse", "HEAD"))
    assert ann.get(f"/v1/jobs/{indexed['job_id']}").json()["status"] == "succeeded"
    assert (status["status"], status["phase1_status"], status["error"]) == ("ok", "complete", None)
    assert status["phase2_status"] == "not_started"  # no language model: skipped, and said so
    assert "no language model" in status["phase2_stats"]["note"]
    assert status["stats"]["total_files_to_process"] == 3
    assert status["stats"]["symbols_indexed"] > 0
    assert status["share_index_publicly"] is False
    assert status["elapsed_seconds"] >= 0


def test_an_indexed_commit_is_reused_and_a_new_one_is_not(scan, indexed, repo):
    again = scan()
    repo.commit({"more.py": "def more(): pass\n"})
    moved = scan()

    assert (again["reused"], again["job_id"]) == (True, indexed["job_id"])
    assert again["phase1_status"] == "complete"
    assert (moved["reused"], moved["job_id"] != indexed["job_id"]) == (False, True)


def test_another_branch_of_one_commit_is_its_own_index(ann, scan, indexed, repo):
    repo.git("branch", "dev")

    dev = scan(branch="dev")

    assert dev["reused"] is False
    (listed,) = ann.get("/v2/scanner/repositories").json()["repositories"]
    assert {entry["branch"] for entry in listed["indexes"]} == {"main", "dev"}


def test_a_branch_that_is_not_named_is_the_repositorys_own(scan, indexed, repo):
    repo.git("branch", "-M", "trunk")

    unnamed = scan(branch="")

    assert unnamed["commit_sha"] == repo.git("rev-parse", "trunk")


def test_repositories_are_listed_as_the_extension_reads_them(ann, indexed):
    listed = ann.get("/v1/scanner/repos", params={"username": "someone"}).json()

    assert listed == {
        "status": "ok",
        "repos": [{
            "org": "acme", "repo": "shop", "branch": "main", "phase1_status": "complete",
            "phase2_status": "not_started", "share_index_publicly": False,
        }],
    }  # fmt: skip


def test_a_repository_is_validated_before_it_is_scanned(ann, indexed, repo):
    content = ann.post("/v1/scanner/validate-url", json={"github_url": repo.url, "pat": ""}).json()

    assert (content["status"], content["org"], content["repo"]) == ("ok", "acme", "shop")
    assert (content["accessible"], content["is_private"]) == (True, False)
    assert content["default_branch"] == "main"
    assert content["language"] == "python"
    assert content["estimates"]["branch_used_for_label"] == "main"
    assert content["estimates"]["estimated_phase1_seconds"] >= 0


def test_an_index_is_public_only_when_its_owner_says_so(ann, scanners, indexed):
    bob = scanners("bob")
    asked = {"org_id": "acme", "repo": "shop", "query": "what does it cost", "username": "ann"}
    public = {**NAMED, "share_index_publicly": True}

    before = bob.post("/v1/scanner/chat", json=asked)
    not_his = bob.post("/v1/scanner/index-visibility", json=public)
    ann.post("/v1/scanner/index-visibility", json=public)

    assert (before.status_code, before.json()["status"]) == (403, "error")
    assert not_his.status_code == 403
    assert bob.post("/v1/scanner/chat", json=asked).status_code == 200
    assert bob.get("/v1/scanner/public-indexes").json() == {
        "status": "ok", "indexes": [{"org": "acme", "repo": "shop"}],
    }  # fmt: skip
    assert ann.get("/v1/scanner/status", params=STATUS).json()["share_index_publicly"] is True
    ann.post("/v1/scanner/index-visibility", json={**public, "share_index_publicly": False})
    assert bob.get("/v1/scanner/public-indexes").json()["indexes"] == []
    assert bob.post("/v1/scanner/chat", json=asked).status_code == 403


def test_public_indexes_are_found_and_starred(ann, scanners, indexed):
    bob, star = scanners("bob"), {"org_id": "acme", "repo": "shop", "starred": True}
    refused = bob.post("/v1/scanner/community/star", json=star)
    ann.post("/v1/scanner/index-visibility", json={**NAMED, "share_index_publicly": True})

    starred = [bob.post("/v1/scanner/community/star", json=star).json() for _ in range(2)]
    mine = ann.get("/v1/scanner/community", params={"q": "SHOP"}).json()
    his = bob.get("/v1/scanner/community", params={"sort": "recent"}).json()
    none = bob.get("/v1/scanner/community", params={"q": "nothing"}).json()
    taken = bob.post("/v1/scanner/community/star", json={**star, "starred": False}).json()

    assert refused.status_code == 403
    assert [entry["star_count"] for entry in starred] == [1, 1]
    assert (mine["total"], mine["items"][0]["star_count"]) == (1, 1)
    assert (mine["items"][0]["starred_by_me"], his["items"][0]["starred_by_me"]) == (False, True)
    assert set(mine["items"][0]) == {
        "org", "org_id", "repo", "star_count", "starred_by_me", "completed_at",
    }  # fmt: skip
    assert (none["total"], none["items"], taken["star_count"]) == (0, [], 0)


def test_chat_streams_an_answer_with_its_sources(ann, indexed):
    asked = {**STATUS, "query": "what does a thing cost", "top_k": 3, "username": "ann"}

    with ann.stream("POST", "/v1/scanner/chat", json=asked) as answer:
        lines = [json.loads(line) for line in answer.iter_lines()]

    assert answer.headers["Content-Type"] == "application/x-ndjson"
    assert [lines[0]["type"], lines[-1]["type"]] == ["sources", "done"]
    first = lines[0]["sources"][0]
    assert (first["file_path"], first["symbol_name"]) == ("app/price.py", "price")
    text = "".join(line["content"] for line in lines if line["type"] == "chunk")
    assert "app/price.py:1" in text
    assert "What a thing costs." in text
    assert "[1]" in text


def test_a_scan_that_fails_is_told_and_not_polled_for_ever(ann, scan, scan_worker):
    scan(branch="nowhere")

    status = ann.get("/v1/scanner/status", params=STATUS).json()

    assert (status["phase1_status"], status["phase2_status"]) == ("failed", "not_started")
    assert "no branch" in status["error"]


@pytest.fixture
def host(tmp_path, repo):
    repo.git("clone", "--quiet", "--bare", ".", str(tmp_path / "hosted" / "acme" / "shop.git"))
    served = GitHost(tmp_path / "hosted")
    served.token = TOKEN
    yield served
    served.close()


def test_a_private_repository_is_opened_by_its_token_alone(ann, host, scan, scan_worker, database):
    url = f"{host.base}/acme/shop"

    def validated(pat):
        return ann.post("/v1/scanner/validate-url", json={"github_url": url, "pat": pat}).json()

    def branches(**headers):
        sent = {"X-Repository-Token": headers["token"]} if headers else {}
        return ann.get("/v1/scanner/branches", params={"github_url": url}, headers=sent)

    assert validated("") == {
        "status": "ok", "org": "acme", "repo": "shop", "accessible": False, "needs_pat": True,
    }  # fmt: skip
    assert validated("ghp_wrong")["auth_error"] is True
    assert (validated(TOKEN)["accessible"], validated(TOKEN)["is_private"]) == (True, True)
    assert branches().status_code == 400
    assert branches(token=TOKEN).json() == {
        "status": "ok", "branches": ["main"], "default_branch": "main",
    }  # fmt: skip
    started = scan(github_url=url, pat=TOKEN)
    done = ann.get("/v1/scanner/status", params=STATUS)
    stored = str([list(database[name].find()) for name in database.list_collection_names()])
    assert done.json()["phase1_status"] == "complete", done.text
    assert TOKEN not in stored + done.text + str(started)
    assert host.seen == []
    assert database["vault"].count_documents({}) == 0
