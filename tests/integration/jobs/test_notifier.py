"""When the end of a job must notify the next one of its lane."""

from tests.factories import a_job


def accept(engine):
    return [engine.acceptance.accept(a_job(payload={"n": n}, lane="L")).job for n in range(2)]


def test_a_lane_nobody_waited_for_needs_no_notification(engine):
    accept(engine)

    ended = engine.claims.succeed(engine.claims.claim("L", "w"), None)

    assert not ended.get("notify_next")


def test_a_notification_used_up_while_the_head_ran_is_remembered(engine):
    accept(engine)
    claim = engine.claims.claim("L", "w1")
    assert engine.claims.claim("L", "w2") is None

    assert engine.claims.succeed(claim, None).get("notify_next")


def test_a_notification_on_behalf_of_others_is_passed_on(engine):
    _, second = accept(engine)
    engine.claims.succeed(engine.claims.claim("L", "w"), None)

    claim = engine.claims.claim("L", "w", notify_next=True)

    assert claim.job.id == second.id
    assert engine.claims.succeed(claim, None).get("notify_next")
