"""Asking a language model to read a turn: what it costs, and what is done when it is of no use."""

import json
from datetime import datetime, timedelta

import pytest

from keepsake.inference import client
from keepsake.inference.client import ModelAway
from keepsake.inference.settings import Endpoint
from keepsake.memory.pipeline import envelope
from keepsake.memory.searching.search import MemoryQuery
from keepsake.memory.turn import Turn
from tests.integration.memory.conftest import ALICE
from tests.integration.memory.model_server import LIVES, TEXT, extraction, facts, ingest, memory


def test_a_model_extracts_and_the_report_accounts_for_it(with_model, server, stored):
    server.script = [extraction(LIVES)]

    report = ingest(with_model())

    assert facts(stored) == ["The user lives in Paris."]
    assert (report.model, report.degraded) == ("m1", "")
    assert envelope(report)["usage"] == {
        "calls": 1, "input_tokens": 100, "output_tokens": 20, "cost": 0.0003,
    }  # fmt: skip
    assert server.keys == ["Bearer key-1"]
    assert next(one for one in stored() if one["slot"])["provenance"]["model"] == "m1"


def test_a_repeated_step_never_pays_twice(with_model, server, stored, database):
    server.script = [extraction(LIVES)]
    ingest(with_model())
    before = stored()
    database["memories"].delete_many({})
    database["memory_ledger"].delete_many({})  # as if the worker had died before the commit
    database["memory_users"].delete_many({})

    report = ingest(with_model())

    assert len(server.requests) == 1
    assert stored() == before
    assert report.usage["calls"] == 1


def test_a_malformed_answer_is_repaired_once(with_model, server, stored):
    server.script = ['Sure! {"memories": [{"content": 7}]}', f"```json\n{extraction(LIVES)}\n```"]

    report = ingest(with_model())

    assert facts(stored) == ["The user lives in Paris."]
    assert report.usage["calls"] == 2
    repair = server.requests[1]["messages"][-1]["content"]
    assert "json_invalid" in repair


@pytest.mark.parametrize("answer", ["no JSON at all", "", '{"memories": "all"}', "[]", "null"])
def test_an_answer_that_never_fits_is_said_and_the_rules_read(with_model, server, stored, answer):
    server.script = [answer]

    report = ingest(with_model())

    assert report.degraded.startswith("ModelUnusable: ")
    assert facts(stored) == ["I live in Paris", "I adore my old bicycle."]
    assert len(server.requests) == report.usage["calls"] == 2  # of no use, and paid for


@pytest.mark.parametrize("fault", ["hang", "drip", "flood", 500, 429])
def test_an_endpoint_that_is_away_is_said_and_the_rules_read(with_model, server, stored, fault):
    server.script = [getattr(server, fault) if isinstance(fault, str) else fault]
    waited_for = {"hang": 1, "drip": 1}.get(fault, 30)

    report = ingest(with_model(timeout_seconds=waited_for))

    assert report.degraded.startswith("ModelAway: ")
    assert facts(stored) == ["I live in Paris", "I adore my old bicycle."]


@pytest.mark.parametrize(
    "body",
    [
        b"[" * 100_000,
        b'{"choices": ' * 100_000,
        b'{"choices": [{"message": {"content": "{}"}}], "usage": {"prompt_tokens": 1e999}}',
        b'{"choices": [{"message": {"content": "{}"}}], "usage": {"prompt_tokens": -1000000}}',
        b'{"choices": [{"message": {"content": "{}"}}], "usage": {"completion_tokens": 1%s}}'
        % (b"0" * 30),
        b'{"choices": {"message": 1}}',
        b"\xff\xfe",
        b"",
    ],
    ids=["lists", "objects", "infinite", "negative", "huge", "shape", "bytes", "empty"],
)
def test_an_endpoint_that_answers_nonsense_is_said_and_the_rules_read(
    with_model, server, stored, body
):
    server.script = [lambda handler: server.raw(handler, body)]

    report = ingest(with_model())

    assert report.degraded.startswith("ModelAway: ")
    assert facts(stored) == ["I live in Paris", "I adore my old bicycle."]


def test_half_of_a_surrogate_pair_spoils_no_more_than_the_answer(with_model, server, stored):
    cut = b'{"choices": [{"message": {"content": "{\\"memories\\": [] \\ud83d"}}]}'
    server.script = [lambda handler: server.raw(handler, cut)]

    report = ingest(with_model())

    assert report.degraded.startswith("ModelUnusable: ")
    assert facts(stored) == ["I live in Paris", "I adore my old bicycle."]


def test_a_job_that_can_be_tried_again_is_told_of_an_outage(with_model, server, stored):
    server.script = [503, extraction(LIVES)]
    service = with_model()

    with pytest.raises(ModelAway):
        ingest(service, degrade=False)

    assert stored() == []
    assert ingest(service, degrade=False).model == "m1"


def test_a_refused_key_is_said(with_model, server):
    server.script = [401]

    assert ingest(with_model()).degraded == "ModelRefused: an endpoint answered 401"


@pytest.mark.parametrize("fault", [500, 401, "hang"])
def test_the_next_endpoint_is_asked_when_one_fails(
    with_model, server, second, stored, fault, monkeypatch
):
    really = client.ask_endpoint

    def ask(own, endpoint, request, seconds):
        return really(own, endpoint, request, 1 if endpoint.model == "m1" else seconds)

    monkeypatch.setattr(client, "ask_endpoint", ask)
    server.script = [getattr(server, fault) if isinstance(fault, str) else fault]
    second.script = [extraction(LIVES)]
    backup = Endpoint(base_url=second.url, model="m2", api_key="key-2")

    report = ingest(with_model(fallbacks=(backup,)))

    assert (report.model, report.degraded) == ("m2", "")
    assert second.keys == ["Bearer key-2"]


def test_endpoints_that_hang_are_not_all_waited_for(with_model, server, second, monkeypatch):
    monkeypatch.setattr(client, "_MOST_SECONDS", 1.5)
    server.script, second.script = [server.hang], [second.hang]
    others = tuple(Endpoint(base_url=second.url, model=f"m{n}") for n in range(5))

    report = ingest(with_model(fallbacks=others, timeout_seconds=1))

    assert report.degraded.startswith("ModelAway: ")
    assert len(second.requests) < len(others)


def test_each_reply_costs_what_its_endpoint_charges(with_model, server, second):
    server.script = ["no JSON at all", 500]
    second.script = [extraction(LIVES)]
    fallbacks = json.dumps([{"base_url": second.url, "model": "m2", "price_per_million_input": 3,
                             "price_per_million_output": 50}])  # fmt: skip

    report = ingest(with_model(fallbacks=fallbacks))

    assert report.model == "m2"
    assert report.usage["cost"] == pytest.approx((100 * 1 + 20 * 10 + 100 * 3 + 20 * 50) / 1e6)


def test_a_kept_reply_costs_what_was_paid_for_it(with_model, server, database):
    server.script = [extraction(LIVES)]
    paid = ingest(with_model()).usage
    for name in ("memories", "memory_ledger", "memory_users"):
        database[name].delete_many({})  # as if the worker had died before the commit

    dearer = {"price_per_million_input": 7, "price_per_million_output": 70}

    assert ingest(with_model(**dearer)).usage == paid


def test_a_turns_budget_ends_the_asking(with_model, server):
    server.script = ["no JSON at all"]

    report = ingest(with_model(calls_per_turn=1))

    assert report.degraded.startswith("BudgetSpent: ")
    assert len(server.requests) == 1


def test_an_image_is_described_by_the_model_that_sees(with_model, server, stored):
    server.script = [extraction(), json.dumps({"description": "A red bicycle."})]
    turn = Turn(user_query="Look!", image_url="data:image/png;base64,AAAA")

    with_model(vision_model="eyes").pipeline.ingest(ALICE, turn, job_id="job")

    assert facts(stored) == ["Image: A red bicycle."]
    assert server.requests[1]["model"] == "eyes"


def test_what_was_extracted_stays_when_nobody_can_see_the_image(with_model, server, stored):
    server.script = [extraction(LIVES), 500]
    turn = Turn(user_query=TEXT, image_url="data:image/png;base64,AAAA")

    report = with_model(vision_model="eyes").pipeline.ingest(ALICE, turn, job_id="job")

    told = facts(stored)
    assert "The user lives in Paris." in told
    assert [one for one in told if one.startswith("Image (image/png")]
    assert (report.model, report.usage["calls"]) == ("m1", 1)
    assert "ModelAway" in report.degraded


def test_an_image_that_cannot_be_read_is_said(with_model, server, stored):
    server.script = [extraction(LIVES)]
    turn = Turn(user_query=TEXT, image_url="https://127.0.0.1/a.png")

    report = with_model(vision_model="eyes").pipeline.ingest(ALICE, turn, job_id="job")

    assert report.degraded.startswith("ModelUnusable: the image was not read")
    assert {"The user lives in Paris.", "Image https://127.0.0.1/a.png"} <= set(facts(stored))
    assert len(server.requests) == 1


def test_replies_are_kept_for_as_long_as_was_set(with_model, server, database, monkeypatch):
    monkeypatch.setenv("KEEPSAKE_LLM_REPLIES_KEPT_SECONDS", "3600")
    server.script = [extraction(LIVES)]
    ingest(with_model())

    (kept,) = database["memory_llm_calls"].find()
    assert kept["expires_at"] - kept["kept_at"] == timedelta(hours=1)
    expiry = database["memory_llm_calls"].index_information()["expiry"]
    assert (expiry["key"], expiry["expireAfterSeconds"]) == ([("expires_at", 1)], 0)


def test_replies_go_with_their_user(with_model, server, database):
    server.script = [extraction(LIVES)]
    service = with_model()
    ingest(service)
    (kept,) = database["memory_llm_calls"].find()
    assert isinstance(kept["kept_at"], datetime)

    erased = service.changes.erase(ALICE)

    assert (erased.before["replies"], erased.after["replies"]) == (1, 0)
    assert database["memory_llm_calls"].count_documents({}) == 0
    assert service.search.find(ALICE, MemoryQuery(query="Paris")) == []


def test_a_key_that_an_endpoint_echoes_is_stored_nowhere(with_model, server, database):
    key, second_key = "sk-0123456789abcdef", "sk-fedcba9876543210"

    def echo(handler):
        sent = handler.headers["Authorization"]
        server.write(handler, extraction(memory(f"The user sends {sent} {second_key}.", TEXT)))

    server.script = [echo]
    fallback = Endpoint(base_url=server.url, model="m2", api_key=second_key)

    ingest(with_model(api_key=key, fallbacks=(fallback,)))

    assert server.keys == [f"Bearer {key}"]
    kept = str([list(database[name].find()) for name in database.list_collection_names()])
    assert "[redacted]" in str(list(database["memory_llm_calls"].find()))
    assert key not in kept
    assert second_key not in kept
