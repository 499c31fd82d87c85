"""Recurring jobs: one for each occurrence, one at a time."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from keepsake.jobs.engine import Engine
from keepsake.jobs.errors import ScheduleNotFound
from keepsake.jobs.schedules import NewSchedule, _next
from keepsake.parts import job_types
from keepsake.scanner.job_types import SCAN

LANE = "a-repository"
RARELY = "0 0 29 2 *"
"""No occurrence of its own comes while a test runs, as one of each minute would."""


@pytest.fixture
def schedules(engine):
    return engine.schedules


@pytest.fixture
def schedule(schedules):
    """Makes a schedule."""

    def make(**given):
        given = {"type": SCAN.name, "owner": "alice", "payload": {"url": "u"}, "lane": LANE,
                 "cron": RARELY, **given}  # fmt: skip
        return schedules.create(NewSchedule(**given))["_id"]

    return make


@pytest.fixture
def due(engine):
    """Lets the time of all schedules come: an occurrence of so many minutes ago."""
    now = datetime.now(UTC).replace(second=0, microsecond=0)  # the same all the while

    def come(minutes=1):
        then = now - timedelta(minutes=minutes)
        times = {"occurs_at": then, "next_at": then}
        engine.records.database["schedules"].update_many({}, {"$set": times})

    return come


def jobs(engine):
    return list(engine.records.jobs.find().sort("_id", 1))


def test_what_is_due_makes_a_job_and_goes_on(engine, schedules, schedule, due):
    schedule_id = schedule(labels={"team": "cli"})
    assert schedules.start_due() == []
    due()

    (started,) = schedules.start_due()

    (job,) = jobs(engine)
    assert (job["_id"], job["lane"], job["labels"]) == (started.id, LANE, {"team": "cli"})
    (shown,) = schedules.of("alice", 10)
    assert (shown["_id"], shown["last_job_id"]) == (schedule_id, job["_id"])
    assert shown["next_at"] > datetime.now(UTC)
    assert schedules.start_due() == []


def test_an_occurrence_is_left_out_while_a_job_of_the_lane_has_not_ended(
    engine, schedules, schedule, due
):
    schedule()
    due(minutes=3)
    (first,) = schedules.start_due()
    due(minutes=2)
    assert schedules.start_due() == []
    skipped = schedules.of("alice", 10)[0]["skipped_at"]

    engine.claims.succeed(engine.claims.claim(LANE, "w"), None)
    due(minutes=1)
    (second,) = schedules.start_due()

    assert skipped is not None
    assert [job["_id"] for job in jobs(engine)] == [first.id, second.id]


def test_however_many_look_an_occurrence_makes_one_job(engine, schedule, due):
    for number in range(5):
        schedule(lane=f"lane-{number}")
    due()
    others = [Engine.over(engine.records.database, job_types()).schedules for _ in range(6)]

    with ThreadPoolExecutor(6) as pool:
        started = [job.id for jobs in pool.map(lambda each: each.start_due(), others)
                   for job in jobs]  # fmt: skip

    assert len(started) == len(set(started)) == len(jobs(engine)) == 5


def test_whoever_dies_before_going_on_makes_no_second_job(engine, schedules, schedule, due):
    schedule()
    due()
    schedules.start_due()
    engine.claims.succeed(engine.claims.claim(LANE, "w"), None)

    due()  # as if the one who made it had died before going on
    assert schedules.start_due() == []

    assert len(jobs(engine)) == 1
    assert schedules.of("alice", 10)[0]["next_at"] > datetime.now(UTC)


def test_after_an_outage_one_occurrence_is_made_up_for(engine, schedules, schedule, due):
    schedule()
    due(minutes=500)

    assert [len(schedules.start_due()) for _ in range(3)] == [1, 0, 0]


def test_a_paused_one_makes_no_jobs_until_it_goes_on(engine, schedules, schedule, due):
    schedule_id = schedule()
    schedules.pause("alice", schedule_id, paused=True)
    due()
    assert schedules.start_due() == []

    resumed = schedules.pause("alice", schedule_id, paused=False)

    assert resumed["next_at"] > datetime.now(UTC)
    assert schedules.start_due() == []
    due()
    assert len(schedules.start_due()) == 1


def test_one_that_cannot_be_read_holds_up_no_other(engine, schedules, schedule, due):
    bad = schedule(lane="bad")
    schedule()
    engine.records.database["schedules"].update_one({"_id": bad}, {"$set": {"time_zone": "x/y"}})
    due()

    assert [job.lane for job in schedules.start_due()] == [LANE]


def test_anothers_does_not_exist(schedules, schedule):
    schedule_id = schedule()

    for ask in (lambda: schedules.pause("bob", schedule_id, paused=True),
                lambda: schedules.delete("bob", schedule_id)):  # fmt: skip
        with pytest.raises(ScheduleNotFound):
            ask()
    assert schedules.of("bob", 10) == []
    schedules.delete_lanes("bob", [LANE])
    schedules.delete("alice", schedule_id)
    assert schedules.of("alice", 10) == []


@pytest.mark.parametrize(
    ("cron", "after", "expected"),
    [
        ("30 2 * * *", "2026-03-28T12:00:00+00:00", "2026-03-29T03:00:00+02:00"),
        ("30 2 * * *", "2026-10-24T12:00:00+00:00", "2026-10-25T02:30:00+02:00"),
        ("0 9 * * 1", "2026-11-29T12:00:00+00:00", "2026-11-30T09:00:00+01:00"),
    ],
)
def test_times_are_of_the_zones_wall_clock_and_none_is_lost_when_it_changes(cron, after, expected):
    schedule = {"cron": cron, "time_zone": "Europe/Berlin", "jitter_seconds": 60}

    following = _next(schedule, datetime.fromisoformat(after))

    assert following["occurs_at"] == datetime.fromisoformat(expected)
    assert timedelta(0) <= following["next_at"] - following["occurs_at"] <= timedelta(seconds=60)
