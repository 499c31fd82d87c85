"""Claims for the messages that a worker holds, without a database."""

import threading
import time
from types import SimpleNamespace

import pytest
from dramatiq import Message
from dramatiq.broker import MessageProxy

from keepsake.jobs import Claim, ClaimRequest, LeftToThread
from keepsake.jobs.job import Job
from middleware import claims_ahead
from middleware.claims_ahead import ClaimsAhead, Pace

LEASE_SECONDS = 8.0


def a_message(number, queue="queue"):
    arguments = {"job_id": f"job-{number}", "lane": f"lane-{number}"}
    return MessageProxy(Message(queue, "actor", (), arguments, {}))


def a_claim(lane, **record):
    return Claim(Job({"_id": lane, **record}), f"claim of {lane}", time.monotonic())


class Database:
    """Claims whatever is asked for, and notes the batches; a batch waits until it may go on."""

    def __init__(self) -> None:
        self.batches, self.handed_back, self.passed_on = [], [], []
        self.answers, self.go = {}, threading.Event()
        self.go.set()

    def claim_all(self, requests):
        self.batches.append([(request.lane, request.ahead) for request in requests])
        assert self.go.wait(10)
        return [self.answers.get(request.lane) or a_claim(request.lane) for request in requests]


@pytest.fixture
def database():
    return Database()


@pytest.fixture
def ahead(database):
    def request(message, is_ahead):
        return ClaimRequest(message.kwargs["lane"], "w1", ahead=is_ahead)

    return ClaimsAhead(
        database.claim_all, request, database.handed_back.append, database.passed_on.append,
        LEASE_SECONDS, {"queue.overflow"},
    )  # fmt: skip


class SteadyPace:
    """So many attempts start in a second, whatever the clock says."""

    def __init__(self, per_second: float) -> None:
        self._per_second = per_second
        self.idle_seconds = 0.0

    def note(self):
        """One more changes nothing."""

    def within(self, seconds):
        return 0 if self.idle_seconds else int(seconds * self._per_second)


@pytest.fixture
def fast(ahead):
    """A thousand attempts a second start."""
    ahead._pace = SteadyPace(1_000)
    return ahead._pace


def delivered_together(ahead, messages):
    """The thread of claims looks when all have come."""
    with ahead._changed:
        for message in messages:
            ahead.delivered(message)


def alone():
    return a_claim("alone")


def forbidden():
    raise AssertionError("nobody was to ask alone")


def ready(ahead):
    return len(ahead._held.ready)


def test_a_pace_is_of_what_started_lately(monkeypatch):
    now = [100.0]
    monkeypatch.setattr(claims_ahead, "time", SimpleNamespace(monotonic=lambda: now[0]))
    pace = Pace()

    for _ in range(3):
        now[0] += 1 / 16
        pace.note()

    assert pace.within(0.5) == 8
    now[0] += 1
    assert (pace.within(0.5), pace.idle_seconds) == (0, 1)


def test_a_lone_message_is_claimed_by_its_thread(ahead, database):
    message = a_message(1)
    ahead.delivered(message)

    assert ahead.claim(message, alone).job.id == "alone"
    assert database.batches == []


def test_without_a_pace_only_what_a_thread_waits_for_is_claimed(ahead, database):
    messages = [a_message(n) for n in range(5)]
    for message in messages:
        ahead.delivered(message)

    assert ahead.claim(messages[0], forbidden).job.id == "lane-0"
    assert database.batches == [[("lane-0", False)]]


def test_at_a_pace_as_many_are_claimed_as_will_start_in_a_moment(ahead, fast, eventually):
    messages = [a_message(n) for n in range(250)]
    delivered_together(ahead, messages)

    eventually(lambda: ready(ahead) == claims_ahead._AHEAD_MOST)
    assert ahead.claim(messages[0], forbidden).job.id == "lane-0"


def test_the_next_batch_waits_until_as_many_messages_wait_as_are_claimed(
    ahead, database, fast, eventually
):
    messages = [a_message(n) for n in range(40)]
    delivered_together(ahead, messages[:20])
    eventually(lambda: ready(ahead) == 20)
    for message in messages[20:]:
        ahead.delivered(message)

    eventually(lambda: ready(ahead) == 40)
    assert [len(batch) for batch in database.batches] == [20, 20]


def test_beside_a_flood_a_message_waits_for_no_batch_of_it(ahead, database, fast, eventually):
    database.go.clear()
    for number in range(21):
        ahead.delivered(a_message(number, "queue.overflow"))
    eventually(lambda: database.batches)  # one is under way, and does not end
    for number in range(21, 25):
        ahead.delivered(a_message(number, "queue.overflow"))
    message = a_message(99)
    ahead.delivered(message)

    assert ahead.claim(message, alone).job.id == "alone"
    database.go.set()


def test_beside_others_of_its_queue_a_message_shares_their_batch(ahead, database):
    messages = [a_message(n) for n in range(2)]
    for message in messages:
        ahead.delivered(message)

    assert ahead.claim(messages[1], forbidden).job.id == "lane-1"


def test_long_jobs_are_not_claimed_ahead(ahead, database):
    ahead._pace = SteadyPace(4)
    messages = [a_message(n) for n in range(5)]
    for message in messages:
        ahead.delivered(message)

    assert ahead.claim(messages[0], forbidden)
    assert database.batches == [[("lane-0", False)]]


def test_what_is_left_to_a_thread_is_asked_for_when_it_comes(ahead, database, fast, eventually):
    database.answers["lane-0"] = LeftToThread()
    messages = [a_message(n) for n in range(3)]
    delivered_together(ahead, messages)
    eventually(lambda: ready(ahead) == 2)

    assert ahead.claim(messages[0], alone).job.id == "alone"


def test_while_a_job_runs_that_crashed_before_nothing_is_claimed_ahead(ahead, fast, eventually):
    first, *others = [a_message(n) for n in range(4)]
    ahead.delivered(first)
    suspect = ahead.claim(first, lambda: a_claim("suspect", crashes_in_a_row=1))
    for message in others:
        ahead.delivered(message)

    assert ready(ahead) == ahead._allowed() == 0
    ahead.ended(suspect)
    assert ahead._allowed() > 0
    ahead.delivered(a_message(9))
    eventually(lambda: ready(ahead) == len(others) + 1)


def test_an_outage_is_each_waiting_threads_and_later_ones_ask_anew(ahead, database, eventually):
    database.claim_all = None  # calling it raises
    broken = ClaimsAhead(
        lambda _: [OSError("away")] * 2, ahead._request, database.handed_back.append,
        database.passed_on.append, LEASE_SECONDS,
    )  # fmt: skip
    broken._pace = SteadyPace(1_000)
    messages = [a_message(n) for n in range(2)]
    for message in messages:
        broken.delivered(message)
    eventually(lambda: not broken._held.waiting)

    assert broken.claim(messages[0], alone).job.id == "alone"


def test_what_was_claimed_and_not_started_is_handed_back_at_the_end(
    ahead, database, fast, eventually
):
    messages = [a_message(n) for n in range(3)]
    delivered_together(ahead, messages)
    eventually(lambda: ready(ahead) == 3)

    ahead.close()

    assert [claim.job.id for claim in database.handed_back] == ["lane-0", "lane-1", "lane-2"]
    assert ahead.claim(messages[0], alone).job.id == "alone"


def test_what_no_thread_comes_for_is_given_to_others(
    ahead, database, fast, eventually, monkeypatch
):
    messages = [a_message(n) for n in range(3)]
    delivered_together(ahead, messages)
    eventually(lambda: ready(ahead) == 3)
    monkeypatch.setattr(claims_ahead, "_BUSY_SECONDS", 0.01)
    ahead._unstarted_seconds = 0.01
    fast.idle_seconds = 60.0
    ahead.delivered(late := a_message(9))

    eventually(lambda: ahead.give_back() or database.passed_on)
    assert {claim.job.id for claim in database.handed_back} >= {"lane-0", "lane-1", "lane-2"}
    assert database.passed_on == [late]
    assert ahead.claim(late, forbidden) is None
