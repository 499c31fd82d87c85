"""What XMem's clients send to `/v1/memory`, as they send it, and what they read of the answers."""

import uuid

import pytest

ENVELOPE = {"status", "request_id", "data", "error", "elapsed_ms"}
SDK = {"content-type": "application/json", "user-agent": "node"}
MCP = {"content-type": "application/json", "user-agent": "python-httpx/0.27.0"}
PLUGIN = {**SDK, "x-xmem-username": "ana"}
BROWSER = {**SDK, "origin": "https://chatgpt.com", "user-agent": "Mozilla/5.0 Chrome/126.0"}
SAID = "I live in Lisbon and I am allergic to peanuts."

REQUESTS = [
    ("sdk ingest", SDK, "ingest", {"user_query": SAID, "agent_response": "", "user_id": "ana"}),
    ("sdk ingest with all fields", SDK, "ingest", {
        "user_query": f"  {SAID}  ", "agent_response": "Noted.", "user_id": "ana.b-c@d_e",
        "session_datetime": "2026-03-01T10:00:00.000Z", "image_url": "data:image/png;base64,iVBO",
        "effort_level": "high",
    }),
    ("browser extension ingest", BROWSER, "ingest", {
        "user_query": SAID, "agent_response": "Noted.", "user_id": "ana", "effort_level": "LOW",
    }),
    ("mcp ingest, without a user", MCP, "ingest", {"user_query": SAID, "agent_response": ""}),
    ("sdk batch", SDK, "batch-ingest", {"items": [
        {"user_query": SAID, "agent_response": "", "user_id": "ana"},
        {"user_query": "I like tea.", "user_id": "ana", "source_id": "t2", "session_id": "s"},
    ]}),
    ("browser extension search", BROWSER, "search", {
        "query": "peanut allergy", "user_id": "ana", "domains": ["profile", "temporal", "summary"],
        "top_k": 10,
    }),
    ("plug-in search", PLUGIN, "search", {"query": "peanut allergy", "user_id": "ana", "top_k": 1}),
    ("mcp search, without a user", MCP, "search", {"query": "peanut allergy"}),
    ("browser extension retrieve", BROWSER, "retrieve", {
        "query": "peanut allergy", "user_id": "ana", "top_k": 5,
    }),
    ("mcp retrieve, without a user", MCP, "retrieve", {"query": "peanut allergy"}),
]  # fmt: skip
SHAPES = {
    "ingest": {"model", "classification", "profile", "temporal", "summary", "image"},
    "batch-ingest": {"results"},
    "search": {"results", "total"},
    "retrieve": {"model", "answer", "sources", "confidence"},
}


@pytest.mark.parametrize(
    ("headers", "path", "body"), [row[1:] for row in REQUESTS], ids=[row[0] for row in REQUESTS]
)
def test_a_client_gets_the_envelope_it_expects(alice, headers, path, body):
    for user in ({}, {"user_id": "ana"}):
        alice.post("/v1/memory/ingest", json={"user_query": SAID, **user})

    answer = alice.post(f"/v1/memory/{path}", json=body, headers=headers)

    content = answer.json()
    assert (answer.status_code, set(content), content["status"]) == (200, ENVELOPE, "ok"), content
    assert content["error"] is None
    assert set(content["data"]) >= SHAPES[path]
    assert isinstance(content["elapsed_ms"], float)
    assert content["request_id"] == answer.headers["X-Request-ID"]
    if path in {"search", "retrieve"}:
        hits = content["data"].get("results") or content["data"]["sources"]
        assert {frozenset(hit) for hit in hits} == {
            frozenset({"domain", "content", "score", "metadata"})
        }
        assert "peanuts" in hits[0]["content"]


def test_an_ingest_reports_what_it_did_by_domain(alice):
    body = {"user_query": f"{SAID} I have a doctor's appointment tomorrow.", "user_id": "ana",
            "session_datetime": "2026-03-01T10:00:00Z"}  # fmt: skip

    data = alice.post("/v1/memory/ingest", json=body).json()["data"]

    for domain in ("profile", "temporal", "summary"):
        assert set(data[domain]) == {"confidence", "operations", "weaver"}
        assert set(data[domain]["operations"][0]) == {"type", "content", "reason"}
        assert set(data[domain]["weaver"]) == {"succeeded", "skipped", "failed"}
    assert data["image"] is None
    assert {"source", "query"} == set(data["classification"][0])
    assert data["profile"]["operations"][0]["type"] == "ADD"


def test_a_repeat_is_a_noop_and_says_so(alice):
    body = {"user_query": SAID, "user_id": "ana"}
    alice.post("/v1/memory/ingest", json=body)

    again = alice.post("/v1/memory/ingest", json=body).json()["data"]

    types = {operation["type"] for operation in again["profile"]["operations"]}
    assert types == {"NOOP"}
    assert again["profile"]["weaver"]["succeeded"] == 0


def test_scores_are_between_0_and_1_and_the_best_comes_first(alice):
    for said in (SAID, "I like tea.", "My dog is called Rex.", "I work at a bakery."):
        alice.post("/v1/memory/ingest", json={"user_query": said, "user_id": "ana"})

    search = alice.post("/v1/memory/search", json={"query": "peanut allergy", "user_id": "ana"})

    scores = [hit["score"] for hit in search.json()["data"]["results"]]
    assert scores == sorted(scores, reverse=True)
    assert 0.4 < scores[0] <= 1  # the browser extension drops what is below 0.4
    assert all(0 <= score <= 1 for score in scores)


@pytest.mark.parametrize("domain", ["profile", "temporal", "summary"])
def test_search_keeps_to_the_domains_asked_for(alice, domain):
    said = {"user_query": f"{SAID} I have a doctor's appointment tomorrow.", "user_id": "ana"}
    alice.post("/v1/memory/ingest", json=said)
    asked = {"query": "doctor peanuts", "user_id": "ana", "domains": [domain]}

    search = alice.post("/v1/memory/search", json=asked).json()["data"]

    assert {hit["domain"] for hit in search["results"]} == {domain}
    assert search["total"] == len(search["results"])


def test_a_domain_may_be_named_a_hundred_times(alice):
    asked = {"query": "doctor", "user_id": "ana", "domains": ["profile"] * 100}

    assert alice.post("/v1/memory/search", json=asked).json()["data"]["total"] == 0


def test_a_turn_with_the_callers_id_is_remembered_once(alice):
    turn = {"user_query": SAID, "user_id": "ana", "source_id": "t1", "session_id": "s1"}
    alice.post("/v1/memory/ingest", json=turn)
    alice.post("/v1/memory/ingest", json={**turn, "session_datetime": "2026-03-01T10:00:00Z"})
    asked = {"query": "peanuts", "user_id": "ana", "kinds": ["turn"]}

    hits = alice.post("/v2/memory/search", json=asked).json()["hits"]

    assert [hit["source_ids"] for hit in hits] == [["t1"]]


def test_the_request_id_of_a_client_comes_back(alice):
    sent = str(uuid.uuid4())
    body = {"query": "peanuts"}

    answer = alice.post("/v1/memory/search", json=body, headers={"X-Request-ID": sent})

    assert answer.json()["request_id"] == answer.headers["X-Request-ID"] == sent
