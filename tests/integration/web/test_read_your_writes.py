"""What a job has written is found at once, whichever web process is asked."""

import pytest

TOWNS = (
    "Paris", "Rome", "Oslo", "Lima", "Cork", "Graz", "Berlin", "Madrid", "Vienna", "Dublin",
    "Athens", "Lisbon", "Prague", "Warsaw", "Tokyo", "Delhi", "Cairo", "Nairobi", "Quito", "Porto",
)  # fmt: skip


@pytest.fixture
def processes(alice, clients, web_server, worker):
    """Alice's clients of two web processes, beside a worker."""
    other = clients("alice")
    _, other.base_url = web_server()
    worker()
    return alice, other


def ended(client, text):
    """Ingest a turn and wait for the end of its job at the same process."""
    job = client.post("/v2/memory/ingest", json={"user_query": text, "user_id": "u1"}).json()
    while job["status"] not in {"succeeded", "dead_letter"}:
        job = client.get(job["status_url"], params={"wait": 5}).json()
    assert job["status"] == "succeeded", job["error"]


def found(client, query, **fields):
    body = {"query": query, "user_id": "u1", "top_k": 5, **fields}
    return client.post("/v2/memory/search", json=body).json()["hits"]


def test_what_a_job_wrote_or_ended_is_so_at_another_web_process_at_once(processes):
    missed = []
    for number, town in enumerate(TOWNS):
        writer, asked = processes if number % 2 else processes[::-1]
        text = f"I moved to {town}."
        ended(writer, text)
        hits = found(asked, "Where do I live?", kinds=["memory"])
        missed += [number] if [hit["content"] for hit in hits] != [text] else []

    assert missed == []

    first, other = processes
    turns = first.get("/v2/memory/memories", params={"user_id": "u1", "kinds": "turn"}).json()
    for turn in turns["memories"]:
        first.delete(f"/v2/memory/memories/{turn['id']}", params={"user_id": "u1"})
    assert found(other, "Where do I live?") == []
