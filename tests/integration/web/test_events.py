"""Server-sent events: complete, resumable, the same at every web process."""

import threading

import pytest

from tests.factories import a_job
from tests.integration.web.event_client import connected

TURN = {"user_query": "I live in Lisbon.", "user_id": "u1"}
ENDS = ("succeeded", "cancelled", "dead_letter")


def states(events):
    return [data["status"] for event, data in events if event == "state"]


def is_end(event, _data):
    return event == "end"


@pytest.fixture
def job(alice):
    return alice.post("/v2/memory/ingest", json=TURN).json()


def test_a_stream_tells_where_the_job_stands_and_what_follows(alice, job):
    with connected(alice, f"{job['status_url']}/events") as events:
        first = events.until(lambda event, _: event == "snapshot")
        alice.post(f"{job['status_url']}:pause")
        alice.post(f"{job['status_url']}:resume")
        alice.post(f"{job['status_url']}:cancel", json={"reason": "enough"})
        rest = events.until(is_end)

    assert first[0][1]["status"] == "pending"
    assert states(rest) == ["paused", "pending", "cancelled"]
    assert rest[-1][1]["error"]["message"] == "enough"


def test_a_stream_closes_after_the_end_and_204_keeps_the_client_away(alice, job):
    alice.post(f"{job['status_url']}:cancel")
    url = f"{job['status_url']}/events"

    with connected(alice, url) as events:
        received = [event for event, _ in events]
    with connected(alice, url, events.last_id) as again:
        assert again.response.status_code == 204

    assert received == ["snapshot", "end"]


def test_a_reconnect_gets_every_state_it_missed_at_another_process(alice, job, web_server, clients):
    with connected(alice, f"{job['status_url']}/events") as events:
        events.until(lambda event, _: event == "snapshot")
    for action in ("pause", "resume", "pause", "resume"):
        alice.post(f"{job['status_url']}:{action}")
    _, base_url = web_server()
    other = clients("alice")
    other.base_url = base_url

    alice.post(f"{job['status_url']}:cancel")
    with connected(other, f"{job['status_url']}/events", events.last_id) as again:
        received = again.until(is_end)

    assert states(received) == ["paused", "pending", "paused", "pending", "cancelled"]
    assert "snapshot" not in [event for event, _ in received]


def test_a_run_is_told_from_its_start_to_its_end(alice, worker):
    job = alice.post("/v2/memory/ingest", json=TURN).json()
    with connected(alice, f"{job['status_url']}/events") as events:
        events.until(lambda event, _: event == "snapshot")
        worker()
        received = events.until(is_end)

    assert states(received) == ["running", "succeeded"]
    assert received[-1][1]["result"]


def test_all_own_jobs_are_in_one_stream_and_no_others(alice, clients, job):
    bob = clients("bob")
    with connected(alice, "/v1/jobs/events") as events:
        snapshot = events.until(lambda event, _: event == "snapshot")
        bob.post("/v2/memory/ingest", json=TURN)
        posted = alice.post("/v2/memory/ingest", json={**TURN, "user_query": "I like tea."}).json()
        alice.post(f"{job['status_url']}:cancel")
        received = events.until(is_end)

    assert [shown["job_id"] for shown in snapshot[0][1]["jobs"]] == [job["job_id"]]
    assert {data["job_id"] for _, data in received} == {job["job_id"], posted["job_id"]}
    assert [(data["job_id"], data["status"]) for event, data in received if event == "state"] == [
        (posted["job_id"], "pending"), (job["job_id"], "cancelled"),
    ]  # fmt: skip


def test_a_stream_of_all_jobs_is_resumed_where_it_broke(alice, clients, job, web_server):
    with connected(alice, "/v1/jobs/events") as events:
        events.until(lambda event, _: event == "snapshot")
        alice.post(f"{job['status_url']}:pause")
        events.until(lambda event, _: event == "state")
    alice.post(f"{job['status_url']}:resume")
    alice.post(f"{job['status_url']}:cancel")
    other = clients("alice")
    _, other.base_url = web_server()

    with connected(other, "/v1/jobs/events", events.last_id) as again:
        received = again.until(is_end)

    assert states(received) == ["pending", "cancelled"]


def test_a_snapshot_that_was_cut_says_so(alice, engine, job):
    with connected(alice, "/v1/jobs/events") as events:
        whole = events.until(lambda event, _: event == "snapshot")
    engine.acceptance.accept_all([a_job(payload={"n": n}) for n in range(200)])

    with connected(alice, "/v1/jobs/events") as events:
        cut = events.until(lambda event, _: event == "snapshot")

    assert [(len(data["jobs"]), data["more"]) for _, data in whole + cut] == [
        (1, False), (200, True),
    ]  # fmt: skip


FUTURE = "82FFFFFFF0000000012B042C0100296E5A1004" + "00" * 16 + "46645F696400"


@pytest.mark.parametrize(
    "position", ["82nonsense", "82", "FF" * 200, "00", "{}", "\xe9", "8" * 499, FUTURE]
)
def test_a_position_of_nowhere_begins_anew(alice, job, position):
    with connected(alice, "/v1/jobs/events", position.encode("latin-1")) as events:
        received = events.until(lambda event, _: event == "snapshot")

    assert received[0][1]["jobs"][0]["job_id"] == job["job_id"]


def test_an_id_that_is_no_revision_is_refused(alice, job):
    refused = alice.get(f"{job['status_url']}/events", headers={"Last-Event-ID": "yesterday"})

    assert (refused.status_code, refused.json()["type"]) == (400, "/problems#event-id-malformed")


def test_anothers_job_has_no_events(clients, job):
    assert clients("bob").get(f"{job['status_url']}/events").status_code == 404


def test_streams_go_on_after_a_restart_of_the_web_process(alice, job, web_server, clients):
    first, base_url = web_server()
    client = clients("alice")
    client.base_url = base_url
    with connected(client, f"{job['status_url']}/events") as events:
        events.until(lambda event, _: event == "snapshot")
        first.kill()
        alice.post(f"{job['status_url']}:pause")
    _, client.base_url = web_server()
    finish = threading.Timer(0.2, alice.post, [f"{job['status_url']}:cancel"])
    finish.start()

    with connected(client, f"{job['status_url']}/events", events.last_id) as again:
        received = again.until(is_end)
    finish.join()  # its answer may come after the event

    assert states(received) == ["paused", "cancelled"]
