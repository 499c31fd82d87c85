"""From a repository's URL to symbols that are found."""

import os

import pytest

from jobs.vault import VaultSettings
from tests.integration.scanner.gitrepo import GitRepo

KEY = "a2V5" * 10 + "a2U="


@pytest.fixture
def repo(tmp_path):
    made = GitRepo(tmp_path / "acme" / "shop")
    made.commit({
        "app/shop.py": "import os\n\nclass Shop:\n    def sell(self):\n        return price()\n",
        "app/price.py": 'def price():\n    """What a thing costs."""\n    return 1\n',
        "README.md": "# Shop\n\nHow to buy.\n",
    })  # fmt: skip
    return made


@pytest.fixture
def allowed(tmp_path):
    return {
        "KEEPSAKE_SCAN_PROTOCOLS": '["file"]',
        "KEEPSAKE_SCAN_CACHE_PATH": str(tmp_path / "mirrors"),
        "KEEPSAKE_SECRET_KEY": KEY,
    }


@pytest.fixture
def ann(clients, web_server, allowed):
    client = clients("ann")
    _, client.base_url = web_server(**allowed)
    return client


@pytest.fixture
def scanned(ann, worker, allowed, repo):
    worker(**allowed)

    def scan(**body):
        answer = ann.post(
            "/v2/scanner/scans", json={"url": repo.url, **body}, headers={"Prefer": "wait=30"}
        )
        assert answer.status_code == 200, answer.text
        return answer.json()

    return scan


def test_a_repository_is_scanned_and_its_symbols_are_found(ann, clients, scanned, repo):
    job = scanned()

    assert job["status"] == "succeeded", job["error"]
    assert (job["result"]["org"], job["result"]["repo"]) == ("acme", "shop")
    assert job["result"]["stats"]["files"] == 3
    base = "/v2/scanner/repositories/acme/shop"
    named = ann.get(f"{base}/symbols", params={"name": "sell"}).json()
    assert (named["hits"][0]["qualified"], named["branch"]) == ("Shop.sell", "main")
    meant = ann.get(f"{base}/search", params={"query": "what does it cost"}).json()
    assert meant["hits"][0]["name"] == "price"
    calls = ann.get(f"{base}/callers", params={"name": "price"}).json()
    assert calls["uses"][0]["path"] == "app/shop.py"
    nodes = ann.get(f"{base}/tree").json()["nodes"]
    assert {node["path"] for node in nodes} == {"app", "README.md"}
    text = ann.get(f"{base}/source", params={"path": "app/price.py", "symbol": "price"}).json()
    assert text["source"]["lines"][0] == [1, "def price():"]
    bob = clients("bob")
    bob.base_url = ann.base_url
    assert bob.get(f"{base}/symbols", params={"name": "sell"}).status_code == 404


def test_an_unchanged_commit_is_not_scanned_twice(scanned, repo):
    first = scanned()
    again = scanned()
    repo.commit({"more.py": "def more(): pass\n"})
    forced = scanned(options={"force": True})

    assert again["job_id"] == first["job_id"]
    assert forced["result"]["stats"]["files"] == 4


def test_a_branch_that_is_not_there_fails_for_good(scanned):
    job = scanned(branch="nowhere")

    assert (job["status"], job["error"]["kind"]) == ("dead_letter", "permanent")


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


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"url": "http://example.com/a/b"}, "/url"),
        ({"url": "https://user:pw@example.com/a/b"}, "/url"),
        ({"url": "ext::sh -c true"}, "/url"),
        ({}, "/url"),
        ({"url": "https://example.com/a/b", "pat": "x"}, "/pat"),
        ({"url": "https://example.com/a/b", "branch": "a", "tag": "b"}, ""),
        ({"url": "https://example.com/a/b", "token": "x" * 5_000}, "/token"),
    ],
)
def test_a_source_that_is_not_allowed_is_refused_without_an_echo(alice, body, pointer):
    refused = alice.post("/v2/scanner/scans", json=body)

    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, pointer)
    assert "pw" not in refused.text


def test_the_key_of_the_vault_in_these_tests_is_one():
    assert VaultSettings(secret_key=KEY).keys
    assert "KEEPSAKE_SECRET_KEY" not in os.environ
