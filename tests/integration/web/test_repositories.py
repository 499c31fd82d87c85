"""An owner's repositories: listed with both phases, estimated, shared, deleted."""

import os

import pytest

from tests.integration.scanner.githost import GitHost
from tests.integration.scanner.gitrepo import GitRepo

BASE = "/v2/scanner/repositories"


def test_repositories_are_listed_with_both_phases(ann, scanned):
    assert ann.get(BASE).json()["repositories"] == []
    job = scanned()

    (shown,) = ann.get(BASE).json()["repositories"]

    assert (shown["org"], shown["repo"], shown["own"]) == ("acme", "shop", True)
    assert shown["phase1"]["status"] == "complete"
    assert shown["phase2"] == {
        "status": "skipped", "note": "skipped: no language model is configured",
    }  # fmt: skip
    assert shown["job_id"] == job["job_id"]
    assert [(index["branch"], index["commit"], index["files"]) for index in shown["indexes"]] == [
        ("main", job["result"]["commit"], 3)
    ]
    assert ann.get(f"{BASE}/acme/shop").json() == shown


@pytest.fixture
def subgroup(ann, scan_worker, tmp_path):
    """Scans a repository of a subgroup from a git host."""
    repo = GitRepo(tmp_path / "hosted/group/sub/shop")
    repo.commit({"a.py": "def sell(): pass\n"})
    repo.git("clone", "--quiet", "--bare", ".", str(repo.path.with_suffix(".git")))
    host = GitHost(tmp_path / "hosted")
    body = {"url": f"{host.base}/group/sub/shop"}
    job = ann.post("/v2/scanner/scans", json=body, headers={"Prefer": "wait=30"}).json()
    assert job["status"] == "succeeded", job
    yield job
    host.close()


@pytest.mark.parametrize("slash", ["%2F", "%2f"])
def test_a_repository_of_a_subgroup_is_named_with_an_encoded_slash(ann, scanners, subgroup, slash):
    assert (subgroup["result"]["org"], subgroup["result"]["repo"]) == ("group/sub", "shop")
    base = f"{BASE}/group{slash}sub/shop"

    answer = ann.get(f"{base}/symbols", params={"name": "sell", "branch": "main"}).json()
    shared = ann.put(f"{base}/sharing", json={"owners": ["bob"]})
    v1 = ann.get("/v1/scanner/status", params={"org_id": "group/sub", "repo": "shop"}).json()

    assert [hit["path"] for hit in answer["hits"]] == ["a.py"]
    assert ann.get(base).json()["org"] == "group/sub"
    assert (shared.status_code, v1["phase1_status"]) == (200, "complete")
    assert (
        scanners("bob").get(f"{base}/tree", params={"owner": "ann"}).json()["nodes"][0]["path"]
        == "a.py"
    )
    assert ann.get(f"{BASE}/group/sub/shop").status_code == 404
    assert ann.delete(base).status_code == 200
    assert ann.get(base).status_code == 404


def test_a_moved_branch_is_scanned_again_and_an_unmoved_one_is_not(ann, scanned, repo):
    first = scanned()
    again = scanned()
    repo.commit({"more.py": "def more(): pass\n"})
    moved = scanned()

    assert again["job_id"] == first["job_id"]
    assert moved["job_id"] != first["job_id"]
    assert moved["result"]["stats"]["files"] == 4


def test_an_index_is_shared_with_those_who_are_named(scanners, scanned):
    scanned()
    ann = scanners("ann", organisations=["acme"])
    search = f"{BASE}/acme/shop/symbols?name=sell&owner=ann"
    others = {
        "member": scanners("bob", organisations=["acme"]), "named": scanners("carl"),
        "stranger": scanners("dora"),
    }  # fmt: skip

    def may_read():
        return {name for name, client in others.items() if client.get(search).status_code == 200}

    def shared(**body):
        answer = ann.put(f"{BASE}/acme/shop/sharing", json=body)
        assert answer.status_code == 200, answer.text
        return answer.json()["sharing"]

    assert may_read() == set()
    shared(organisations=["acme"])
    assert may_read() == {"member"}
    assert shared(owners=["carl"], organisations=["acme"]) == {
        "owners": ["carl"], "organisations": ["acme"], "everyone": False,
    }  # fmt: skip
    assert may_read() == {"member", "named"}
    shared(everyone=True)
    assert may_read() == {"member", "named", "stranger"}
    shared()
    assert may_read() == set()


def test_what_is_shared_is_listed_apart_and_cannot_be_changed(ann, scanners, scanned):
    scanned()
    ann.put(f"{BASE}/acme/shop/sharing", json={"owners": ["bob"]})
    bob = scanners("bob")

    (shown,) = bob.get(BASE, params={"whose": "shared"}).json()["repositories"]

    assert (shown["own"], shown["sharing"], shown["job_id"]) == (False, None, None)
    assert (shown["phase1"]["status"], shown["error"]) == ("complete", None)
    assert bob.get(BASE).json()["repositories"] == []
    assert bob.put(f"{BASE}/acme/shop/sharing", json={}).status_code == 404
    assert bob.delete(f"{BASE}/acme/shop").status_code == 404


def test_a_deleted_index_is_gone_and_can_be_made_again(ann, scanned, repo, database):
    first = scanned()
    search = {"query": "what does it cost"}
    ann.get(f"{BASE}/acme/shop/search", params=search)

    gone = ann.delete(f"{BASE}/acme/shop").json()["deleted"]
    after = ann.get(f"{BASE}/acme/shop/search", params=search)
    left = {name: database[name].count_documents({}) for name in database.list_collection_names()
            if name.startswith("code_")}  # fmt: skip
    repo.git("checkout", "--quiet", "--orphan", "anew")
    repo.git("rm", "-rf", "--quiet", ".")
    repo.commit({"other.py": 'def cost():\n    """What a thing costs."""\n'})
    repo.git("branch", "-M", "main")
    again = scanned()

    assert (gone["indexes"], gone["files"]) == (1, 3)
    assert after.status_code == 404
    assert {name for name, count in left.items() if count} == {"code_scans"}
    assert again["job_id"] != first["job_id"]
    hits = ann.get(f"{BASE}/acme/shop/search", params=search).json()["hits"]
    assert {hit["path"] for hit in hits} == {"other.py"}


def test_the_same_commit_is_scanned_again_after_its_index_was_deleted(ann, scanned):
    first = scanned()
    ann.delete(f"{BASE}/acme/shop")

    again = scanned()

    assert again["job_id"] != first["job_id"]
    assert again["result"]["reused"] is False
    assert ann.get(f"{BASE}/acme/shop").json()["phase1"]["status"] == "complete"


def test_an_estimate_counts_what_a_scan_then_does(ann, scanned, repo):
    repo.commit({"logo.png": b"\x89PNG", "vendor/a.js": "x", os.fsdecode(b"caf\xe9.md"): "# Café"})
    before = ann.post("/v2/scanner/estimates", json={"url": repo.url}).json()
    done = scanned()["result"]
    repo.commit({"app/price.py": "def price(): return 2\n", "new.py": "def new(): pass\n"})

    after = ann.post("/v2/scanner/estimates", json={"url": repo.url}).json()

    assert (before["files"], before["changed"]) == (6, 5)
    assert before["languages"] == {"javascript": 1, "markdown": 2, "python": 2}
    assert before["skipped"] == {"binary": 1}
    assert (before["seconds"], before["scans"]) == (None, 0)
    assert (before["commit"], before["branch"]) == (done["commit"], "main")
    assert (after["changed"], after["scans"]) == (2, 1)
    assert 0 <= after["seconds"] < 60  # rounded: two small files may take none
    assert after["stages"]["parse"] >= 0


def test_a_scan_of_another_branch_changes_no_answer_and_its_index_can_be_deleted(
    ann, scanned, repo
):
    scanned()
    repo.git("checkout", "--quiet", "-b", "feature/x")
    repo.commit({"app/price.py": "def premium():\n    return 9\n"})
    repo.git("checkout", "--quiet", "main")
    scanned(branch="feature/x")
    named = {"name": "premium", "limit": 1}

    view = ann.get(f"{BASE}/acme/shop").json()
    default = ann.get(f"{BASE}/acme/shop/symbols", params=named).json()
    other = ann.get(f"{BASE}/acme/shop/symbols", params={**named, "branch": "feature/x"}).json()
    gone = ann.delete(f"{BASE}/acme/shop/index", params={"branch": "feature/x"}).json()
    again = ann.delete(f"{BASE}/acme/shop/index", params={"branch": "feature/x"})

    assert (view["default_branch"], len(view["indexes"])) == ("main", 2)
    assert (default["branch"], other["hits"][0]["name"]) == ("main", "premium")
    assert gone["deleted"] == {"indexes": 1, "files": 3, "blobs": 1}
    assert again.status_code == 404
    assert ann.get(f"{BASE}/acme/shop/text", params={"q": "def price"}).json()["hits"]
