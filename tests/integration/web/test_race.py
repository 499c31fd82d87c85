"""Many clients, one key, two web processes."""

from concurrent.futures import ThreadPoolExecutor

import httpx

from access.keys import KeyStore
from stack.indexes import ensure_all

TURN = {"user_query": "I live in Lisbon.", "user_id": "u1"}
REQUESTS = 200


def test_two_hundred_requests_with_one_key_are_one_job(database, web_server):
    ensure_all(database)
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
