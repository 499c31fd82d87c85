"""Whatever happens to a request of `/v1/memory`, its client reads the same five keys."""

import pytest

from keepsake.access.keys import JOBS, KeyLimits
from keepsake.launcher.process import free_port
from tests.integration.memory.model_server import ModelServer, extraction, memory

TURN = {"user_query": "I live in Lisbon.", "user_id": "u1"}
ENVELOPE = {"status", "request_id", "data", "error", "elapsed_ms"}
JSON = {"Content-Type": "application/json"}

REFUSED = [
    (401, "POST", "ingest", {"json": TURN, "headers": {"Authorization": "Bearer no"}}),
    (404, "POST", "nowhere", {"json": TURN}),
    (405, "GET", "ingest", {}),
    (400, "POST", "ingest", {"content": b'{"user_query": ', "headers": JSON}),
    (413, "POST", "ingest", {"content": b"x" * 8_000_001, "headers": JSON}),
    (413, "POST", "parse_transcript", {"files": {"file": b"x" * 8_000_001}}),
    (415, "POST", "search", {"content": b"<a/>", "headers": {"Content-Type": "text/xml"}}),
    (415, "POST", "parse_transcript", {"json": {"text": "User: hi"}}),
    (400, "POST", "parse_transcript", {"files": {"file": b" \n "}}),
    (400, "POST", "parse_transcript", {"files": {"file": b"nobody speaks here"}}),
    (422, "POST", "parse_transcript", {"files": {"other": b"User: hi"}}),
    (422, "POST", "ingest", {"json": {"user_query": "", "user_id": "u1"}}),
    (422, "POST", "ingest", {"json": {**TURN, "effort_level": "max"}}),
    (422, "POST", "ingest", {"json": {**TURN, "user_id": "a b"}}),
    (422, "POST", "batch-ingest", {"json": {"items": []}}),
    (422, "POST", "batch-ingest", {"json": {"items": [TURN] * 101}}),
    (422, "POST", "search", {"json": {"query": "x", "domains": ["code"]}}),
    (422, "POST", "search", {"json": {"query": "x", "top_k": 101}}),
    (422, "POST", "retrieve", {"json": {"query": "x", "top_k": 51}}),
    (422, "POST", "scrape", {"json": {"url": ""}}),
    (400, "POST", "scrape", {"json": {"url": "http://127.0.0.1/share"}}),
    (400, "POST", "scrape", {"json": {"url": "https://localhost/share/1"}}),
    (502, "POST", "scrape", {"json": {"url": "https://nowhere.invalid/share/1"}}),
]


def is_error(answer, status):
    content = answer.json()
    assert (answer.status_code, set(content)) == (status, ENVELOPE), content
    assert content["status"] == "error"
    assert content["data"] is None
    assert content["error"]
    assert content["request_id"] == answer.headers["X-Request-ID"]
    assert answer.headers["Content-Type"] == "application/json"
    return content["error"]


@pytest.mark.parametrize(("status", "method", "path", "sent"), REFUSED)
def test_what_is_refused_is_refused_in_the_envelope(alice, status, method, path, sent):
    is_error(alice.request(method, f"/v1/memory/{path}", **sent), status)


def test_a_key_without_the_scope_and_one_that_is_spent(clients):
    narrow = clients("alice", scopes=[JOBS])
    spent = clients("bob", limits=KeyLimits(requests_per_second=0.02))
    spent.post("/v1/memory/search", json={"query": "x"})

    is_error(narrow.post("/v1/memory/ingest", json=TURN), 403)
    refused = spent.post("/v1/memory/search", json={"query": "x"})

    is_error(refused, 429)
    assert int(refused.headers["Retry-After"]) >= 1


def test_a_fault_of_ours_is_in_the_envelope_and_the_connection_lives(alice, database):
    alice.post("/v1/memory/ingest", json=TURN)
    database["memory_users"].update_many({}, {"$unset": {"revision": ""}})

    failed = alice.post("/v1/memory/search", json={"query": "Lisbon", "user_id": "u1"})

    assert "logged" in is_error(failed, 500)
    assert "connection" not in failed.headers
    after = alice.post("/v1/memory/search", json={"query": "Lisbon", "user_id": "u2"})
    assert after.status_code == 200
    used = [answer.extensions["network_stream"] for answer in (failed, after)]
    assert len({stream.get_extra_info("client_addr") for stream in used}) == 1


def test_without_a_database_it_says_when_to_come_back(clients, web_server):
    client = clients("alice")
    nowhere = f"mongodb://127.0.0.1:{free_port()}/?replicaSet=rs0"
    _, client.base_url = web_server(
        KEEPSAKE_MONGO_URL=nowhere, KEEPSAKE_MONGO_SELECT_TIMEOUT_MS="200"
    )

    refused = client.post("/v1/memory/ingest", json=TURN)

    is_error(refused, 503)
    assert int(refused.headers["Retry-After"]) >= 1


@pytest.fixture
def model():
    server = ModelServer()
    yield server
    server.stop()


@pytest.fixture
def hurried(clients, web_server, model):
    """A client of a server that waits two seconds for its model, and four for a batch's."""
    client = clients("alice")
    _, client.base_url = web_server(
        KEEPSAKE_V1_TIMEOUT_SECONDS="2", KEEPSAKE_V1_BATCH_TIMEOUT_SECONDS="4",
        KEEPSAKE_LLM_BASE_URL=model.url, KEEPSAKE_LLM_MODEL="test",
        KEEPSAKE_LLM_TIMEOUT_SECONDS="20",
    )  # fmt: skip
    return client


@pytest.fixture
def warm(hurried, model, database, eventually):
    """The client, after a turn of another user: a server's first loads what all others use."""
    model.script = [extraction()]
    turn = {**TURN, "user_id": "warm"}
    eventually(lambda: hurried.post("/v1/memory/ingest", json=turn).status_code == 200)
    for name in ("memories", "memory_ledger"):
        database[name].delete_many({})
    return hurried


def test_what_takes_too_long_leaves_nothing_and_can_be_sent_again(
    warm, model, database, eventually
):
    lives = extraction(memory("Lives in Lisbon.", "I live in Lisbon."))
    answered = []

    def late(handler):
        model.release.wait(30)
        model.write(handler, lives)
        answered.append(handler)

    model.script = [late]
    error = is_error(warm.post("/v1/memory/ingest", json=TURN), 504)
    model.release.set()
    eventually(lambda: answered)
    model.script = [lives]

    def sent_again():
        answer = warm.post("/v1/memory/ingest", json=TURN)
        return answer if answer.status_code != 504 else None  # a busy machine may be late as well

    again = eventually(sent_again, within=30)

    assert "2 seconds" in error
    assert again.json()["data"]["profile"]["operations"][0]["type"] == "ADD"  # so the first left
    assert database["memories"].count_documents({"kind": "turn"}) == 1
    assert database["memory_ledger"].count_documents({}) == 1


def test_a_batch_that_takes_too_long_keeps_whole_items_and_goes_on_when_repeated(
    warm, model, database
):
    lives = extraction(memory("Lives in Lisbon.", "I live in Lisbon."))
    model.script = [lives, model.hang]
    batch = {"items": [TURN, {**TURN, "user_query": "I like tea."}]}

    is_error(warm.post("/v1/memory/batch-ingest", json=batch), 504)
    held = [row["content"] for row in database["memories"].find({"kind": "turn"})]
    model.script = [extraction()]
    model.release.set()
    again = warm.post("/v1/memory/batch-ingest", json=batch).json()["data"]["results"]

    assert held == ["I live in Lisbon."]
    assert [item["status"] for item in again] == ["skipped", "succeeded"]
    assert database["memories"].count_documents({"kind": "turn"}) == 2


ENDS = [
    ("0001-01-01T00:00:00+14:00", 422),
    ("9999-12-31T23:59:59-14:00", 422),
    ("0001-01-01T00:00:00", 200),
    ("9999-12-31T23:59:59.999999Z", 200),
    ("yesterday", 422),
]


@pytest.mark.parametrize(("moment", "status"), ENDS)
def test_the_ends_of_the_calendar_are_told_apart(alice, worker, moment, status):
    said = {
        "user_query": "I saw my doctor last week. I fly to Rome next year. I was ill yesterday.",
        "user_id": "u1", "session_datetime": moment,
    }  # fmt: skip

    v1 = alice.post("/v1/memory/ingest", json=said)
    v2 = alice.post("/v2/memory/ingest", json=said)
    search = alice.post("/v2/memory/search", json={"query": "doctor last week", "user_id": "u1"})

    assert (v1.status_code, v2.status_code) == (status, 202 if status == 200 else 422)
    assert search.status_code == 200
    if status != 200:
        assert "session_datetime" in is_error(v1, 422)


@pytest.mark.parametrize("moment", [row[0] for row in ENDS if "+" in row[0] or "-14" in row[0]])
def test_a_time_that_cannot_be_kept_is_refused_wherever_it_is_sent(clients, moment):
    root = clients("root", role="operator")
    search = {"query": "x", "user_id": "u1"}

    answers = [
        *(root.post("/v2/memory/search", json={**search, name: moment})
          for name in ("since", "until", "as_of")),
        *(root.get("/v1/jobs", params={name: moment}) for name in ("created_after",
                                                                   "created_before")),
        root.post("/v1/jobs:cancel", json={"created_after": moment, "dry_run": True}),
        root.post("/v1/admin/keys", json={"owner": "ann", "expires_at": moment}),
    ]  # fmt: skip

    assert [answer.status_code for answer in answers] == [422] * len(answers)
