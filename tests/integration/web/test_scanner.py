"""From a repository's URL to symbols that are found."""

import os

import pytest

from keepsake.jobs.vault import VaultSettings
from tests.integration.web.conftest import KEY


def test_a_repository_is_scanned_and_its_symbols_are_found(ann, scanners, scanned):
    job = scanned()

    assert job["status"] == "succeeded", job["error"]
    assert (job["result"]["org"], job["result"]["repo"]) == ("acme", "shop")
    assert job["result"]["stats"]["files"] == 3
    base = "/v2/scanner/repositories/acme/shop"
    named = ann.get(f"{base}/symbols", params={"name": "sell"}).json()
    assert (named["hits"][0]["qualified"], named["branch"]) == ("Shop.sell", "main")
    meant = ann.get(f"{base}/search", params={"query": "what does it cost"}).json()
    assert meant["hits"][0]["name"] == "price"
    assert (meant["host"], 0 <= meant["semantic"] <= 1) == (named["host"], True)
    calls = ann.get(f"{base}/callers", params={"name": "price"}).json()
    assert calls["uses"][0]["path"] == "app/shop.py"
    assert ann.get(f"{base}/references", params={"name": "price"}).json()["uses"] == calls["uses"]
    assert ann.get(f"{base}/subclasses", params={"name": "Shop"}).json()["uses"] == []
    assert ann.get(f"{base}/implementations", params={"name": "sell"}).json()["complete"]
    defined = ann.get(f"{base}/definitions", params={"path": "app/shop.py"}).json()["symbols"]
    assert [symbol["qualified"] for symbol in defined] == ["Shop", "Shop.sell"]
    changed = {"path": "app/price.py", "symbol": "price"}
    (reached,) = ann.get(f"{base}/impact", params=changed).json()["impacts"]
    assert (reached["path"], reached["symbol"], reached["confidence"]) == (
        "app/shop.py", "Shop.sell", "one definition",
    )  # fmt: skip
    assert ann.get(f"{base}/impact", params={"path": "nowhere.py"}).status_code == 404
    nodes = ann.get(f"{base}/tree").json()["nodes"]
    assert {node["path"] for node in nodes} == {"app", "README.md"}
    text = ann.get(f"{base}/source", params={"path": "app/price.py", "symbol": "price"}).json()
    assert text["source"]["lines"][0] == [1, "def price():"]
    seen = ann.get(f"{base}/map", params={"query": "what it costs"}).json()
    assert seen["files"][0]["path"] == "app/price.py"
    assert (seen["matched"] > 0, seen["complete"], seen["tokens"] > 0) == (True, True, True)
    outline = ann.get(f"{base}/outline", params={"path": "app/shop.py"}).json()
    assert [symbol["depth"] for symbol in outline["symbols"]] == [0, 1]
    lined = ann.get(f"{base}/callers", params={"name": "price", "snippets": 1}).json()
    assert lined["uses"][0]["snippet"]["text"] == "        return price()"
    bob = scanners("bob")
    assert bob.get(f"{base}/symbols", params={"name": "sell"}).status_code == 404


def test_lines_and_their_history_are_asked_for_by_number_or_by_symbol(ann, scanned):
    scanned()
    base = "/v2/scanner/repositories/acme/shop"
    for asked, lines in (
        ({"path": "app/shop.py", "from": 3, "to": 4}, [3, 4]),
        ({"path": "app/shop.py", "from": 5}, [5]),
        ({"symbol": "price"}, [1, 2, 3]),
    ):
        source = ann.get(f"{base}/source", params=asked).json()["source"]
        history = ann.get(f"{base}/history", params=asked).json()
        assert [number for number, _ in source["lines"]] == lines
        assert (history["path"], history["first"]) == (source["path"], lines[0])
        assert (history["commits"], history["reason"]) == ([], "not fetched")


def test_lines_that_mean_nothing_are_refused(alice):
    for asked, pointer in (
        ({}, "/path"),
        ({"path": "a.py", "from": 5, "to": 4}, "/to"),
        ({"path": "a.py", "symbol": "sell", "to": 4}, "/from"),
        ({"path": "a.py", "from": 0}, "/from"),
    ):
        for what in ("source", "history"):
            refused = alice.get(f"/v2/scanner/repositories/acme/shop/{what}", params=asked)
            assert refused.status_code == 422
            assert refused.json()["errors"][0]["pointer"] == pointer


def test_an_unchanged_commit_is_not_scanned_twice(scanned, repo):
    first = scanned()
    again = scanned()
    repo.commit({"more.py": "def more(): pass\n"})
    forced = scanned(options={"force": True})

    assert again["job_id"] == first["job_id"]
    assert forced["result"]["stats"]["files"] == 4


def test_the_uses_of_a_name_are_read_page_by_page(ann, scanned, repo):
    repo.commit({"more.py": "def more(): pass\nmore()\nhooks = [more]\n"})
    scanned()
    url = "/v2/scanner/repositories/acme/shop/references"
    asked = {"name": "more", "page_size": 1}
    first = ann.get(url, params=asked).json()
    token = first["next_page_token"]
    last = ann.get(url, params={**asked, "page_token": token}).json()
    other = ann.get(url, params={**asked, "page_token": token, "name": "sell"})

    assert [use["kind"] for use in first["uses"] + last["uses"]] == ["call", "value"]
    assert (last["next_page_token"], other.status_code) == (None, 400)
    assert ann.get(url, params={"name": "more", "kind": ["type", "import"]}).json()["uses"] == []
    assert ann.get(url, params={"name": "more", "kind": "guess"}).status_code == 422


def test_lines_are_searched_page_by_page_in_one_and_in_all_repositories(ann, scanners, scanned):
    scanned()
    url, everywhere = "/v2/scanner/repositories/acme/shop/text", "/v2/scanner/text"
    asked = {"q": "/def \\w+/ lang:python", "page_size": 1, "context": 1}
    first = ann.get(url, params=asked).json()
    token = first["next_page_token"]
    last = ann.get(url, params={**asked, "page_token": token}).json()

    lines = first["hits"] + last["hits"]
    assert [(hit["path"], hit["line"], hit["ranges"]) for hit in lines] == [
        ("app/price.py", 1, [[0, 9]]), ("app/shop.py", 4, [[4, 12]]),
    ]  # fmt: skip
    assert (first["line_count"], first["counted"], first["complete"]) == (2, True, False)
    assert (last["next_page_token"], last["complete"]) == (None, True)
    other = ann.get(url, params={**asked, "page_token": token, "q": "other"})
    assert other.status_code == 400
    shown = ann.get(everywhere, params={**asked, "page_size": 9}).json()
    assert [(hit["repo"], hit["line"]) for hit in shown["hits"]] == [("shop", 1), ("shop", 4)]
    assert scanners("bob").get(everywhere, params=asked).json()["hits"] == []
    refused = ann.get(url, params={"q": "a lang:gooo"}).json()
    assert (refused["status"], refused["position"], refused["errors"][0]["pointer"]) == (
        422, 7, "/q",
    )  # fmt: skip
    assert ann.get(url, params={"q": "lang:go"}).status_code == 422


def test_all_own_repositories_are_asked_a_question_page_by_page(ann, scanners, scanned):
    scanned()
    url, asked = "/v2/scanner/search", {"query": "price of what shops sell", "limit": 1}
    first = ann.get(url, params=asked).json()
    second = ann.get(url, params={**asked, "page_token": first["next_page_token"]}).json()
    whole = ann.get(url, params={**asked, "limit": 2, "q": "-test:yes repo:shop"}).json()

    assert [hit["repo"] for hit in whole["hits"]] == ["shop", "shop"]
    assert first["hits"] + second["hits"] == whole["hits"]
    assert (whole["repository_count"], whole["complete"]) == (1, True)
    assert scanners("bob").get(url, params=asked).json()["hits"] == []
    assert ann.get(url, params={"q": "lang:python"}).status_code == 422
    named, by_name = "/v2/scanner/repositories/acme/shop/symbols", {"name": "s", "limit": 1}
    token = ann.get(named, params=by_name).json()["next_page_token"]
    further = ann.get(named, params={**by_name, "page_token": token}).json()["hits"]
    two = ann.get(named, params={**by_name, "limit": 2}).json()["hits"]
    assert (len(two), further) == (2, two[1:])
    own = ann.get("/v2/scanner/repositories/acme/shop/search", params={**asked, "limit": 2}).json()
    assert [hit["path"] for hit in own["hits"]] == [hit["path"] for hit in whole["hits"]]


def test_a_branch_that_is_not_there_fails_for_good(scanned):
    job = scanned(branch="nowhere")

    assert (job["status"], job["error"]["kind"]) == ("dead_letter", "permanent")


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"url": "http://example.com/a/b"}, "/url"),
        ({"url": "https://user:pw@example.com/a/b"}, "/url"),
        ({"url": "ext::sh -c true"}, "/url"),
        ({"url": "https://a..b/x/y"}, "/url"),
        ({"url": f"https://{'a' * 64}.example/x/y"}, "/url"),
        ({"url": "https://[fe80::1%25eth0]/x/y"}, "/url"),
        ({"url": "https://example.com/a/b", "branch": "a\0b"}, "/branch"),
        ({"url": "https://example.com/a/b", "tag": "a\nb"}, "/tag"),
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
