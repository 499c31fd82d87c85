"""What is put together of a user, over HTTP: contexts, timelines, users, facts by hand."""

import pytest

U1 = {"user_id": "u1"}
CONTEXT, TIMELINE, USERS = "/v2/memory/context", "/v2/memory/timeline", "/v2/memory/users"
MARKDOWN = {"Accept": "text/markdown"}


@pytest.fixture
def say(alice):
    def said(text, user_id="u1", **fields):
        body = {"user_query": text, "user_id": user_id, **fields}
        return alice.post("/v1/memory/ingest", json=body).json()["data"]

    return said


def test_a_context_is_markdown_and_the_same_by_section(alice, say):
    say("I live in Lisbon.", session_datetime="2024-05-01T00:00:00Z")
    say("Always answer in German.")

    made = alice.get(CONTEXT, params=U1)
    plain = alice.get(CONTEXT, params={**U1, "query": "Where is my flat?"}, headers=MARKDOWN)

    body = made.json()
    assert made.headers["Content-Type"] == "application/json"
    assert [(fact["attribute"], fact["valid_from"]) for fact in body["profile"]] == [
        ("lives_in", "2024-05-01T00:00:00Z")
    ]
    assert [each["content"] for each in body["instructions"]] == ["Always answer in German."]
    assert (body["events"], body["turns"], body["left_out"]) == ([], [], 0)
    assert plain.headers["Content-Type"] == "text/markdown; charset=utf-8"
    assert plain.text == body["markdown"]  # its turns say no more than the facts
    assert '- lives in: "I live in Lisbon." (since 2024-05-01)\n' in plain.text


def test_a_client_that_has_a_context_is_told_so_until_it_changes(alice, say):
    say("I live in Lisbon.")
    first = alice.get(CONTEXT, params=U1)
    held = {"If-None-Match": first.headers["ETag"]}

    again = alice.get(CONTEXT, params=U1, headers=held)
    other = alice.get(CONTEXT, params=U1, headers={**held, **MARKDOWN})
    say("I moved to Porto.")
    changed = alice.get(CONTEXT, params=U1, headers=held)

    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["ETag"] == first.headers["ETag"]
    assert first.headers["Cache-Control"] == "private, no-cache"
    assert other.status_code == 200
    assert "Porto" in changed.json()["markdown"]
    assert "Lisbon" not in changed.text


def test_a_timeline_and_users_are_read_page_by_page(alice, clients, say):
    said = {2020: "I live in Paris.", 2021: "I like tea.", 2022: "I moved to Bonn."}
    for year, text in said.items():
        say(text, session_datetime=f"{year}-01-01T00:00:00Z")
    say("Good morning.", user_id="v1")

    entries, token = [], ""
    while token is not None:
        page = alice.get(TIMELINE, params={**U1, "page_size": 2, "page_token": token}).json()
        entries, token = entries + page["entries"], page["next_page_token"]
    first = alice.get(USERS, params={"page_size": 1}).json()
    second = alice.get(USERS, params={"page_size": 1, "page_token": first["next_page_token"]})

    assert [(each["kind"], each["content"]) for each in entries] == [
        ("changed", "I moved to Bonn."), ("set", "I like tea."), ("set", "I live in Paris."),
    ]  # fmt: skip
    assert entries[0]["before"]["content"] == "I live in Paris."
    (u1,) = first["users"]
    assert (u1["user_id"], u1["turns"], u1["memories"]) == ("u1", 3, 2)
    assert [user["user_id"] for user in second.json()["users"]] == ["v1"]
    bob = clients("bob")
    assert bob.get(USERS).json()["users"] == []
    assert bob.get(TIMELINE, params=U1).json()["entries"] == []
    assert "Nothing is remembered yet." in bob.get(CONTEXT, params=U1).json()["markdown"]


@pytest.mark.parametrize(("path", "wrong"), [
    (CONTEXT, {"max_tokens": 79}), (CONTEXT, {"max_tokens": "many"}), (CONTEXT, {"who": "u1"}),
    (CONTEXT, {"query": "x" * 5_001}), (TIMELINE, {"since": "yesterday"}),
    (TIMELINE, {"page_size": 201}), (USERS, {"prefix": "a/b"}), (USERS, {"page_size": 0}),
])  # fmt: skip
def test_what_does_not_fit_is_refused(alice, path, wrong):
    refused = alice.get(path, params=wrong)

    assert (refused.status_code, refused.json()["type"]) == (422, "/problems#invalid-request")


def test_a_fact_by_hand_is_one_job_while_it_runs_and_under_its_key(alice):
    fact = {"content": "Lyon", "attribute": "lives_in", **U1}
    ways = [{}, {}, {"Idempotency-Key": "k1"}, {"Idempotency-Key": "k1"}]

    jobs = [alice.post("/v2/memory/memories", json=fact, headers=headers).json()["job_id"]
            for headers in ways]  # fmt: skip
    reused = alice.post("/v2/memory/memories", json={**fact, "content": "Rome"}, headers=ways[-1])

    assert [job == jobs[0] for job in jobs] == [True, True, False, False]
    assert jobs[2] == jobs[3]
    assert reused.json()["type"] == "/problems#idempotency-key-reused"
    for wrong in ({"content": ""}, {"valid_from": "2999-01-01T00:00:00Z"}, {"domain": "code"},
                  {"attribute": "a\nb"}, {"vector": []}):  # fmt: skip
        refused = alice.post("/v2/memory/memories", json={**fact, **wrong})
        assert refused.status_code == 422, wrong
