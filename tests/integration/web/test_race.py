"""Many clients, one key, two web processes."""

from concurrent.futures import ThreadPoolExecutor

import httpx

from keepsake.access.keys import KeyStore
from keepsake.launcher.administration import ensure_indexes

TURN = {"user_query": "I live in Lisbon.", "user_id": "u1"}
REQUESTS = 200


def test_two_hundred_requests_with_one_key_are_one_job(database, web_server):
    ensure_indexes(database)
    key = KeyStore(database).create("alice")
    servers = [web_server()[1], web_server()[1]]
    headers = {"Authorization": f"Bearer {key}", "Idempotency-Key": "once"}
    limits = httpx.Limits(max_connections=50)

    with httpx.Client(headers=headers, timeout=60, limits=limits) as client:

        def post(number: int) -> httpx.Response:
            return client.post(f"{servers[number % 2]}/v2/memory/ingest", json=TURN)

        with ThreadPoolExecutor(50) as pool:
            answers = list(pool.map(post, range(REQUESTS)))

    assert {answer.status_code for answer in answers} == {202}
    assert len({answer.text for answer in answers}) == 1
    replayed = [answer for answer in answers if "Idempotency-Replayed" in answer.headers]
    assert len(replayed) == REQUESTS - 1
    assert database["jobs"].count_documents({}) == 1


def test_what_one_process_was_told_another_knows(clients, web_server):
    here = clients("alice")
    with httpx.Client(base_url=web_server()[1], headers=here.headers, timeout=30) as there:
        answers = [
            here.post("/v2/memory/ingest", json={**TURN, "user_query": f"I own {n} books."},
                      headers={"Idempotency-Key": f"key-{n}"}).json()
            for n in range(3)
        ]  # fmt: skip
        first = here.get("/v1/jobs", params={"page_size": 2}).json()
        rest = there.get(
            "/v1/jobs", params={"page_size": 2, "page_token": first["next_page_token"]}
        )
        reused = there.post("/v2/memory/ingest", json=TURN, headers={"Idempotency-Key": "key-0"})
        with ThreadPoolExecutor(1) as pool:
            tag = there.get(answers[0]["status_url"]).headers["ETag"]
            woken = pool.submit(
                there.get, answers[0]["status_url"], params={"wait": 20},
                headers={"If-None-Match": tag},
            )  # fmt: skip
            here.post(f"{answers[0]['status_url']}:pause")

    listed = [job["job_id"] for job in first["jobs"] + rest.json()["jobs"]]
    assert listed == [job["job_id"] for job in reversed(answers)]
    assert (reused.status_code, reused.json()["job_id"]) == (422, answers[0]["job_id"])
    assert woken.result().json()["status"] == "paused"
