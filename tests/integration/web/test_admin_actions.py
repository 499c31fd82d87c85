"""What operators do to jobs of others, and that it is written down before it is done."""

import pytest

from keepsake.access.keys import Role

TURN = {"user_query": "I live in Lisbon.", "user_id": "u1"}
ALL = "/v1/admin/jobs"
ACTIONS = ("cancel", "pause", "resume", "retry", "replay")


@pytest.fixture
def bob(clients):
    return clients("bob")


@pytest.fixture
def operator(clients):
    return clients("olga", role=Role.OPERATOR)


@pytest.fixture
def post():
    def turn(client, said, user_id="u1", **more):
        body = {"user_query": said, "user_id": user_id, **more}
        return client.post("/v2/memory/ingest", json=body).json()

    return turn


@pytest.fixture
def failed(engine):
    """Lets a posted job, at the head of its lane, fail once."""

    def fail(job):
        claim = engine.claims.claim(engine.control.get(None, job["job_id"]).lane, "w1")
        error = {"kind": "transient", "type": "transient", "message": "not now"}
        engine.claims.retry(claim, error, 60)

    return fail


def statuses(client, *jobs):
    return [client.get(job["status_url"]).json()["status"] for job in jobs]


def acts(operator):
    """The acts, oldest first."""
    rows = reversed(operator.get("/v1/admin/audit").json()["acts"])
    return [(act["action"], act["target"], act["reason"]) for act in rows]


def test_an_operator_acts_on_anyones_job_and_each_act_is_audited(
    operator, alice, post, failed, dead
):
    paused, failing, given_up = (post(alice, "I ski.", name) for name in ("u1", "u2", "u3"))
    failed(failing)
    dead(given_up)

    def act(job, action, **body):
        return operator.post(f"{ALL}/{job['job_id']}:{action}", **body)

    told = [
        act(paused, "pause", json={"reason": "a flood"}).json()["status"],
        act(paused, "resume").json()["status"],
        act(paused, "cancel").json()["status"],
        act(failing, "retry").json()["status"],
    ]
    replayed = act(given_up, "replay").json()

    assert told == ["paused", "pending", "cancelled", "retrying"]
    assert (replayed["owner"], replayed["lineage"]["replay_of"]) == ("alice", given_up["job_id"])
    assert statuses(alice, paused, failing) == ["cancelled", "retrying"]
    assert acts(operator) == [
        ("job.pause", paused["job_id"], "a flood"),
        ("job.resume", paused["job_id"], ""),
        ("job.cancel", paused["job_id"], ""),
        ("job.retry", failing["job_id"], ""),
        ("job.replay", given_up["job_id"], ""),
    ]
    assert act(paused, "cancel").json()["type"] == "/problems#illegal-move"
    assert act({"job_id": "job_x"}, "cancel").status_code == 404


def test_a_dry_run_counts_names_the_first_and_is_no_act(operator, alice, bob, post):
    jobs = [post(client, f"I like {n}.") for client in (alice, bob) for n in range(2)]

    counted = operator.post(f"{ALL}:cancel", json={"dry_run": True}).json()

    assert (counted["matched"], counted["changed"], counted["remaining"]) == (4, 0, 4)
    assert set(counted["job_ids"]) == {job["job_id"] for job in jobs}
    assert statuses(alice, *jobs[:2]) == ["pending"] * 2
    assert acts(operator) == []


def test_a_tenants_flood_is_cancelled_and_nobody_elses_jobs(operator, alice, bob, post):
    flood = [post(alice, f"I like {n}.") for n in range(3)]
    theirs = post(bob, "I ski.")

    done = operator.post(f"{ALL}:cancel", json={"owner": "alice", "reason": "a flood"}).json()

    assert (done["changed"], done["refused"], done["remaining"]) == (3, 0, 0)
    assert statuses(alice, *flood) == ["cancelled"] * 3
    assert statuses(bob, theirs) == ["pending"]
    assert acts(operator) == [("jobs.cancel", '{"owner":"alice"}', "a flood")]


FILTERS = [
    {"label": ["team:cli"]}, {"job_id": "ID"}, {"type": ["memory.ingest"], "owner": "bob"},
    {"created_after": "CREATED"}, {"queue": ["keepsake.memory"], "label": ["team:cli"]},
]  # fmt: skip


@pytest.mark.parametrize("owner", [None, "bob"])
def test_each_filter_names_what_is_acted_on(operator, alice, bob, post, owner):
    post(alice, "I like tea.")
    job = post(bob, "I ski.", labels={"team": "cli"})
    words = {"ID": job["job_id"], "CREATED": job["created_at"]}

    for which in FILTERS:
        body = {name: words.get(value, value) if isinstance(value, str) else value
                for name, value in which.items()}  # fmt: skip
        body |= {"owner": owner} if owner else {}
        for action in ("pause", "resume"):
            done = operator.post(f"{ALL}:{action}", json=body).json()
            assert done["job_ids"] == [job["job_id"]], (action, body)
    assert statuses(bob, job) == ["pending"]


def test_poison_of_all_owners_is_replayed_by_the_type_of_its_error(
    operator, alice, bob, post, engine
):
    for client, error_type in ((alice, "poison"), (bob, "poison"), (bob, "no-turns")):
        job = post(client, f"I like {error_type}.", error_type)
        claim = engine.claims.claim(engine.control.get(None, job["job_id"]).lane, "w7")
        error = {"kind": "poison", "type": error_type, "message": "no use"}
        engine.dead_letters.give_up(claim, error)

    by_worker = operator.post(f"{ALL}:replay", json={"worker": "w7", "dry_run": True}).json()
    done = operator.post(f"{ALL}:replay", json={"error_type": "poison"}).json()

    assert (by_worker["matched"], done["matched"], done["changed"]) == (3, 2, 2)
    owners = {operator.get(f"{ALL}/{job_id}").json()["owner"] for job_id in done["job_ids"]}
    assert owners == {"alice", "bob"}
    assert operator.post(f"{ALL}:replay", json={"error_type": "poison"}).json()["matched"] == 0


def test_what_waits_for_its_next_try_is_tried_at_once(operator, alice, post, failed):
    job = post(alice, "I ski.")
    failed(job)

    done = operator.post(f"{ALL}:retry", json={"error_type": "transient"}).json()

    assert done["job_ids"] == [job["job_id"]]
    told = operator.get(f"{ALL}/{job['job_id']}").json()
    assert told["run_at"] <= told["updated_at"]


def test_owners_and_readers_act_on_nothing(clients, alice, bob, post, database):
    job = post(bob, "I ski.")
    reader = clients("otto", role=Role.OPERATOR_READ_ONLY)

    answers = {
        client.post(f"{ALL}{what}:{action}", json={}).status_code
        for client in (alice, bob, reader)
        for what in ("", f"/{job['job_id']}")
        for action in ACTIONS
    }

    assert answers == {403}
    assert statuses(bob, job) == ["pending"]
    assert database["audit"].count_documents({}) == 0
