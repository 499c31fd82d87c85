"""The jobs of all owners, as operators see them, and why jobs wait."""

from itertools import chain

import pytest

from keepsake.access.keys import Role
from keepsake.jobs import UNFINISHED, listing, operator_listing
from middleware.diagnosis import described

TURN = {"user_query": "I live in Lisbon.", "user_id": "u1"}
ALL = "/v1/admin/jobs"


@pytest.fixture
def bob(clients):
    return clients("bob")


@pytest.fixture
def operator(clients):
    return clients("olga", role=Role.OPERATOR)


@pytest.fixture
def posted(alice, bob):
    """Two of alice's jobs, in one lane, one of bob's, and one of alice's in another queue."""
    return {
        "first": alice.post("/v2/memory/ingest", json=TURN).json(),
        "second": alice.post("/v2/memory/ingest", json={**TURN, "user_query": "I ski."}).json(),
        "bobs": bob.post("/v2/memory/ingest", json=TURN).json(),
        "link": alice.post(
            "/v2/memory/scrape",
            json={"url": "https://chatgpt.com/share/1", "user_id": "u2", "labels": {"team": "cli"}},
        ).json(),
    }


def named(posted, answer):
    """Which of the jobs an answer has."""
    names = {job["job_id"]: name for name, job in posted.items()}
    return [names[job["job_id"]] for job in answer.json()["jobs"]]


def pages(client, **params):
    """Which jobs a list has, page by page."""
    token = ""
    while token is not None:
        page = client.get(ALL, params={**params, "page_token": token}).json()
        yield [job["job_id"] for job in page["jobs"]]
        token = page["next_page_token"]


def test_operators_see_the_jobs_of_all_owners_newest_first_and_owners_nothing(
    operator, clients, alice, posted
):
    seen = operator.get(ALL)

    assert sorted(named(posted, seen)) == sorted(posted)
    assert {job["owner"] for job in seen.json()["jobs"]} == {"alice", "bob"}
    assert "Lisbon" not in seen.text
    assert named(posted, clients("otto", role=Role.OPERATOR_READ_ONLY).get(ALL)) == named(
        posted, seen
    )
    for client in (alice, clients("bob")):
        refused = client.get(f"{ALL}/{posted['first']['job_id']}")
        assert (client.get(ALL).status_code, refused.status_code) == (403, 403)


FILTERS = [
    ({"owner": "alice"}, {"first", "second", "link"}),
    ({"owner": "nobody"}, set()),
    ({"status": "running"}, {"first"}),
    ({"status": ["pending", "dead_letter"]}, {"second", "bobs", "link"}),
    ({"status": "succeeded"}, set()),
    ({"type": "memory.scrape"}, {"link"}),
    ({"queue": "keepsake.memory", "type": "memory.ingest"}, {"first", "second", "bobs"}),
    ({"queue": "keepsake.scanner"}, set()),
    ({"worker": "w1"}, {"first", "bobs"}),
    ({"worker": "w1", "status": "running"}, {"first"}),
    ({"error_type": "no-turns"}, {"bobs"}),
    ({"label": "team:cli"}, {"link"}),
    ({"label": "team:cli", "owner": "alice", "status": "pending"}, {"link"}),
    ({"label": "team:web"}, set()),
    ({"owner": "alice", "error_type": "no-turns"}, set()),
    ({"job_id": "job_"}, {"first", "second", "bobs", "link"}),
    ({"owner": "bob", "job_id": "job_0"}, {"bobs"}),
    ({"job_id": "job_zz"}, set()),
    ({"created_after": "2020-01-01T00:00:00Z"}, {"first", "second", "bobs", "link"}),
    ({"created_before": "2020-01-01T00:00:00Z"}, set()),
    ({"created_after": "2100-01-01T00:00:00Z"}, set()),
]


@pytest.fixture
def spread(posted, engine):
    """One of the jobs runs, and one was given up."""
    lanes = {name: engine.control.get(None, job["job_id"]).lane for name, job in posted.items()}
    engine.claims.claim(lanes["first"], "w1")
    claim = engine.claims.claim(lanes["bobs"], "w1")
    error = {"kind": "permanent", "type": "no-turns", "message": "no use"}
    engine.dead_letters.give_up(claim, error)  # on a majority, and with it what was before
    return posted


def test_each_filter_names_jobs_of_all_owners(operator, spread):
    of_link = {"job_id": spread["link"]["job_id"]}
    wrong = [
        (params, found)
        for params, meant in [*FILTERS, (of_link, {"link"})]
        if (found := set(named(spread, operator.get(ALL, params=params)))) != meant
    ]

    assert wrong == []


def test_pages_follow_each_other_without_a_gap(operator, posted):
    for params in ({}, {"status": "pending"}, {"owner": "alice"}):
        whole = next(pages(operator, **params))

        assert list(chain.from_iterable(pages(operator, page_size=1, **params))) == whole
        assert len(whole) == len(set(whole)) > 2


def test_a_page_looks_at_a_bounded_number_of_records(engine, spread, monkeypatch):
    monkeypatch.setattr(operator_listing, "EXAMINED", 1)

    def walked(**which):
        sizes, found, place = [], [], None
        while not sizes or place is not None:
            page = engine.operator_listing.page(None, listing.Wanted(**which), place, 10)
            sizes.append(len(page.jobs))
            found += [job.id for job in page.jobs]
            place = page.following
        return sizes, found

    sizes, found = walked(worker="nobody")
    assert (sizes, found) == ([0] * len(spread), [])
    sizes, found = walked(states=UNFINISHED)
    assert set(found) == {job["job_id"] for name, job in spread.items() if name != "bobs"}
    assert max(sizes) == 1


def test_an_operator_sees_where_an_attempt_failed_and_no_value_of_it(
    operator, alice, posted, engine
):
    def fail():
        raise ValueError("Lisbon is a secret")

    claim = engine.claims.claim(engine.control.get(None, posted["bobs"]["job_id"]).lane, "w1")
    try:
        fail()
    except ValueError as error:
        engine.claims.retry(claim, {**described(error), "attempt": 1}, 60)

    answer = operator.get(f"{ALL}/{posted['bobs']['job_id']}")
    job = answer.json()

    (attempt,) = job["attempts"]
    assert attempt["error"]["diagnosis"]["exception"] == "ValueError"
    assert attempt["error"]["diagnosis"]["traceback"][-1].endswith(" fail")
    assert job["error"]["diagnosis"] == attempt["error"]["diagnosis"]
    assert (job["error"]["type"], job["status"], job["owner"]) == ("internal", "retrying", "bob")
    assert [state["status"] for state in job["states"]] == ["pending", "running", "retrying"]
    assert "Lisbon" not in answer.text


def waits(client, job):
    return client.get(f"{job['status_url']}/waits").json()["waits"]


def test_owners_and_operators_are_told_what_is_before_a_job_in_its_lane(
    operator, alice, bob, posted
):
    first, second = posted["first"], posted["second"]

    told = waits(alice, second)
    shown = operator.get(f"{ALL}/{second['job_id']}").json()

    assert (told[0]["reason"], told[0]["job_id"]) == ("lane", first["job_id"])
    assert shown["waits"] == told
    assert shown["lanes"] == [
        {"ahead": 1, "head_job_id": first["job_id"], "head_status": "pending"}
    ]
    assert bob.get(f"{second['status_url']}/waits").status_code == 404


def test_a_job_that_nobody_can_start_names_everything_that_is_in_the_way(operator, alice, posted):
    operator.post("/v1/admin/queues/keepsake.memory:pause", json={"reason": "upgrade"})

    told = waits(alice, posted["first"])

    assert [wait["reason"] for wait in told] == ["queue-paused", "no-worker"]
    assert told[0]["detail"].endswith(": upgrade")


def test_a_job_that_is_held_or_over_says_so(alice, spread, engine):
    running, dead = waits(alice, spread["first"]), spread["bobs"]

    assert (running[0]["reason"], running[0]["until"] is None) == ("running", False)
    assert "w1" in running[0]["detail"]
    assert engine.waits.of("bob", dead["job_id"], lambda _queue: None) == []


@pytest.fixture
def living(engine):
    """A worker that lives, of which nothing is heard but that."""
    engine.leases.heartbeat("w1", {"queues": ["keepsake.memory"]})


def test_a_retry_waits_for_its_time_and_a_paused_job_for_its_resume(alice, posted, engine, living):
    claim = engine.claims.claim(engine.control.get(None, posted["first"]["job_id"]).lane, "w1")
    engine.claims.retry(claim, {"kind": "transient", "type": "transient", "message": "no"}, 60)
    alice.post(f"{posted['link']['status_url']}:pause", json={"reason": "not now"})

    (retry,), (paused,) = waits(alice, posted["first"]), waits(alice, posted["link"])

    assert (retry["reason"], retry["until"] > retry["since"]) == ("not-due", True)
    assert (paused["reason"], paused["detail"][-7:]) == ("paused", "not now")


def test_a_job_that_could_run_waits_for_a_worker_or_has_lost_its_notification(
    alice, posted, engine, living, database
):
    job_id = posted["first"]["job_id"]
    ago = {"$dateSubtract": {"startDate": "$$NOW", "unit": "minute", "amount": 1}}

    def told(messages):
        (wait,) = engine.waits.of("alice", job_id, lambda _queue: messages)
        return wait.reason

    assert told(0) == told(3) == told(None) == "notified"
    database["jobs"].update_one({"_id": job_id}, [{"$set": {"updated_at": ago}}])
    assert (told(0), told(3), told(None)) == ("notification-lost", "notified", "notified")


def test_a_worker_that_is_silent_and_a_job_of_another_version_are_told(
    alice, spread, engine, database, living
):
    ago = {"$dateSubtract": {"startDate": "$$NOW", "unit": "minute", "amount": 1}}
    first, link = spread["first"]["job_id"], spread["link"]["job_id"]
    database["jobs"].update_one({"_id": first}, [{"$set": {"lease_expires_at": ago}}])
    database["jobs"].update_one({"_id": link}, {"$set": {"type": "memory.dream"}})

    assert waits(alice, spread["first"])[0]["reason"] == "worker-silent"
    assert waits(alice, spread["link"])[0]["reason"] == "other-version"
