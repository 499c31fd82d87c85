"""A notification may overtake the record of its job."""

import pytest
from dramatiq import Message
from dramatiq.broker import MessageProxy
from dramatiq.middleware import SkipMessage

from keepsake.jobs import BatchedClaims, ClaimRequest, NotRecorded
from middleware import early
from middleware.notifier import message_arguments
from middleware.status import Status
from tests.factories import a_job


class Repeating:
    """A notifier that notes what it repeats."""

    def __init__(self) -> None:
        self.repeated = []

    def repeat(self, message) -> None:
        self.repeated.append(message.kwargs)


@pytest.fixture
def unrecorded(engine):
    """A job, and its record, which is not there."""
    job = engine.acceptance.accept(a_job(lane="L")).job
    record = engine.records.jobs.find_one_and_delete({"_id": job.id})
    return job, record


@pytest.fixture
def notify(engine):
    """Take an early notification up, as a worker's thread does; the notifier of that worker."""
    notifier = Repeating()
    status = Status(engine, notifier, "w1")

    def take_up(job):
        arguments = message_arguments(job, notify_next=False, early=True)
        message = MessageProxy(Message(job.queue, job.type, (), arguments, {}))
        with pytest.raises(SkipMessage):
            status.before_process_message(None, message)
        return status, notifier

    return take_up


def test_an_early_notification_is_repeated_once_its_job_is_recorded(
    engine, unrecorded, notify, eventually, monkeypatch
):
    monkeypatch.setattr(early, "_LONGEST_SECONDS", 60)  # this machine may be busy
    job, record = unrecorded
    _, notifier = notify(job)
    assert notifier.repeated == []

    engine.records.jobs.insert_one(record)

    eventually(lambda: notifier.repeated)
    assert notifier.repeated == [{"job_id": job.id, "lane": "L"}]


def test_an_early_notification_whose_job_is_never_recorded_is_dropped(
    unrecorded, notify, eventually, monkeypatch
):
    monkeypatch.setattr(early, "_LONGEST_SECONDS", 0.05)

    status, notifier = notify(unrecorded[0])

    eventually(lambda: not status._early._waiting)
    assert notifier.repeated == []


def test_only_an_early_request_tells_an_empty_lane_from_one_that_has_nothing_due(engine):
    claims = BatchedClaims(engine.records)
    other = engine.acceptance.accept(a_job()).job

    with pytest.raises(NotRecorded):
        claims.claim("empty", "w1", early=True)
    answers = claims.claim_all([ClaimRequest("empty", "w1", early=True),
                                ClaimRequest("void", "w1"),
                                ClaimRequest(other.lane, "w1", early=True)])  # fmt: skip

    assert isinstance(answers[0], NotRecorded)
    assert answers[1] is None
    assert answers[2].job.id == other.id
    assert claims.claim(other.lane, "w1", early=True) is None
