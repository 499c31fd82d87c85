"""Server-sent events as the client reads them."""

import json

import pytest
from httpx_sse import ServerSentEvent

from keepsake_client.errors import UnexpectedAnswer
from keepsake_client.events import Position, event_of


def sent(event: str, last_id: str = "", **data: object) -> ServerSentEvent:
    return ServerSentEvent(event, json.dumps(data), last_id)


def test_of_events_that_share_a_revision_none_comes_twice_after_a_break():
    """The service numbers the last one alone, and sends all of them again."""
    state, log = sent("state", "3", status="running"), sent("log", "3", message="a", level="info")
    end = sent("log", "4", message="b", level="info")
    position = Position("3")

    before = [position.is_new(event) for event in (state, log)]
    again = [position.is_new(event) for event in (state, log, end)]

    assert (before, again) == ([True, True], [False, False, True])
    assert position.last_id == "4"


def test_the_same_news_later_is_news():
    position = Position("")

    new = [position.is_new(sent("progress", number, done=1)) for number in ("1", "2", "3")]

    assert new == [True, True, True]


def test_what_the_service_asks_between_two_connections_is_heard():
    position = Position("")

    assert not position.is_new(ServerSentEvent(retry=500))
    assert position.pause_seconds == 0.5


def test_an_event_fills_the_field_of_its_kind():
    line = event_of(sent("log", "7", at="2026-01-31T00:00:00Z", level="info", message="a"))
    state = event_of(sent("state", job_id="job_1", status="running", revision=3))

    assert line.log is not None
    assert (line.id, line.log.message) == ("7", "a")
    assert (state.job_id, state.status) == ("job_1", "running")


def test_a_kind_of_a_newer_service_is_an_event_with_its_data():
    event = event_of(sent("mood", mood="fine"))

    assert (event.kind, event.data, event.job) == ("mood", {"mood": "fine"}, None)


@pytest.mark.parametrize("data", ["", "[]", "no json", '{"job_id": 3}'])
def test_what_is_no_event_of_the_service_says_so(data):
    with pytest.raises(UnexpectedAnswer, match="not an event"):
        event_of(ServerSentEvent("end", data))
