"""What a name means: one's own, what members of one's organisations share, and no stranger's."""

import json

import pytest

from keepsake.scanner.models import ScanRequest
from keepsake.scanner.parse.pool import ParserPool
from keepsake.scanner.pipeline import Scan
from keepsake.scanner.settings import ScannerSettings
from keepsake.scanner.stages import ScanTools
from keepsake.storage.mongo import Unfenced
from tests.integration.scanner.gitrepo import GitRepo
from tests.integration.web import routes

BASE = "/v2/scanner/repositories"
SHOP = f"{BASE}/acme/shop"
READS = [
    path.format(org="acme", repo="shop")
    for method, path, _ in routes.ROUTES
    if method == "GET" and path.startswith(BASE + "/{org}/{repo}")
]
QUESTION = {"name": "sell", "query": "sell", "q": "sell", "path": "app.py"}


@pytest.fixture(scope="module")
def parsers():
    pool = ParserPool(ScannerSettings())
    yield pool
    pool.close()


@pytest.fixture
def index(database, tmp_path, parsers):
    """Scans an owner's repository of a name; one that another host has, when it is named."""
    settings = ScannerSettings(scan_cache_path=tmp_path / "cache", scan_protocols={"file"})

    def scan(owner, name="acme/shop", host="host"):
        repo = GitRepo(tmp_path / owner / host / name)
        repo.commit({"app.py": f"def sell_of_{owner}(): pass\n\ndef sell(): sell_of_{owner}()\n"})
        tools = ScanTools(database, settings, parsers)
        for _ in Scan(tools, owner, ScanRequest(url=repo.url), fence=Unfenced()).steps():
            pass

    return scan


@pytest.fixture
def sees():
    """Whose index answers an owner's question; None for none."""

    def ask(client, **which):
        answer = client.get(f"{SHOP}/symbols", params={"name": "sell", **which})
        return answer.json()["owner"] if answer.status_code == 200 else None

    return ask


def share(client, where=SHOP, **body):
    return client.put(f"{where}/sharing", json=body)


def test_no_route_takes_a_strangers_index_for_what_a_name_means(scanners, index):
    eve, bob = scanners("eve"), scanners("bob")
    index("eve")
    assert share(eve, owners=["bob"], everyone=True).status_code == 200

    answers = {path: bob.get(path, params=QUESTION) for path in READS}
    asked = {path: bob.get(path, params={**QUESTION, "owner": "eve"}) for path in READS}

    assert len(READS) > 8
    assert {path for path, answer in answers.items() if answer.status_code != 404} == set()
    assert {tuple(answer.json()["owners"]) for answer in answers.values()} == {("eve",)}
    assert {path: answer.status_code for path, answer in asked.items()} == dict.fromkeys(READS, 200)
    assert {(entry.json()["owner"], entry.json()["own"]) for entry in asked.values()} == {
        ("eve", False)
    }


def test_ones_own_index_answers_whatever_strangers_share_and_however_they_are_called(
    scanners, index, sees
):
    bob = scanners("bob")
    for owner, host in [("bob", "host"), ("adam", "host"), ("eve", "elsewhere")]:
        index(owner, host=host)
        share(scanners(owner), owners=["bob"], everyone=True)

    assert sees(bob) == "bob"
    assert [sees(bob, owner=owner) for owner in ("adam", "eve", "bob")] == ["adam", "eve", "bob"]
    bob.delete(SHOP)
    assert sees(bob) is None


def test_a_host_is_no_leave_to_read_a_strangers_index(scanners, index, sees, tmp_path):
    eve, bob = scanners("eve"), scanners("bob")
    index("eve")
    share(eve, everyone=True)

    assert sees(bob, host=str(tmp_path / "eve" / "host")) is None
    assert sees(bob, host=str(tmp_path / "eve" / "host"), owner="eve") == "eve"


def test_an_index_is_shared_with_ones_own_organisations_alone(scanners, index, sees):
    eve, bob = scanners("eve"), scanners("bob", organisations=["acme"])
    index("eve")

    refused = share(eve, organisations=["acme"], owners=["carl"])

    assert (refused.status_code, refused.json()["type"]) == (403, "/problems#not-a-member")
    assert refused.json()["organisations"] == ["acme"]
    assert eve.get(SHOP).json()["sharing"]["owners"] == []
    assert sees(bob, owner="eve") is None
    assert bob.get(BASE, params={"whose": "shared"}).json()["repositories"] == []


def test_a_share_with_an_organisation_ends_with_its_owners_membership(
    scanners, index, sees, database
):
    ann, bob = (scanners(name, organisations=["acme"]) for name in ("ann", "bob"))
    operator = scanners("root", role="operator")
    index("ann")
    assert share(ann, organisations=["acme"]).status_code == 200
    assert sees(bob) == "ann"

    (key,) = operator.get("/v1/admin/keys", params={"owner": "ann"}).json()["keys"]
    operator.post(f"/v1/admin/keys/{key['key_id']}:revoke")
    scanners("ann")  # without the organisation

    assert sees(bob) is None
    assert sees(bob, owner="ann") is None
    assert bob.get(BASE, params={"whose": "shared"}).json()["repositories"] == []
    scanners("ann", organisations=["acme"])
    assert sees(bob) == "ann"


def test_a_list_says_whose_each_is_and_how_it_is_shared(scanners, index):
    ann, bob = (scanners(name, organisations=["acme"]) for name in ("ann", "bob"))
    eve, public = scanners("eve"), scanners("public")
    for owner in ("ann", "eve", "public", "bob"):
        index(owner)
    share(ann, organisations=["acme"], owners=["bob"])
    share(eve, owners=["bob"])
    share(public, everyone=True)

    pages = [bob.get(BASE, params={"whose": "shared", "page_size": 1}).json()]
    while token := pages[-1]["next_page_token"]:
        asked = {"whose": "shared", "page_size": 1, "page_token": token}
        pages.append(bob.get(BASE, params=asked).json())
    shown = [entry for page in pages for entry in page["repositories"]]
    (own,) = bob.get(BASE).json()["repositories"]

    assert {(entry["owner"], entry["shared_with"], entry["own"]) for entry in shown} == {
        ("ann", "organisation", False), ("eve", "owner", False), ("public", "everyone", False),
    }  # fmt: skip
    assert (own["owner"], own["shared_with"], own["own"]) == ("bob", None, True)


def chat(client):
    asked = {"org_id": "acme", "repo": "shop", "query": "sell"}
    answer = client.post("/v1/scanner/chat", json=asked)
    if answer.status_code != 200:
        return answer.status_code, answer.json()["status"]
    sources = json.loads(answer.text.partition("\n")[0])["sources"]
    (name,) = [
        source["symbol_name"] for source in sources if source["symbol_name"].startswith("sell_of_")
    ]
    return name.removeprefix("sell_of_")


def expose(client):
    public = {"org_id": "acme", "repo": "shop", "share_index_publicly": True}
    assert client.post("/v1/scanner/index-visibility", json=public).status_code == 200


def test_v1_answers_from_ones_own_else_from_the_only_public_index_of_a_name(scanners, index):
    adam, bob, eve = scanners("adam"), scanners("bob"), scanners("eve")
    index("eve")
    share(eve, owners=["bob"])
    assert chat(bob) == (403, "error")

    expose(eve)
    assert chat(bob) == "eve"
    index("adam")
    expose(adam)
    assert chat(bob) == (409, "error")
    assert (chat(adam), chat(eve)) == ("adam", "eve")
    index("bob")
    assert chat(bob) == "bob"


def test_a_repository_without_an_index_is_still_what_its_owners_name_means(scanners, index, repo):
    eve, bob = scanners("eve"), scanners("bob")
    index("eve")
    expose(eve)
    assert chat(bob) == "eve"

    job = bob.post("/v2/scanner/scans", json={"url": repo.url}).json()

    assert bob.get(SHOP).json()["owner"] == "bob"
    assert chat(bob) == (403, "error")
    bob.post(f"{job['status_url']}:cancel")


def test_a_star_is_of_one_repository_and_not_of_its_name(scanners, index):
    ann, bob, eve = scanners("ann"), scanners("bob"), scanners("eve")
    star = {"org_id": "acme", "repo": "shop", "starred": True}
    for owner in ("ann", "eve"):
        index(owner)
    expose(ann)
    starred = bob.post("/v1/scanner/community/star", json=star).json()
    expose(eve)
    unclear = bob.post("/v1/scanner/community/star", json={**star, "starred": False})
    share(ann)

    (shown,) = bob.get("/v1/scanner/community").json()["items"]

    assert (starred["star_count"], unclear.status_code) == (1, 409)
    assert (shown["star_count"], shown["starred_by_me"]) == (0, False)
