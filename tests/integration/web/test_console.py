"""The console without a browser: who is let in, what is refused, and what pages say."""

import re
from datetime import UTC, datetime, timedelta
from random import randrange
from urllib.parse import urlsplit

import httpx
import pytest

from keepsake.access.keys import KeyStore, Role
from keepsake.launcher.administration import ensure_indexes

SIGN_IN = "/console/sign-in"
TURN = {"user_query": "I live in Lisbon.", "user_id": "u1"}
TOKEN = re.compile(r'name="form_token" value="([0-9a-f]{64})"')


@pytest.fixture
def keys(database):
    ensure_indexes(database)
    return KeyStore(database)


@pytest.fixture
def visitors(shared_web):
    """Browsers without scripts: they keep cookies and say where a form comes from.

    Each has an address of its own, since failures to sign in are counted by it.
    """
    opened = []

    def visitor():
        transport = httpx.HTTPTransport(local_address=f"127.1.{randrange(256)}.{randrange(1, 255)}")
        client = httpx.Client(
            base_url=shared_web, headers={"Origin": shared_web}, timeout=30, transport=transport
        )
        opened.append(client)
        return client

    yield visitor
    for client in opened:
        client.close()


@pytest.fixture
def visitor(visitors):
    return visitors()


@pytest.fixture
def signed_in(visitors, keys):
    """Visitors who are signed in, by the owner and options of a key of theirs."""

    def enter(owner, **options):
        client = visitors()
        answer = client.post(SIGN_IN, data={"key": keys.create(owner, **options)})
        assert (answer.status_code, answer.headers["location"]) == (303, "/console/")
        return client

    return enter


@pytest.fixture
def root(signed_in):
    return signed_in("root", role=Role.OPERATOR)


@pytest.fixture
def webhook(database):
    """One of ann's; its secret is in no vault."""
    at = datetime.now(UTC)
    database["webhooks"].insert_one({
        "_id": "wh_console", "owner": "ann", "url": "https://example.org/hook", "secrets": [],
        "events": ["job.ended"], "description": "", "active": True, "reason": None,
        "created_at": at, "posts_from": at,
    })  # fmt: skip
    return "wh_console"


def form_token(client):
    return TOKEN.search(client.get("/console/jobs").text)[1]


def test_who_is_not_signed_in_is_asked_to_and_comes_back(visitor, keys):
    asked = visitor.get("/console/jobs?status=running")

    assert asked.status_code == 303
    form = visitor.get(asked.headers["location"])
    wanted = re.search(r'name="next" value="([^"]+)"', form.text)[1]
    done = visitor.post(SIGN_IN, data={"key": keys.create("ann"), "next": wanted})
    assert done.headers["location"] == "/console/jobs?status=running"
    assert visitor.get(done.headers["location"]).status_code == 200


def test_each_comes_to_its_own_first_page(root, signed_in):
    assert root.get("/console/").headers["location"] == "/console/overview"
    assert signed_in("ann").get("/console/").headers["location"] == "/console/jobs"


def test_the_pages_hold_the_strict_policy_and_no_script_or_style_of_their_own(root):
    for path in ("/console/overview", "/console/jobs", SIGN_IN, "/console/nowhere"):
        answer = root.get(path)
        policy = answer.headers["content-security-policy"]
        assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self'")
        assert "unsafe" not in policy
        assert re.findall(r"<script(?![^>]* src=)|<style|\son\w+=|\sstyle=", answer.text) == []
        assert answer.headers["cache-control"] == "no-store"
        for source in re.findall(r'(?:src|href)="(/console/static/[^"]+)"', answer.text):
            assert root.get(source).status_code == 200
        assert [u for u in re.findall(r'(?:src|href|action)="([^"]+)"', answer.text)
                if urlsplit(u).netloc] == []  # fmt: skip


@pytest.mark.parametrize("sent", [{"key": "ksk_wrong"}, {"key": ""}, {"link": "x"}, {}])
def test_any_wrong_key_or_link_is_answered_alike(visitor, keys, sent):
    answer = visitor.post(SIGN_IN, data=sent)

    assert answer.status_code == 401
    assert "set-cookie" not in answer.headers
    assert "ksk_wrong" not in answer.text


def test_failures_of_an_address_keep_no_good_key_out(visitor, keys):
    """Behind a proxy everybody comes from its address."""
    failed = [visitor.post(SIGN_IN, data={"key": f"ksk_{number}"}) for number in range(15)]

    assert {answer.status_code for answer in failed[:10]} == {401}
    assert failed[-1].status_code == 429
    assert visitor.post(SIGN_IN, data={"key": keys.create("ann")}).status_code == 303


def test_a_session_keeps_no_key_and_its_cookie_is_for_this_server_alone(visitor, keys, database):
    key = keys.create("ann")
    answer = visitor.post(SIGN_IN, data={"key": key})

    cookie = answer.headers["set-cookie"]
    assert {"HttpOnly", "Path=/console", "SameSite=strict"} <= set(cookie.split("; "))
    token = cookie.partition("=")[2].partition(";")[0]
    stored = str(list(database["console_sessions"].find()))
    assert [secret for secret in (key, token) if secret in stored] == []


def test_a_cookie_that_was_set_over_tls_is_secure(visitor, keys, shared_web):
    origin = shared_web.replace("http:", "https:")
    answer = visitor.post(SIGN_IN, data={"key": keys.create("ann")}, headers={"Origin": origin})

    assert answer.headers["set-cookie"].startswith("__Host-keepsake-session=")
    assert {"Secure", "Path=/"} <= set(answer.headers["set-cookie"].split("; "))


def test_a_session_ends_with_its_key(signed_in, keys, database):
    ann = signed_in("ann")
    assert ann.get("/console/jobs").status_code == 200

    keys.revoke(database["api_keys"].find_one({"owner": "ann"})["_id"])

    assert ann.get("/console/jobs").headers["location"].startswith(SIGN_IN)


def test_a_session_ends_when_it_is_signed_out_or_over(signed_in, database):
    ann, left = signed_in("ann"), signed_in("ben")
    cookies = dict(ann.cookies)

    out = ann.post("/console/sign-out", data={"form_token": form_token(ann)})
    database["console_sessions"].update_many({}, [{"$set": {"expire_at": "$$NOW"}}])

    assert out.headers["location"] == SIGN_IN
    ann.cookies.update(cookies)
    for client in (ann, left):
        assert client.get("/console/jobs").headers["location"].startswith(SIGN_IN)


@pytest.mark.parametrize("fault", ["no token", "another's token", "no origin", "another origin",
                                   "another site"])  # fmt: skip
def test_what_no_page_of_this_session_sends_is_refused(signed_in, fault, shared_web):
    ann, ben = signed_in("ann"), signed_in("ben")
    token = {"no token": "", "another's token": form_token(ben)}.get(fault, form_token(ann))
    headers = {"no origin": {"Origin": ""}, "another origin": {"Origin": "http://evil.example"},
               "another site": {"Sec-Fetch-Site": "cross-site"}}.get(fault, {})  # fmt: skip

    answer = ann.post("/console/sign-out", data={"form_token": token}, headers=headers)

    assert answer.status_code == 403
    assert ann.get("/console/jobs").status_code == 200


def test_an_owner_is_told_that_an_operators_page_is_not_for_it(signed_in):
    answer = signed_in("ann").get("/console/overview")

    assert answer.status_code == 403
    assert "This page is for keys with an operator role." in answer.text
    assert "Overview" not in answer.text


def test_an_owner_sees_its_own_jobs_and_an_operator_all(signed_in, root, clients):
    for owner in ("ann", "ben"):
        clients(owner).post("/v2/memory/ingest", json={"user_query": "I ski.", "user_id": "u"})

    assert signed_in("ann").get("/console/jobs").text.count("<small>memory.ingest") == 1
    assert root.get("/console/jobs").text.count("<small>memory.ingest") == 2


OPERATORS_PAGES = ("overview", "owners", "owners/ann", "queues", "keys", "audit")
OWN_PAGES = ("dead-letters", "schedules", "webhooks")


def test_operators_pages_are_shown_to_operators_alone(root, signed_in):
    ann = signed_in("ann")

    assert {root.get(f"/console/{name}").status_code for name in OPERATORS_PAGES} == {200}
    assert {ann.get(f"/console/{name}").status_code for name in OPERATORS_PAGES} == {403}
    assert {ann.get(f"/console/{name}").status_code for name in OWN_PAGES} == {200}


def test_what_an_operator_who_only_reads_is_shown_holds_no_act(signed_in, clients, dead):
    dead(clients("ann").post("/v2/memory/ingest", json=TURN).json())
    otto = signed_in("otto", role=Role.OPERATOR_READ_ONLY)

    for name in (*OPERATORS_PAGES, *OWN_PAGES):
        main = otto.get(f"/console/{name}").text.partition("<main")[2]
        assert re.findall(r'method="post"|/bulk/', main) == []


def test_a_cause_of_dead_letters_leads_to_the_replay_of_its_jobs(root, signed_in, clients, dead):
    dead(clients("ann").post("/v2/memory/ingest", json=TURN).json(), traceback=["a/b.py:1 f&g"])
    cause = "type=memory.ingest&amp;error_type=permanent"

    everybodys = root.get("/console/dead-letters").text
    own = signed_in("ann").get("/console/dead-letters").text

    assert f'bulk/replay?{cause}&amp;error_place=a%2Fb.py%3A1+f%26g"' in everybodys
    assert f'bulk/replay?{cause}"' in own
    assert "a/b.py" not in own


def test_a_new_key_is_in_one_answer_alone(root, database):
    sent = {"form_token": form_token(root), "owner": "ann", "role": "owner", "scopes": ["jobs"],
            "expires_at": "2099-01-31T12:00", "requests_per_second": "2.5", "backlog": "",
            }  # fmt: skip
    made = root.post("/console/keys", data=sent)
    key = re.search(r'id="made">(ksk_[^<]+)<', made.text)[1]

    assert key not in root.get("/console/keys?owner=ann").text
    stored = database["api_keys"].find_one({"owner": "ann"})
    assert (stored["scopes"], stored["limits"]["requests_per_second"]) == (["jobs"], 2.5)
    assert key not in str(stored)


def test_a_webhook_is_tried_and_its_deliveries_are_listed(signed_in, webhook):
    ann, place = signed_in("ann"), f"/console/webhooks/{webhook}"

    tried = ann.post(f"{place}/test", data={"form_token": form_token(ann)}, follow_redirects=True)

    assert "A test is posted" in tried.text
    assert "webhook.test" in tried.text
    assert "https://example.org/hook" in ann.get("/console/webhooks").text
    assert signed_in("bob").get(place).status_code == 404


def test_a_webhook_is_switched_off_and_ended(signed_in, clients, webhook):
    ann, place = signed_in("ann"), f"/console/webhooks/{webhook}"
    sent = {"form_token": form_token(ann)}

    ann.post(f"{place}/off", data=sent)
    assert clients("ann").get(f"/v2/webhooks/{webhook}").json()["active"] is False

    ann.post(f"{place}/delete", data=sent)
    assert clients("ann").get("/v2/webhooks").json()["webhooks"] == []


def test_what_the_api_refuses_is_a_page_with_its_words(root):
    answer = root.get("/console/nowhere")

    assert (answer.status_code, "<h1>There is no such thing</h1>" in answer.text) == (404, True)
    part = root.get("/console/nowhere", headers={"HX-Request": "true"})
    assert "<html" not in part.text
    assert part.headers["hx-retarget"] == "#notice"


def test_a_link_signs_in_once(visitor, clients):
    link = clients("ann").post("/v1/console/links").json()
    path, _, token = link["path"].partition("#")

    first = visitor.post(path, data={"link": token})

    assert first.headers["location"] == "/console/"
    assert visitor.get("/console/jobs").status_code == 200
    assert visitor.post(path, data={"link": token}).status_code == 401


def test_who_comes_from_another_site_arrives_with_the_cookie_that_it_kept_back(visitor):
    headers = {"Sec-Fetch-Site": "cross-site"}
    answer = visitor.get("/console/jobs?status=running", headers=headers)

    assert 'content="0; url=/console/jobs?status=running"' in answer.text


def test_going_on_leads_to_no_other_site(visitor, keys):
    for wanted in ("//evil.example", "https://evil.example/console/", "/console/../..//evil",
                   "/\\evil.example", "javascript:alert(1)"):  # fmt: skip
        sent = {"key": keys.create("ann"), "next": wanted}
        going = visitor.post(SIGN_IN, data=sent).headers["location"]
        assert going.startswith("/console/")


@pytest.mark.parametrize("who", ["ann", "root"])
def test_one_job_is_shown_as_it_stands(signed_in, root, clients, who):
    later = (datetime.now(UTC) + timedelta(days=7)).isoformat()
    turn = {"user_query": "I ski.", "user_id": "u", "run_at": later}
    job = clients("ann").post("/v2/memory/ingest", json=turn).json()

    page = (root if who == "root" else signed_in("ann")).get(f"/console/jobs/{job['job_id']}")

    assert page.status_code == 200
    assert "Why it waits" in page.text
    assert (">Owner</dt>" in page.text) == (who == "root")
    assert signed_in("ben").get(f"/console/jobs/{job['job_id']}").status_code == 404


def first_cells(client, job_id):
    """What a stream of a list begins with, for a job that is shown as it no longer is."""
    with client.stream("GET", f"/console/jobs/events?job={job_id}:0") as answer:
        lines = answer.iter_lines()
        assert next(line for line in lines if line.startswith("event:")) == f"event: {job_id}"
        return next(lines)


def test_a_stream_has_what_changed_since_the_page_was_made_and_nothing_of_anothers(
    signed_in, root, clients
):
    turn = {"user_query": "I ski.", "user_id": "u"}
    job_id = clients("ann").post("/v2/memory/ingest", json=turn).json()["job_id"]

    for client in (root, signed_in("ann")):
        assert "pending" in first_cells(client, job_id)
    assert "erased" in first_cells(signed_in("ben"), job_id)
    assert "erased" in first_cells(root, "job_unknown")
    assert signed_in("ben").get(f"/console/jobs/{job_id}/events").status_code == 404
