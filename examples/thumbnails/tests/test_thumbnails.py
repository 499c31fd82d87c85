"""A worker dies between a checkpoint and the end; another one goes on from there."""

import base64

import pytest
from thumbnails.job_types import THUMBNAILS
from thumbnails.work import COLLECTION, read, scaled, with_width

from keepsake.jobs.testing import AFTER_CHECKPOINT, Jobs, WorkerProcess

PICTURE = b"P5\n4 2\n255\n" + bytes(range(8))
WIDTHS = [1, 2, 4]


@pytest.fixture
def jobs():
    with Jobs(THUMBNAILS) as opened:
        yield opened


def test_a_thumbnail_has_the_width_that_was_asked_for():
    small = read(scaled(*read(PICTURE), 2))

    assert small == (bytes([0, 2]), 2, 1)


def test_a_thumbnail_of_before_gets_the_width_of_its_id():
    assert with_width({"_id": "job_1:40"}) == {"$set": {"width": 40}}


def test_a_job_whose_worker_was_killed_goes_on_from_its_checkpoint(jobs):
    payload = {"pgm": base64.b64encode(PICTURE).decode(), "widths": WIDTHS}
    job = jobs.accept(THUMBNAILS, payload)

    with WorkerProcess(die_at=AFTER_CHECKPOINT) as doomed:
        doomed.wait_dead()
    halfway = jobs.engine.control.get(job.owner, job.id)
    with WorkerProcess():
        ended = jobs.wait(job, "succeeded")

    stored = list(jobs.database[COLLECTION].find({"job": job.id}))
    assert (halfway.state, halfway.get("progress")["done"]) == ("running", 1)
    assert (ended.get("result"), ended.get("progress")["done"]) == ({"widths": WIDTHS}, 3)
    assert sorted(picture["times"] for picture in stored) == [1, 1, 1]
