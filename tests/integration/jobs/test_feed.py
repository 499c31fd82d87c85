"""A feed tells of every change, whatever fails between the change and its telling."""

import threading
from contextlib import contextmanager
from types import SimpleNamespace

import pytest
from pymongo.errors import AutoReconnect, OperationFailure
from pymongo.read_concern import ReadConcern

from keepsake.jobs.change_feed import Feed, Interests
from tests.factories import a_job


class Faulty:
    """The jobs collection; the next of what it is asked for fails, once."""

    def __init__(self, jobs) -> None:
        self.jobs = jobs
        self.find_fails = self.next_fails = None
        self.before_watch = lambda: None

    def find(self, *given):
        failure, self.find_fails = self.find_fails, None
        if failure:
            raise failure
        return self.jobs.find(*given)

    @contextmanager
    def watch(self, *given, **options):
        self.before_watch()
        majority = self.jobs.with_options(read_concern=ReadConcern("majority"))
        with majority.watch(*given, **options) as stream:
            self.stream = stream
            yield self

    @property
    def alive(self):
        return self.stream.alive

    @property
    def resume_token(self):
        return self.stream.resume_token

    def try_next(self):
        failure, self.next_fails = self.next_fails, None
        if failure:
            raise failure
        return self.stream.try_next()


@pytest.fixture
def faulty(engine):
    return Faulty(engine.records.jobs)


@pytest.fixture
def told():
    return []


@pytest.fixture
def opened(faulty):
    """Opens feeds for somebody who watches all of alice's jobs, beside many others.

    Beside many a feed gathers changes for a quarter of a second before it tells them.
    """
    interests, feeds = Interests(frozenset(["alice"]), frozenset(), shared=10_000), []

    def open_feed(deliver):
        feeds.append(Feed(SimpleNamespace(jobs=faulty), lambda: interests, deliver))
        assert feeds[-1].open(10)
        return feeds[-1]

    yield open_feed
    for feed in feeds:
        feed.close()


def ended(told):
    return [
        change.job_id
        for changes in told
        for change in changes or ()
        if change.job and change.job.state == "cancelled"
    ]


def test_an_end_is_told_though_the_database_was_away_when_its_record_was_read(
    engine, faulty, opened, told, eventually
):
    def deliver(changes):
        told.append(changes)
        if len(told) == 1:
            engine.control.cancel("alice", changes[0].job_id, by="alice")
            faulty.find_fails = AutoReconnect("connection closed")

    opened(deliver)
    job = engine.acceptance.accept(a_job()).job

    eventually(lambda: job.id in ended(told))
    assert faulty.find_fails is None


def test_what_changes_while_the_first_read_of_the_log_fails_is_told(
    engine, faulty, opened, told, eventually
):
    faulty.next_fails = AutoReconnect("connection closed")
    opened(told.append)
    job = engine.acceptance.accept(a_job()).job
    engine.control.cancel("alice", job.id, by="alice")

    eventually(lambda: job.id in ended(told))


def test_a_record_that_cannot_be_told_makes_watchers_read_anew_and_ends_no_feed(
    engine, faulty, opened, told, eventually
):
    feed = opened(told.append)
    faulty.find_fails = ValueError("no record can be read so")
    engine.acceptance.accept(a_job())
    eventually(lambda: None in told)

    assert feed.open(10)
    later = engine.acceptance.accept(a_job(payload={"later": 1})).job
    engine.control.cancel("alice", later.id, by="alice")
    eventually(lambda: later.id in ended(told))


def test_after_a_gap_the_feed_is_open_only_once_it_hears_again(faulty, opened, told, eventually):
    feed, let = opened(told.append), threading.Event()
    faulty.before_watch = let.wait
    faulty.next_fails = OperationFailure("history lost", 286)

    eventually(lambda: None in told)
    heard_at_once = feed.open(0)
    let.set()

    assert (heard_at_once, feed.open(10)) == (False, True)


def test_that_nobody_may_follow_the_log_is_no_gap(faulty, opened, told, caplog, eventually):
    refusals = [OperationFailure("not authorized", 13)]
    faulty.before_watch = lambda: _raise_next(refusals)

    opened(told.append)

    # Other threads of this process may log something, too.
    told_of = [record for record in caplog.records if record.name == "keepsake.feed"]
    assert [(record.message, record.code) for record in told_of] == [("feed.refused", 13)]
    assert refusals == []


def test_who_watches_arrivals_is_told_of_them_alone_and_no_job_is_read_for_it(
    engine, faulty, told, eventually
):
    interests = Interests(frozenset(), frozenset(), arrivals=True)
    feed = Feed(SimpleNamespace(jobs=faulty), lambda: interests, told.append)
    assert feed.open(10)
    job = engine.acceptance.accept(a_job()).job
    engine.control.cancel("alice", job.id, by="alice")
    last = engine.acceptance.accept(a_job(payload={"last": 1})).job

    def arrived():
        return [change.job_id for changes in told for change in changes]

    eventually(lambda: last.id in arrived())
    feed.close()
    assert arrived() == [job.id, last.id]
    assert {change.job for changes in told for change in changes} == {None}


def _raise_next(failures):
    if failures:
        raise failures.pop()
