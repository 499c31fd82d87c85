"""Memories as a resource: listed, followed, mended, deleted, exported, erased, undone."""

import json

import pytest

U1 = {"user_id": "u1"}


@pytest.fixture
def say(alice):
    def said(text, user_id="u1", **fields):
        body = {"user_query": text, "user_id": user_id, **fields}
        return alice.post("/v1/memory/ingest", json=body).json()["data"]

    return said


@pytest.fixture
def listed(alice):
    def read(**which):
        return alice.get("/v2/memory/memories", params={**U1, **which}).json()

    return read


def test_memories_are_listed_page_by_page(alice, say, listed):
    for subject in ("jazz", "tea", "rain", "figs", "chess"):
        say(f"I like {subject}.")

    pages, token = [], ""
    while token is not None:
        page = listed(page_size=2, page_token=token)
        pages.append([entry["content"] for entry in page["memories"]])
        token = page["next_page_token"]

    assert [len(page) for page in pages] == [2, 2, 1]
    assert len({content for page in pages for content in page}) == 5
    assert len(listed(kinds="turn")["memories"]) == 5
    assert listed(domains="temporal")["memories"] == []


def test_a_page_token_is_good_for_its_list_only(alice, clients, say, listed):
    for subject in ("jazz", "tea"):
        say(f"I like {subject}.")
    token = listed(page_size=1)["next_page_token"]
    ask = {**U1, "page_size": 1, "page_token": token}

    wrong = [
        alice.get("/v2/memory/memories", params={**ask, "domains": "profile"}),
        clients("bob").get("/v2/memory/memories", params=ask),
        alice.get("/v2/memory/memories", params={**ask, "page_token": "bm9uc2Vuc2U="}),
    ]

    assert [answer.json()["type"] for answer in wrong] == ["/problems#page-token-malformed"] * 3


def test_a_memory_is_followed_through_its_versions_to_where_it_came_from(alice, say, listed):
    say("I live in Paris.", session_datetime="2020-01-01T00:00:00Z")
    say("I moved to Berlin.", session_datetime="2022-01-01T00:00:00Z", source_id="t2")
    memory_id = listed()["memories"][0]["id"]

    shown = alice.get(f"/v2/memory/memories/{memory_id}", params=U1).json()

    assert [version["content"] for version in shown["history"]] == [
        "I live in Paris.", "I moved to Berlin.",
    ]  # fmt: skip
    assert shown["history"][0]["valid_to"] == shown["valid_from"] == "2022-01-01T00:00:00Z"
    assert shown["provenance"]["source_id"] == "t2"
    assert len(listed(history=True)["memories"]) == 2


def test_an_edit_makes_a_new_memory_and_keeps_the_old_as_history(alice, say, listed):
    say("I live in Paris.")
    memory_id = listed()["memories"][0]["id"]

    edited = alice.patch(
        f"/v2/memory/memories/{memory_id}", params=U1, json={"content": "I live in Lyon."}
    ).json()
    again = alice.patch(f"/v2/memory/memories/{memory_id}", params=U1, json={"content": "x"})

    assert edited["supersedes"] == memory_id
    assert [version["content"] for version in edited["history"]] == [
        "I live in Paris.", "I live in Lyon.",
    ]  # fmt: skip
    asked = {"query": "Where do I live?", **U1, "kinds": ["memory"]}
    hits = alice.post("/v2/memory/search", json=asked).json()["hits"]
    assert [hit["content"] for hit in hits] == ["I live in Lyon."]
    assert (again.status_code, again.json()["type"]) == (404, "/problems#memory-not-found")


def test_a_deleted_turn_takes_along_what_only_it_says(alice, say, listed):
    say("I like jazz. I like tea.")
    turn_id = listed(kinds="turn")["memories"][0]["id"]

    gone = alice.delete(f"/v2/memory/memories/{turn_id}", params=U1)

    assert gone.json() == {"deleted": 3}
    assert listed()["memories"] == []
    assert alice.delete(f"/v2/memory/memories/{turn_id}", params=U1).status_code == 404


def test_anothers_memories_do_not_exist(alice, clients, say, listed):
    say("I live in Paris.")
    path = f"/v2/memory/memories/{listed()['memories'][0]['id']}"
    bob = clients("bob")

    answers = [
        bob.get(path, params=U1), bob.patch(path, params=U1, json={"content": "x"}),
        bob.delete(path, params=U1), alice.get(path, params={"user_id": "u2"}),
    ]  # fmt: skip

    assert [answer.status_code for answer in answers] == [404] * 4
    assert bob.get("/v2/memory/export", params=U1).text == ""


def test_an_export_holds_all_of_a_user(alice, say):
    say("I live in Paris.")
    say("I moved to Berlin.")
    say("I like tea.", user_id="u2")

    answer = alice.get("/v2/memory/export", params=U1)

    lines = [json.loads(line) for line in answer.text.splitlines()]
    assert answer.headers["Content-Type"] == "application/x-ndjson"
    assert sorted(line["kind"] for line in lines) == ["memory", "memory", "turn", "turn"]
    assert not {"vector", "owner", "_id"} & set().union(*lines)


def test_an_erased_user_is_gone_with_the_jobs_that_held_their_words(alice, worker, say, database):
    worker()
    rome = {"user_query": "I live in Rome.", **U1}
    done = alice.post("/v2/memory/ingest", json=rome, headers={"Prefer": "wait=30"})
    say("I live in Paris.")
    say("I like tea.", user_id="u2")

    erased = alice.delete("/v2/memory/users/u1").json()

    assert done.status_code == 200
    assert erased["before"]["turns"] == 2
    assert (erased["before"]["jobs"], set(erased["after"].values())) == (1, {0})
    stored = str([list(database[name].find()) for name in database.list_collection_names()])
    assert "Rome" not in stored
    assert "Paris" not in stored
    assert "tea" in stored
    asked = {"query": "Paris Rome", **U1}
    assert alice.post("/v2/memory/search", json=asked).json()["hits"] == []
    say("I live in Oslo.")
    assert "Oslo" in alice.post("/v2/memory/search", json=asked).json()["hits"][0]["content"]


def test_a_user_with_unfinished_jobs_is_not_erased_yet(alice):
    turn = {"user_query": "I live in Rome.", **U1}
    single = alice.post("/v2/memory/ingest", json=turn).json()
    batch = alice.post("/v2/memory/batch-ingest", json={"items": [turn, {"user_query": "Hi."}]})

    refused = alice.delete("/v2/memory/users/u1")
    for job in (single, batch.json()):
        alice.post(f"{job['status_url']}:cancel")
    erased = alice.delete("/v2/memory/users/u1").json()

    assert (refused.status_code, refused.json()["type"]) == (409, "/problems#jobs-unfinished")
    assert int(refused.headers["Retry-After"]) >= 1
    assert set(refused.json()["job_ids"]) == {single["job_id"], batch.json()["job_id"]}
    assert (erased["before"]["jobs"], erased["after"]["jobs"]) == (2, 0)


def test_embedding_anew_keeps_no_user_from_being_erased(alice, say, database):
    say("I live in Paris.")
    database["memories"].update_many({}, {"$set": {"embedded_by": "another", "schema": 3}})
    found = alice.post("/v2/memory/search", json={"query": "Paris", **U1}).json()["hits"]
    asked_for = database["jobs"].count_documents({"type": "memory.embed", "state": "pending"})

    erased = alice.delete("/v2/memory/users/u1")

    assert (len(found), asked_for, erased.status_code) == (1, 1, 200)
    assert database["jobs"].count_documents({"type": "memory.embed"}) == 0


@pytest.mark.parametrize("version", ["v1", "v2"])
def test_what_a_job_did_is_shown_and_taken_back(alice, worker, say, listed, version):
    worker()
    say("I live in Paris.")
    moved = {"user_query": "I moved to Berlin.", **U1}
    job = alice.post("/v2/memory/ingest", json=moved, headers={"Prefer": "wait=30"}).json()
    url = f"/{version}/jobs/{job['job_id']}"

    shown = alice.get(f"{url}/effects").json()["effects"]
    undone = alice.post(f"{url}:undo").json()
    again = alice.post(f"{url}:undo").json()

    assert [entry["type"] for entry in shown if entry["domain"] == "profile"] == ["UPDATE"]
    assert (undone["removed"], undone["reopened"], again["removed"]) == (2, 1, 0)
    assert [entry["content"] for entry in listed()["memories"]] == ["I live in Paris."]
    repeated = alice.post("/v2/memory/ingest", json=moved)
    assert repeated.json()["job_id"] != job["job_id"]


def test_a_turn_of_v1_is_taken_back_by_the_id_in_its_provenance(alice, clients, say, listed):
    say("I live in Paris.")
    job_id = listed()["memories"][0]["provenance"]["job_id"]

    others = clients("bob").post(f"/v1/jobs/{job_id}:undo")
    undone = alice.post(f"/v1/jobs/{job_id}:undo").json()

    assert others.status_code == 404
    assert undone["removed"] == 2
    assert listed()["memories"] == []


def test_only_what_has_ended_is_undone_and_only_with_the_scope(alice, clients):
    job = alice.post("/v2/memory/ingest", json={"user_query": "I live in Rome.", **U1}).json()
    url = f"/v1/jobs/{job['job_id']}:undo"

    refused = alice.post(url)
    narrow = clients("alice", scopes=["jobs"]).post(url)

    assert (refused.status_code, refused.json()["state"]) == (409, "pending")
    assert (narrow.status_code, narrow.json()["needed"]) == (403, "memory")
    assert alice.post("/v1/jobs/job_unknown:undo").status_code == 404


MOMENTS = [
    ({}, {"I live in Berlin."}),
    ({"as_of": "2021-01-01T00:00:00Z"}, {"I live in Paris."}),
    ({"since": "2021-06-01T00:00:00Z"}, {"I live in Berlin."}),
    ({"until": "2021-06-01T00:00:00Z", "as_of": "2021-01-01T00:00:00Z"}, {"I live in Paris."}),
    ({"since": "2023-01-01T00:00:00Z"}, set()),
    ({"domains": ["temporal"]}, set()),
    ({"kinds": ["turn"], "since": "2021-06-01T00:00:00Z"}, {"I live in Berlin."}),
]


@pytest.mark.parametrize(("fields", "expected"), MOMENTS)
def test_search_keeps_to_time_kind_and_domain(alice, say, fields, expected):
    say("I live in Paris.", session_datetime="2020-01-01T00:00:00Z")
    say("I live in Berlin.", session_datetime="2022-01-01T00:00:00Z")
    asked = {"query": "Where do I live?", **U1, "kinds": ["memory"], **fields}

    hits = alice.post("/v2/memory/search", json=asked).json()["hits"]

    assert {hit["content"] for hit in hits} == expected
