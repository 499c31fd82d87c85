"""What an owner may ask of a job."""

import httpx
import pytest

TURN = {"user_query": "I live in Lisbon.", "user_id": "u1"}


@pytest.fixture
def job(alice):
    return alice.post("/v2/memory/ingest", json=TURN).json()


def ask(client, job, action, **body):
    return client.post(f"{job['status_url']}:{action}", json=body or None)


def test_a_waiting_job_is_cancelled_with_who_and_why(alice, job, database):
    cancelled = ask(alice, job, "cancel", reason="a mistake")

    assert (cancelled.status_code, cancelled.json()["status"]) == (200, "cancelled")
    assert cancelled.json()["error"]["message"] == "a mistake"
    assert database["jobs"].find_one()["cancelled"]["by"] == "alice"


@pytest.mark.parametrize("path", ["", "/events", "/unknown"])
def test_head_answers_like_get_without_the_body(alice, job, path):
    url = f"{job['status_url']}{path}"
    with alice.stream("GET", url) as shown:
        bare = alice.head(url)

    varying = ("date", "x-request-id", "ratelimit", "transfer-encoding")
    there, here = ({name: text for name, text in answer.headers.items() if name not in varying}
                   for answer in (shown, bare))  # fmt: skip
    assert (bare.status_code, here, bare.content) == (shown.status_code, there, b"")


def test_a_job_is_paused_and_resumed(alice, job):
    assert ask(alice, job, "pause").json()["status"] == "paused"
    assert ask(alice, job, "resume").json()["status"] == "pending"


@pytest.mark.parametrize("action", ["cancel", "pause", "resume"])
def test_what_a_state_does_not_allow_is_a_conflict_that_says_what_is(alice, job, action):
    ask(alice, job, "cancel")

    refused = ask(alice, job, action)

    assert refused.status_code == 409
    assert refused.json()["type"] == "/problems#illegal-move"
    assert (refused.json()["state"], refused.json()["possible"]) == ("cancelled", [])
    assert "Retry-After" not in refused.headers


def test_a_running_job_says_what_else_is_possible(alice, job, database):
    database["jobs"].update_one({}, {"$set": {"state": "cancelling"}})

    refused = ask(alice, job, "pause")

    assert (refused.status_code, refused.json()["state"]) == (409, "cancelling")
    assert int(refused.headers["Retry-After"]) >= 1


@pytest.mark.parametrize("action", ["cancel", "pause", "resume", "replay", "discard"])
def test_anothers_job_cannot_be_touched(clients, job, action):
    assert ask(clients("bob"), job, action).status_code == 404


def test_attempts_are_listed(alice, job):
    assert alice.get(f"{job['status_url']}/attempts").json() == {"attempts": []}


@pytest.fixture
def five(alice):
    return [
        alice.post("/v2/memory/ingest", json={**TURN, "user_query": f"I like {n}."}).json()[
            "job_id"
        ]
        for n in range(5)
    ]


def test_jobs_are_listed_newest_first_page_by_page(alice, five):
    listed, url = [], "/v1/jobs?page_size=2"
    while url:
        answer = alice.get(url)
        listed += [job["job_id"] for job in answer.json()["jobs"]]
        url = answer.links.get("next", {}).get("url")

    assert listed == five[::-1]


def test_a_list_is_filtered_by_status_and_type(alice, five):
    alice.post(f"/v1/jobs/{five[0]}:cancel")

    cancelled = alice.get("/v1/jobs?status=cancelled&type=memory.ingest").json()["jobs"]

    assert [job["job_id"] for job in cancelled] == [five[0]]
    assert alice.get("/v1/jobs?type=scanner.scan").json() == {"jobs": [], "next_page_token": None}
    assert alice.get("/v1/jobs?status=lost").status_code == 422


def test_others_see_none_of_it_even_with_a_token(alice, clients, five):
    token = alice.get("/v1/jobs?page_size=2").json()["next_page_token"]
    bob = clients("bob")

    assert bob.get("/v1/jobs").json()["jobs"] == []
    for refused in (
        bob.get("/v1/jobs", params={"page_token": token}),
        alice.get("/v1/jobs", params={"page_token": token, "status": "paused"}),
        alice.get("/v1/jobs?page_token=nonsense"),
    ):
        assert (refused.status_code, refused.json()["type"]) == (
            400, "/problems#page-token-malformed",
        )  # fmt: skip


def test_a_list_and_its_pages_are_the_same_at_another_process(alice, web_server):
    for n in range(5):
        alice.post("/v2/memory/ingest", json={**TURN, "user_query": f"I own {n} books."})
    _, base_url = web_server()

    with httpx.Client(base_url=base_url, headers=alice.headers, timeout=60) as other:
        first = alice.get("/v1/jobs?page_size=3").json()
        token = first["next_page_token"]
        rest = other.get("/v1/jobs", params={"page_size": 3, "page_token": token}).json()
        whole = other.get("/v1/jobs").json()

    assert whole == alice.get("/v1/jobs").json()
    assert first["jobs"] + rest["jobs"] == whole["jobs"]
