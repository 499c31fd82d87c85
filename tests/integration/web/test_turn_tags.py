"""What turns belong to: found by it, kept for as long as said, and whose by any provider's id."""

import io
import json
import socket
import zipfile
from urllib.parse import quote, urlsplit

import pytest

from tests.conftest import started_worker

USER = "auth0|ana"
TAGGED = {"agent_id": "tutor", "run_id": "r1", "session_id": "s1",
          "metadata": {"channel": "mail", "case": 7, "vip": True}}  # fmt: skip
PAST = "2024-01-01T00:00:00Z"


@pytest.fixture(scope="module")
def memory_worker(rabbitmq, mongod, directory):
    process = started_worker(directory / "memory-worker.log")
    yield
    process.kill()


@pytest.fixture
def ingest(alice, memory_worker):
    def to_its_end(**body):
        body = {"user_id": USER, **body}
        answer = alice.post("/v2/memory/ingest", json=body, headers={"Prefer": "wait=30"})
        assert answer.status_code == 200, answer.text
        return answer.json()

    return to_its_end


@pytest.fixture
def told(ingest):
    return lambda text, **fields: ingest(user_query=text, **fields)


@pytest.fixture
def read(alice):
    """What search, list and export answer, as sets of contents."""

    def contents(search=None, **params):
        wanted = {"user_id": USER, "query": "what do I like", "top_k": 50, **(search or {})}
        hits = alice.post("/v2/memory/search", json=wanted).json()["hits"]
        which = {"user_id": USER, **params}
        kinds = {"kinds": ["turn", "memory"]}
        listed = alice.get("/v2/memory/memories", params=which | kinds).json()["memories"]
        lines = alice.get("/v2/memory/export", params=which).text.splitlines()
        exported = [json.loads(line) for line in lines]
        return [{each["content"] for each in some} for some in (hits, listed, exported)]

    return contents


def test_what_belongs_to_something_is_found_by_it_alone(told, read):
    told("I like figs.", **TAGGED)
    told("I like tea.", agent_id="cook", metadata={"case": 8})

    pairs = ["case:7", "vip:true", "channel:mail"]
    assert read({"agent_id": "tutor"}, agent_id="tutor") == [{"I like figs."}] * 3
    assert read({"run_id": "r1", "session_id": "s1"}, run_id="r1", session_id="s1") == [
        {"I like figs."}] * 3  # fmt: skip
    assert read({"metadata": {"case": 7, "vip": True}}, metadata=pairs) == [{"I like figs."}] * 3
    assert read() == [{"I like figs.", "I like tea."}] * 3


def test_a_question_is_answered_from_what_belongs_to_something_alone(told, alice):
    told("I live in Rome.", **TAGGED)
    told("I live in Oslo.", agent_id="cook", metadata={"case": 8})
    told("My sister lives in Bonn.", agent_id="cook")

    def sources(query, **tags):
        asked = {"query": query, "user_id": USER, **tags}
        return [
            hit["content"]
            for hit in alice.post("/v2/memory/retrieve", json=asked).json()["sources"]
        ]

    home, sister = "Where do I live?", "Where does my sister live?"
    assert sources(home) == sources(home, agent_id="cook") == ["I live in Oslo."]
    assert "I live in Oslo." not in sources(home, agent_id="tutor", metadata={"vip": True})
    assert sources(home, metadata={"case": 9}) == sources(sister, run_id="r1") == []
    assert sources(sister, agent_id="cook") == ["My sister lives in Bonn."]


def test_what_has_expired_is_in_no_answer_and_what_is_said_again_for_ever_stays(told, read, alice):
    gone = told("I like figs.", expires_at=PAST)
    told("I like tea.", expires_at="2999-01-01T00:00:00Z")
    assert read() == [{"I like tea."}] * 3
    asked = {"query": "Do I like figs?", "user_id": USER}
    assert not alice.post("/v2/memory/retrieve", json=asked).json()["known"]
    assert alice.get(f"/v1/jobs/{gone['job_id']}/effects").json()["effects"] == []

    told("I like tea.", session_id="again")

    kept = alice.get("/v2/memory/memories", params={"user_id": USER}).json()["memories"]
    assert [each["expires_at"] for each in kept] == [None]


def test_messages_are_remembered_as_the_turns_that_they_are(ingest, alice):
    messages = [
        {"role": "system", "content": "I live in Oslo."},
        {"role": "user", "content": [{"type": "text", "text": "I live in Rome."},
                                     {"type": "image_url", "image_url": {"url": "data:"}}]},
        {"role": "assistant", "content": None, "tool_calls": [{"id": "c", "function": {}}]},
        {"role": "tool", "content": "I live in Bonn.", "tool_call_id": "c"},
        {"role": "assistant", "content": "Noted."},
        {"role": "user", "content": "I ski. " * 2_500},
    ]  # fmt: skip
    ingest(messages=messages, source_id="m", agent_id="tutor")

    which = {"user_id": USER, "agent_id": "tutor", "kinds": "turn"}
    turns = alice.get("/v2/memory/memories", params=which).json()["memories"]
    by_source = {turn["source_id"]: turn for turn in turns}
    first = by_source["m"]
    assert (first["content"], first["response"]) == ("I live in Rome.", "Noted.")
    assert len(" ".join(by_source[name]["content"] for name in ("m#2", "m#3")).split()) == 5_000


@pytest.mark.parametrize(("body", "pointer"), [
    ({"messages": [{"role": "tool", "content": "x"}]}, "/messages"),
    ({"messages": [{"role": "user", "content": "x"}], "user_query": "y"}, "/messages"),
    ({}, "/user_query"),
    ({"user_query": "x", "metadata": {str(n): n for n in range(17)}}, "/metadata"),
    ({"user_query": "x", "metadata": {"a": [1]}}, "/metadata/a"),
    ({"user_query": "x", "metadata": {"a.b": 1}}, "/metadata"),
])  # fmt: skip
def test_what_is_no_turn_is_refused_by_its_place(alice, body, pointer):
    refused = alice.post("/v2/memory/ingest", json=body)

    assert refused.status_code == 422
    assert refused.json()["errors"][0]["pointer"].startswith(pointer)


@pytest.mark.parametrize(
    "user_id", ["auth0|abc", "+4917012345", "ana:1", "o'neil+x@example.org", "f:1~2=", "(a)*"]
)
def test_a_users_id_is_good_on_every_route(alice, user_id):
    turn = {"user_query": "I like figs.", "user_id": user_id}
    asked = {"query": "figs", "user_id": user_id}
    answers = [
        alice.post("/v1/memory/ingest", json=turn),
        alice.post("/v2/memory/search", json=asked),
        alice.post("/v2/memory/retrieve", json=asked),
        alice.post("/v1/memory/search", json=asked),
        alice.get("/v2/memory/memories", params={"user_id": user_id}),
        alice.get("/v2/memory/export", params={"user_id": user_id}),
        alice.delete(f"/v2/memory/users/{quote(user_id, safe='')}"),
    ]

    assert [answer.status_code for answer in answers] == [200] * len(answers)
    assert answers[-1].json()["before"]["turns"] == 1


def test_an_export_is_erased_and_imported_again(told, read, alice):
    told("I like figs.", **TAGGED)
    export = alice.get("/v2/memory/export", params={"user_id": USER}).text
    path = f"/v2/memory/users/{quote(USER, safe='')}"
    assert alice.delete(path).json()["after"]["turns"] == 0
    assert read() == [set()] * 3

    body = {"export": export + "{}\n", "user_id": USER}
    job = alice.post("/v2/memory/import", json=body, headers={"Prefer": "wait=30"}).json()

    assert job["result"] == {"records": 3, "succeeded": 2, "skipped": 0, "failed": 1}
    items = alice.get(f"{job['status_url']}/items").json()["items"]
    assert [item["status"] for item in items] == ["succeeded", "succeeded", "failed"]
    assert read({"agent_id": "tutor"}, agent_id="tutor") == [{"I like figs."}] * 3
    again = alice.get("/v2/memory/export", params={"user_id": USER}).text
    assert sorted(again) == sorted(export)


def zipped(*chats):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("conversations.json", json.dumps(chats))
    return file.getvalue()


def spooled(database):
    return [database[name].count_documents({}) for name in ("memory_spools", "memory_spool_pieces")]


def test_an_upload_is_remembered_by_conversation_and_leaves_nothing(
    alice, memory_worker, database, eventually
):
    chats = [{"messages": [{"role": "user", "content": f"I like {food}."}]}
             for food in ("figs", "tea")]  # fmt: skip
    params = {"user_id": USER, "label": "from:chatgpt"}
    headers = {"Prefer": "wait=30", "Idempotency-Key": "upload-1"}

    def upload(content):
        return alice.post("/v2/memory/uploads", params=params, content=content, headers=headers)

    both = zipped(*chats)
    job = upload(both).json()
    again, another = upload(both), upload(zipped(chats[0]))

    assert job["result"] == {"conversations": 2, "empty": 0, "unread": 0, "named": [], "turns": 2,
                             "succeeded": 2, "skipped": 0, "failed": 0}  # fmt: skip
    assert (job["labels"], job["progress"]["total"]) == ({"from": "chatgpt"}, 2)
    assert again.headers["Idempotency-Replayed"] == "true"
    assert again.json()["job_id"] == job["job_id"]
    assert (another.status_code, another.json()["job_id"]) == (422, job["job_id"])
    assert spooled(database) == [0, 0]
    held = alice.get("/v2/memory/memories", params={"user_id": USER}).json()["memories"]
    assert {each["content"] for each in held} == {"I like figs.", "I like tea."}


def test_an_upload_that_breaks_off_or_is_empty_leaves_nothing(alice, database, eventually):
    place = urlsplit(str(alice.base_url))
    head = (
        f"POST /v2/memory/uploads HTTP/1.1\r\nHost: {place.netloc}\r\n"
        f"Authorization: {alice.headers['Authorization']}\r\nContent-Length: 9000000\r\n\r\n"
    )
    with socket.create_connection((place.hostname, place.port)) as connection:
        connection.sendall(head.encode() + b"[" * 2_000_000)
        eventually(lambda: spooled(database) == [1, 1])
    eventually(lambda: spooled(database) == [0, 0])

    empty = alice.post("/v2/memory/uploads", content=b"")

    assert empty.status_code == 422
    assert spooled(database) == [0, 0]
    assert database["jobs"].count_documents({}) == 0
