"""The console's pages of repositories: scans, folders, sources, symbols, sharing."""

import re
from datetime import UTC, datetime

import httpx
import pytest

from keepsake.access.keys import KeyStore
from tests.integration.web.test_console import SIGN_IN, TOKEN

PLACE = {"org": "acme", "repo": "shop"}
PAGES = "/console/repositories"


@pytest.fixture
def browser(ann, scanners, database):
    """Ann's browser, without scripts."""
    origin = str(ann.base_url).rstrip("/")
    with httpx.Client(base_url=origin, headers={"Origin": origin}, timeout=30) as client:
        key = KeyStore(database).create("ann")
        assert client.post(SIGN_IN, data={"key": key}).status_code == 303
        yield client


def sent(browser, path, **fields):
    token = TOKEN.search(browser.get(PAGES).text)[1]
    return browser.post(f"{PAGES}{path}", data={"form_token": token, **fields})


def test_a_repository_shows_its_scan_its_folders_and_what_was_not_read(browser, scanned, repo):
    repo.commit({"logo.png": b"\x00\x01\x02" * 50})
    job = scanned()

    assert ">acme/shop</a>" in browser.get(PAGES).text
    page = browser.get(f"{PAGES}/one", params=PLACE).text
    assert f"/console/jobs/{job['job_id']}" in page
    assert 'folder=app">app/</a>' in page
    assert "no: binary" in page
    whole = browser.get(f"{PAGES}/one", params={**PLACE, "unread": "1"}).text
    assert re.search(r'logo.png</th><td data-label="Why">binary<', whole)
    assert "price.py" in browser.get(f"{PAGES}/one", params={**PLACE, "folder": "app"}).text
    (address,) = re.findall(r'hx-get="(/console/repositories/map[^"]+)"', page)
    part = browser.get(address.replace("&amp;", "&"), headers={"HX-Request": "true"}).text
    assert 'path=app%2Fprice.py#L1">price</a>' in part
    assert "<html" not in part


def test_each_line_of_a_source_has_an_address_and_what_it_defines_leads_there(browser, scanned):
    scanned()

    page = browser.get(f"{PAGES}/source", params={**PLACE, "path": "app/price.py"}).text

    assert '<li id="L1">' in page
    assert re.search(r'<a href="#L1">price</a>', page)


def test_what_imports_a_file_is_asked_apart_from_its_source(browser, scanned, repo):
    repo.commit({"app/till.py": "from app.price import price\n"})
    scanned()
    page = browser.get(f"{PAGES}/source", params={**PLACE, "path": "app/price.py"}).text
    (address,) = re.findall(r'hx-get="(/console/repositories/importers[^"]+)"', page)

    part = browser.get(address.replace("&amp;", "&"), headers={"HX-Request": "true"}).text

    assert "app/till.py" not in page
    assert "app/till.py:1" in part
    assert "<html" not in part


@pytest.mark.parametrize(
    ("by", "query", "shown"),
    [
        ("name", "price", "app/price.py:1"),
        ("meaning", "what a thing costs", "app/price.py:1"),
        ("uses", "price", "app/shop.py:5"),
        ("text", "/def +price/", "app/price.py:1"),
    ],
)
def test_code_is_searched_by_name_by_meaning_by_text_and_for_uses(
    browser, scanned, by, query, shown
):
    scanned()

    page = browser.get(f"{PAGES}/search", params={**PLACE, "by": by, "query": query}).text

    assert shown in page


def test_a_scan_is_estimated_then_begun_and_leads_to_its_job(browser, scanned, repo):
    estimate = sent(browser, "/scan", url=repo.url, do="estimate").text
    assert "of which 3 are new or changed" in estimate

    begun = sent(browser, "/scan", url=repo.url, do="scan")

    assert begun.status_code == 303
    assert begun.headers["location"].startswith("/console/jobs/job_")


def test_a_repository_is_shared_and_deleted_by_its_owner(browser, scanned, ann):
    scanned()

    shared = sent(browser, "/share", **PLACE, owners="bob carl", everyone="true")
    kept = sent(browser, "/delete", **PLACE, again="something else")
    sharing = ann.get("/v2/scanner/repositories/acme/shop").json()["sharing"]
    gone = sent(browser, "/delete", **PLACE, again="shop")

    assert (shared.status_code, kept.status_code, gone.status_code) == (303, 422, 303)
    assert sharing == {"organisations": [], "owners": ["bob", "carl"], "everyone": True}
    assert ann.get("/v2/scanner/repositories/acme/shop").status_code == 404


def test_a_repository_shows_its_hooks_and_that_its_host_refuses_and_takes_a_new_token(
    browser, ann, database
):
    url = "https://example.com/acme/shop"
    hook = ann.post("/v2/scanner/hooks", json={"url": url, "git_host": "gitea"}).json()
    refused = {"refused": [{"token": "none", "at": datetime.now(UTC)}]}
    database["code_repositories"].update_one({}, {"$set": refused})

    marked = browser.get(f"{PAGES}/one", params=PLACE).text
    given = sent(browser, "/credential", **PLACE, do="keep", credential="ghp_canary")
    mended = browser.get(f"{PAGES}/one", params=PLACE).text
    sent(browser, "/credential", **PLACE, do="forget", credential="")

    assert "The host refused access" in marked
    assert (hook["path"] in marked, hook["secret"] in marked) == (True, False)
    assert given.status_code == 303
    assert "The host refused access" not in mended
    assert "Scans use the token that was given" in mended
    assert "ghp_canary" not in mended
    assert database["vault"].count_documents({}) == 1
