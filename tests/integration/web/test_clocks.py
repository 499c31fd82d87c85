"""One of two web hosts is an hour ahead: what was said last counts, whichever host heard it."""

import httpx
import pytest

from keepsake.launcher.environment import SteppedClock

AHEAD = 3_600
CITIES = ("Paris", "Berlin", "Rome")


@pytest.fixture
def hosts(clients, web_server, tmp_path):
    """A client of a host that is ahead and one of a host that is right."""
    clock = SteppedClock(tmp_path / "clock")
    clock.step(AHEAD)
    _, ahead_url = web_server(**clock.environment)
    right = clients("alice")
    with httpx.Client(base_url=ahead_url, headers=right.headers, timeout=60) as ahead:
        yield ahead, right


def say(host, path, city):
    body = {"user_query": f"I live in {city}.", "user_id": "u1"}
    answer = host.post(path, json=body)
    assert answer.status_code in {200, 202}
    return answer.json()


def home(database):
    held = {"user_id": "u1", "slot.attribute": "lives_in", "valid_to": None}
    return [fact["slot"]["value"] for fact in database["memories"].find(held)]


def told(hosts, path):
    """Three statements by way of the host that is ahead, the right one, and the first again."""
    ahead, right = hosts
    pairs = zip((ahead, right, ahead), CITIES, strict=True)
    return [say(host, path, city) for host, city in pairs][-1]


def test_the_last_statement_wins_in_v1(hosts, database):
    told(hosts, "/v1/memory/ingest")
    assert home(database) == ["rome"]

    say(hosts[1], "/v1/memory/ingest", "Oslo")

    assert home(database) == ["oslo"]


def test_the_last_statement_wins_in_v2(hosts, database, worker):
    worker()
    last = told(hosts, "/v2/memory/ingest")

    status = hosts[1].get(last["status_url"], params={"wait": 30}).json()["status"]

    assert (status, home(database)) == ("succeeded", ["rome"])


def test_a_batch_and_an_edit_come_after_what_a_host_ahead_heard(hosts, database):
    ahead, right = hosts
    say(ahead, "/v1/memory/ingest", "Paris")
    turn = {"user_query": "I live in Berlin.", "user_id": "u1"}
    right.post("/v1/memory/batch-ingest", json={"items": [turn]})
    assert home(database) == ["berlin"]
    (fact,) = database["memories"].find({"slot.attribute": "lives_in", "valid_to": None})

    edited = ahead.patch(
        f"/v2/memory/memories/{fact['_id']}", params={"user_id": "u1"},
        json={"content": "I live in Bonn."},
    )  # fmt: skip
    assert edited.status_code == 200
    say(right, "/v1/memory/ingest", "Kiel")

    assert home(database) == ["kiel"]


def test_a_client_is_told_to_come_back_soon(hosts):
    ahead, _ = hosts

    answer = ahead.post("/v2/memory/ingest", json={"user_query": "I like tea."})

    assert 1 <= int(answer.headers["Retry-After"]) <= 30
