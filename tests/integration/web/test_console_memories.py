"""The console's pages of memories: profile, search, history, correction, export, erasure."""

import json
import re

import httpx
import pytest

from keepsake.access.keys import ALL_SCOPES, CONTENT, KeyStore, Role
from tests.integration.web.test_console import SIGN_IN, TOKEN

PAGES = "/console/memories"
U1 = {"user_id": "u1"}


@pytest.fixture
def browsers(shared_web, database):
    """Browsers without scripts, signed in, by owner."""
    opened = []

    def enter(owner, **options):
        client = httpx.Client(base_url=shared_web, headers={"Origin": shared_web}, timeout=30)
        opened.append(client)
        key = KeyStore(database).create(owner, **options)
        assert client.post(SIGN_IN, data={"key": key}).status_code == 303
        return client

    yield enter
    for client in opened:
        client.close()


@pytest.fixture
def browser(browsers):
    return browsers("alice")


@pytest.fixture
def said(alice):
    for text, at in (("I live in Paris.", "2020-01-01"), ("I moved to Berlin.", "2022-01-01")):
        body = {"user_query": text, "session_datetime": f"{at}T00:00:00Z", **U1}
        alice.post("/v1/memory/ingest", json=body)


def sent(browser, path, **fields):
    token = TOKEN.search(browser.get(PAGES).text)[1]
    return browser.post(f"{PAGES}{path}", data={"form_token": token, **U1, **fields})


def test_a_profile_shows_what_holds_by_attribute(browser, said):
    page = browser.get(PAGES, params=U1).text

    assert "<h2>lives in</h2>" in page
    assert "I moved to Berlin." in page
    assert "I live in Paris." not in page


def test_all_memories_are_shown_with_what_has_ended_when_that_is_asked_for(browser, said):
    now = browser.get(PAGES, params={**U1, "show": "all"}).text
    ever = browser.get(PAGES, params={**U1, "show": "all", "history": "true"}).text
    turns = browser.get(PAGES, params={**U1, "show": "turns"}).text

    assert ("I live in Paris." in now, "I live in Paris." in ever) == (False, True)
    assert "I live in Paris." in turns


def test_a_question_is_answered_or_said_not_to_be_known(browser, said):
    asked = {**U1, "ask": "1"}
    known = browser.get(f"{PAGES}/found", params={**asked, "query": "Where do I live?"}).text
    unknown = browser.get(f"{PAGES}/found", params={**asked, "query": "What is my cat called?"})

    assert re.search(r"notice good.*?Berlin", known, re.DOTALL)
    assert ">Not known " in unknown.text


def test_a_timeline_shows_changes_and_users_lead_to_what_is_known_of_each(browser, said):
    timeline = browser.get(f"{PAGES}/timeline", params=U1).text
    users = browser.get(f"{PAGES}/users", params={"prefix": "u"}).text

    changed = r"I moved to Berlin\..*?changed <small>lives in</small>.*?I live in Paris\."
    assert re.search(changed, timeline, re.DOTALL)
    assert re.search(r'user_id=u1">u1</a></th><td[^>]*>1</td><td[^>]*>2</td>', users)


def test_a_fact_by_hand_becomes_a_job(browser, said):
    stated = sent(browser, "/fact", content="Potsdam", attribute="lives_in")

    assert re.fullmatch(r"/console/jobs/job_\w+", stated.headers["location"])


def test_a_search_explains_its_scores(browser, said):
    page = browser.get(f"{PAGES}/found", params={**U1, "query": "Berlin"}).text

    assert "I moved to Berlin." in page
    assert re.search(r"<summary>Score [\d.]+</summary>", page)


def test_a_memory_leads_to_its_versions_and_to_its_turn(browser, said):
    profile = browser.get(PAGES, params=U1).text
    (address,) = re.findall(r'href="(/console/memories/one\?[^"]+)"', profile)
    page = browser.get(address.replace("&amp;", "&")).text

    assert re.search(r"I live in Paris\.</a>.*?2022-01-01", page, re.DOTALL)
    turn = re.search(r'<dt>turn id</dt><dd><a href="([^"]+)"', page)[1]
    assert "I moved to Berlin." in browser.get(turn.replace("&amp;", "&")).text


def test_a_memory_is_said_anew_and_deleted(browser, said, alice):
    (memory,) = alice.get("/v2/memory/memories", params=U1).json()["memories"]

    edited = sent(browser, "/edit", id=memory["id"], content="I live in Potsdam.")
    page = browser.get(edited.headers["location"]).text
    assert "<h1>I live in Potsdam.</h1>" in page
    assert "?id=&amp;" not in page  # no turn says it
    new = re.search(r'name="id" value="([^"]+)"', page)[1]

    assert sent(browser, "/delete", id=new).status_code == 303
    assert alice.get("/v2/memory/memories", params=U1).json()["memories"] == []


def test_what_is_asked_without_an_id_is_the_askers_fault(browser, said):
    assert browser.get(f"{PAGES}/one", params={**U1, "id": ""}).status_code == 404
    assert browser.get(f"{PAGES}/one", params={**U1, "id": ".."}).status_code == 404
    assert sent(browser, "/delete", id="").status_code == 404
    for path, fields in (("/delete", {}), ("/edit", {"id": "x"})):
        refused = sent(browser, path, **fields)
        assert (refused.status_code, "Field required" in refused.text) == (422, True)


def test_an_export_is_the_apis_own_line_by_line(browser, said, alice):
    exported = browser.get(f"{PAGES}/export", params=U1)

    assert exported.text == alice.get("/v2/memory/export", params=U1).text
    assert {json.loads(line)["kind"] for line in exported.text.splitlines()} == {"turn", "memory"}


def test_a_user_is_erased_only_when_its_id_is_typed_and_what_was_kept_is_counted(browser, said):
    kept = sent(browser, "/erase", again="u2").text
    erased = sent(browser, "/erase", again="u1").text

    assert "Nothing was erased" in kept
    turns = r'turns</th><td class="count" data-label="Before">2</td><td[^>]*>0</td>'
    assert re.search(turns, erased)


def test_an_operator_reads_anothers_memories_only_with_the_scope_and_by_name(browsers, said):
    asked = {**U1, "owner": "alice", "reason": "a complaint"}
    without = browsers("otto", role=Role.OPERATOR).get(PAGES, params=asked).text
    reader = browsers("rita", role=Role.OPERATOR, scopes=[*ALL_SCOPES, CONTENT])

    assert "Berlin" not in without
    assert "I moved to Berlin." in reader.get(PAGES, params=asked).text
