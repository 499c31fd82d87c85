"""What dashboards are shown: owners and minutes, of the roll-up."""

from datetime import datetime
from itertools import pairwise

import pytest

from keepsake.access.keys import Role
from keepsake.jobs import RollUp

TURN = {"user_query": "I live in Lisbon.", "user_id": "u1"}


@pytest.fixture
def operator(clients):
    return clients("olga", role=Role.OPERATOR)


@pytest.fixture
def rolled_up(alice, clients, engine):
    """Two jobs of alice's, of which one runs, and one of bob's, counted."""
    jobs = [alice.post("/v2/memory/ingest", json={**TURN, "user_id": u}).json() for u in "ab"]
    clients("bob").post("/v2/memory/ingest", json=TURN)
    engine.claims.claim(engine.control.get("alice", jobs[0]["job_id"]).lane, "w1")
    RollUp(engine.records).run_once()


def test_owners_are_listed_by_what_is_asked_for(operator, rolled_up):
    def listed(**params):
        answer = operator.get("/v1/admin/owners", params=params).json()
        return [(owner["owner"], owner["backlog"]) for owner in answer["owners"]]

    assert listed() == [("alice", 2), ("bob", 1)]
    assert listed(limit=1) == [("alice", 2)]
    assert listed(sort="dead_letter")[0][0] == "alice"
    assert operator.get("/v1/admin/owners").json()["looked_at"]


def test_the_timeline_leaves_no_minute_out_and_says_what_is_missing(operator, rolled_up):
    points = operator.get("/v1/admin/timeline", params={"minutes": 70}).json()["points"]

    assert len(points) == 70
    seen = [point["states"] for point in points[-2:] if point["states"]]  # a minute may end here
    assert [sum(states.values()) for states in seen] == [3]
    assert "not over" in points[-1]["note"]
    assert "nobody" in points[0]["note"]
    assert points[0]["counts"] is points[0]["states"] is None
    assert points[-3]["counts"]["accepted"] == 0


def test_minutes_are_added_up_to_steps_of_which_the_last_is_whole(operator, rolled_up):
    params = {"minutes": 70, "step": 15}
    points = operator.get("/v1/admin/timeline", params=params).json()["points"]

    minutes = [datetime.fromisoformat(point["at"]) for point in points]
    assert [(after - before).seconds // 60 for before, after in pairwise(minutes)] == [
        10,
        *[15] * 3,
    ]
    assert sum(points[-1]["states"].values()) == 3
    assert "of 15 minutes" in points[-1]["note"]
    assert points[-1]["latency"] is None


def test_figures_that_nobody_has_are_refused_and_an_empty_system_has_none(operator, alice):
    assert operator.get("/v1/admin/owners").json()["owners"] == []
    assert operator.get("/v1/admin/owners", params={"sort": "size"}).status_code == 422
    assert operator.get("/v1/admin/timeline", params={"minutes": 9_999}).status_code == 422
    assert alice.get("/v1/admin/owners").status_code == 403
    assert alice.get("/v1/admin/timeline").status_code == 403
