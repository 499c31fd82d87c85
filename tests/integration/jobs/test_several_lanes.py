"""Jobs of several lanes: order in each, never two at once, and no notification is lost."""

import random

import pytest

from keepsake.jobs.engine import Engine
from keepsake.parts import job_types
from middleware.notifier import message_arguments
from tests.factories import a_job

LANES = "abcd"
JOBS = 14


def accept(engine, *lanes):
    new = a_job(payload={"n": random.random()}, lane=lanes[0], further_lanes=lanes[1:])
    return engine.acceptance.accept(new).job


def deliver(engine, marks):
    """What a worker does when a message reaches it."""
    if marks.get("multi_lane"):
        return engine.claims.claim_multi_lane(marks["job_id"], "w")
    return engine.claims.claim(marks["lane"], "w", notify_next=marks.get("notify_next", False))


@pytest.mark.parametrize("seed", range(8))
def test_whatever_the_order_of_notifications_and_ends_every_job_runs_in_its_turn(
    database, engine, seed
):
    """Notifications arrive in any order and are used up; the relay never helps."""
    engine_without_relay, chance = Engine.over(database, job_types()), random.Random(seed)
    waiting_messages, running, ran, jobs = [], {}, [], []

    def begin() -> None:
        claim = deliver(
            engine_without_relay, waiting_messages.pop(chance.randrange(len(waiting_messages)))
        )
        if claim is not None:
            taken = {lane for other in running.values() for lane in other.job.lanes}
            assert taken.isdisjoint(claim.job.lanes)
            running[claim.job.id] = claim
            ran.append(claim.job.id)

    def end() -> None:
        claim = running.pop(chance.choice(sorted(running)))
        ended = engine_without_relay.claims.succeed(claim, None)
        waiting = (
            engine_without_relay.claims.waiting_behind(ended) if ended.get("notify_next") else []
        )
        waiting_messages.extend(message_arguments(job, notify_next=True) for job in waiting)

    while len(jobs) < JOBS or waiting_messages or running:
        steps = [end] * bool(running) + [begin] * bool(waiting_messages)
        if len(jobs) < JOBS and (not steps or chance.random() < 0.4):
            jobs.append(accept(engine_without_relay, *chance.sample(LANES, chance.randint(1, 3))))
            waiting_messages.append(message_arguments(jobs[-1], notify_next=False))
        else:
            chance.choice(steps)()

    for lane in LANES:
        order = [job.id for job in jobs if lane in job.lanes]
        assert [job_id for job_id in ran if job_id in order] == order
    assert len(ran) == JOBS
