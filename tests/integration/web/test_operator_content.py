"""What is its owner's alone, and who of the operators may read it."""

import pytest

from keepsake.access.keys import ALL_SCOPES, CONTENT, Role

TURN = {"user_query": "I live in Lisbon.", "user_id": "u1"}
SCOPES = (*ALL_SCOPES, CONTENT)


@pytest.fixture
def job(alice):
    return alice.post("/v2/memory/ingest", json=TURN).json()


@pytest.fixture
def urls(job):
    of_job = f"/v1/admin/jobs/{job['job_id']}/content"
    return {of_job: "job.content.read", "/v1/admin/owners/alice/memories": "memories.read"}


def acts(client):
    """The acts, oldest first."""
    rows = reversed(client.get("/v1/admin/audit").json()["acts"])
    return [(act["by"], act["action"], act["target"], act["reason"]) for act in rows]


def test_what_is_its_owners_alone_takes_a_scope_and_every_reading_is_audited(
    alice, clients, job, urls
):
    alice.post(
        "/v1/memory/ingest",
        json={**TURN, "user_query": "I live in Lisbon and I am allergic to figs."},
    )
    olga = clients("olga", role=Role.OPERATOR, scopes=SCOPES)
    otto = clients("otto", role=Role.OPERATOR_READ_ONLY, scopes=SCOPES)

    content, memories = (
        olga.get(url, params={"reason": "a complaint", **more})
        for url, more in zip(urls, ({}, {"user_id": "u1"}), strict=True)
    )
    read = otto.get(next(iter(urls)))

    assert content.json()["payload"]["user_query"] == TURN["user_query"]
    assert any("figs" in memory["content"] for memory in memories.json()["memories"])
    assert read.json() == content.json()
    assert acts(olga) == [
        ("olga", "job.content.read", job["job_id"], "a complaint"),
        ("olga", "memories.read", "alice/u1", "a complaint"),
        ("otto", "job.content.read", job["job_id"], ""),
    ]


def test_without_the_scope_nobody_reads_it_and_without_a_role_the_scope_is_nothing(
    alice, clients, urls, database
):
    refused = [
        clients("olga", role=Role.OPERATOR),
        clients("otto", role=Role.OPERATOR_READ_ONLY),
        clients("bob", scopes=SCOPES),
        alice,
    ]

    assert {client.get(url).status_code for client in refused for url in urls} == {403}
    assert database["audit"].count_documents({}) == 0


def test_no_operator_gives_itself_the_scope(clients):
    wanted = {"owner": "olga", "role": "operator", "scopes": ["admin", CONTENT]}
    without, having = (
        clients("olga", role=Role.OPERATOR, **more) for more in ({}, {"scopes": SCOPES})
    )

    refused = without.post("/v1/admin/keys", json=wanted)

    assert (refused.status_code, refused.json()["needed"]) == (403, CONTENT)
    assert having.post("/v1/admin/keys", json=wanted).json()["about"]["scopes"] == sorted(
        wanted["scopes"]
    )
    assert without.post("/v1/admin/keys", json={"owner": "x"}).json()["about"]["scopes"] == sorted(
        ALL_SCOPES
    )
