"""Batches, shared conversations, search and answers over HTTP."""

import pytest

TALK = "User: I live in Lisbon.\nAssistant: Nice.\nUser: I am allergic to peanuts.\nAssistant: Ok."


def turn(text, user_id="u1"):
    return {"user_query": text, "user_id": user_id}


@pytest.fixture
def finished(alice, worker):
    def run(path, body):
        worker()
        answer = alice.post(path, json=body, headers={"Prefer": "wait=30"})
        assert answer.status_code == 200, answer.text
        return answer.json()

    return run


def test_a_batch_tells_how_each_item_went_and_is_found(alice, finished):
    items = [turn("I live in Lisbon."), turn("I like tea.", "u2"), turn("I live in Lisbon.")]

    job = finished("/v2/memory/batch-ingest", {"items": items})

    assert job["status"] == "succeeded", job["error"]
    assert (job["result"]["succeeded"], job["result"]["skipped"]) == (2, 1)
    assert job["progress"]["done"] == job["progress"]["total"] == 3
    listed = alice.get(f"{job['status_url']}/items").json()["items"]
    assert [(item["position"], item["status"]) for item in listed] == [
        (0, "succeeded"), (1, "succeeded"), (2, "skipped"),
    ]  # fmt: skip
    answer = alice.post("/v2/memory/search", json={"query": "tea", "user_id": "u2"}).json()
    assert answer["hits"][0]["content"].startswith(("I like tea", "Likes tea", "User likes tea"))


def test_a_transcript_becomes_memories(alice, finished):
    job = finished("/v2/memory/scrape", {"transcript": TALK, "user_id": "u1"})

    assert (job["status"], job["result"]["turns"]) == ("succeeded", 2)
    answer = alice.post("/v2/memory/retrieve", json={"query": "peanut allergy?", "user_id": "u1"})
    assert "peanuts" in answer.json()["answer"]
    assert "[1]" in answer.json()["answer"]
    assert answer.json()["sources"]


def test_a_link_to_an_inner_host_is_not_followed(finished):
    job = finished("/v2/memory/scrape", {"url": "https://localhost/share/1"})

    assert (job["status"], job["error"]["kind"]) == ("dead_letter", "permanent")


@pytest.mark.parametrize(
    ("path", "body", "pointer"),
    [
        ("ingest", {**turn("hi"), "mood": "good"}, "/mood"),
        ("batch-ingest", {"items": []}, "/items"),
        ("batch-ingest", {"items": [turn("hi")] * 101}, "/items"),
        ("batch-ingest", {"items": [turn("hi"), turn("")]}, "/items/1/user_query"),
        ("scrape", {}, ""),
        ("scrape", {"url": "http://chatgpt.com/share/1"}, "/url"),
        ("scrape", {"transcript": '{"mood": "good"}'}, "/transcript"),
        ("search", {"query": "tea", "kind": "turn"}, "/kind"),
        ("retrieve", {"query": "tea", "top_k": 51}, "/top_k"),
    ],
)
def test_what_does_not_fit_is_refused_by_its_place(alice, path, body, pointer):
    refused = alice.post(f"/v2/memory/{path}", json=body)

    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, pointer)


def test_search_explains_its_scores(alice):
    alice.post("/v1/memory/ingest", json=turn("I am allergic to peanuts."))

    asked = {"query": "peanuts", "user_id": "u1", "kinds": ["memory"], "explain": True}
    hits = alice.post("/v2/memory/search", json=asked).json()["hits"]

    assert {hit["kind"] for hit in hits} == {"memory"}
    assert "lexical" in hits[0]["explain"]
    assert hits[0]["source_ids"]


def test_xmems_clients_ingest_batches_and_retrieve(alice):
    batch = {"items": [turn("I live in Lisbon."), {**turn("I like tea."), "extra": 1}]}

    done = alice.post("/v1/memory/batch-ingest", json=batch).json()
    answer = alice.post("/v1/memory/retrieve", json={"query": "Where do I live?", "user_id": "u1"})

    assert (done["status"], len(done["data"]["results"])) == ("ok", 2)
    assert done["data"]["results"][0]["profile"]["operations"][0]["type"] == "ADD"
    data = answer.json()["data"]
    assert set(data) == {"model", "answer", "sources", "confidence"}
    assert set(data["sources"][0]) == {"domain", "content", "score", "metadata"}
    assert "Lisbon" in data["answer"]
