import re
import threading
from datetime import UTC

import pytest

from keepsake.memory.domains.registry import DOMAINS
from keepsake.memory.pipeline import envelope
from keepsake.memory.turn import Turn
from tests.integration.memory.conftest import ALICE


def types(report, domain):
    return [op["type"] for op in (envelope(report)[domain] or {"operations": []})["operations"]]


def valid(database, domain="profile"):
    return [m["content"] for m in database["memories"].find({"domain": domain, "valid_to": None})]


def test_a_repeat_is_a_noop(say):
    say("I live in Paris.")

    again = say("I live in Paris.")

    assert (types(again, "profile"), types(again, "summary")) == (["NOOP"], ["NOOP"])
    assert envelope(again)["profile"]["weaver"] == {"succeeded": 0, "skipped": 1, "failed": 0}


def test_a_new_value_supersedes_and_the_old_one_is_history(say, database):
    say("I live in Paris.")

    assert types(say("I moved to Berlin."), "profile") == ["UPDATE"]

    assert valid(database) == ["I moved to Berlin."]
    old = database["memories"].find_one({"content": "I live in Paris.", "domain": "profile"})
    assert old["valid_to"] is not None
    assert old["superseded_by"].startswith("mem_")


def test_a_denial_closes_a_fact(say, database):
    say("I work at Initech.")

    assert types(say("I quit Initech."), "profile") == ["DELETE"]
    assert valid(database) == []


def test_who_no_longer_has_a_dog_no_longer_has_the_named_one(say, database):
    say("I have a dog named Rex.")
    say("I have a cat named Tom.")
    say("I no longer have a dog.")

    assert [entry for entry in valid(database, "profile") if "named" in entry] == [
        "I have a cat named Tom."
    ]


def test_many_valued_facts_stand_side_by_side(say, database):
    say("I like jazz.")
    say("I like chess.")

    assert len(valid(database)) == 2


def test_an_event_keeps_its_words_and_its_date(say, database):
    say("I saw my doctor last Friday.", session_datetime="2024-05-15T10:00:00+00:00")

    event = database["memories"].find_one({"domain": "temporal"})
    assert (event["content"], event["event_date"]) == ("I saw my doctor last Friday.", "2024-05-10")


def test_a_turn_without_any_fact_is_still_found(say, memory):
    say("What does the word serendipity mean?")

    hits = memory.search.search(ALICE, "serendipity", domains=list(DOMAINS), top_k=3)

    assert hits[0].content == "What does the word serendipity mean?"


def test_the_same_job_and_position_has_its_effects_once(say, database):
    first = say("I live in Paris.", job_id="job")
    count = database["memories"].count_documents({})

    again = say("I live in Paris.", job_id="job")

    assert again == first
    assert again.repeated
    assert database["memories"].count_documents({}) == count


def test_concurrent_turns_of_one_user_are_judged_one_after_the_other(say, database):
    places = ["Paris", "Berlin", "Rome", "Oslo"]
    threads = [
        threading.Thread(target=say, args=(f"I live in {place}.",), kwargs={"job_id": place})
        for place in places
    ]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]

    assert len(valid(database)) == 1
    assert database["memories"].count_documents({"domain": "profile"}) == len(places)


def test_a_lost_fence_writes_nothing(memory, database):
    class Lost(Exception):
        pass

    class Fence:
        def assert_owned(self, session):
            raise Lost

    with pytest.raises(Lost):
        memory.pipeline.ingest(
            ALICE, Turn(user_query="I live in Paris."), job_id="job", fence=Fence()
        )

    assert database["memories"].count_documents({}) == 0
    assert database["memory_ledger"].count_documents({}) == 0


@pytest.mark.parametrize("text", ["$name", "$$ROOT is where I live", "I pay $5 for my bill."])
def test_a_users_dollar_signs_are_text(say, database, text):
    say(text)

    assert text in valid(database, "summary")


@pytest.fixture
def profiled(database):
    """What a test asks the collections of memories for, by MongoDB's own profiler."""
    database.command("profile", 2)
    ours = re.compile(rf"^{database.name}\.mem")
    yield lambda: list(database["system.profile"].find({"ns": ours}))
    database.command("profile", 0)
    database["system.profile"].drop()


def test_a_turn_is_judged_by_indexes_alone_in_a_few_round_trips(say, memory, profiled):
    say("I live in Paris.")
    before = len(profiled())

    say("I moved to Berlin.")

    asked = profiled()[before:]
    read, written = asked[:3], asked[-4:]  # between them: tries that a busy MongoDB aborted
    assert [entry["op"] for entry in read] == ["query", "query", "command"]
    assert [entry["op"] for entry in written] == ["insert", "command", "update", "insert"]
    assert [one for one in asked if "COLLSCAN" in one.get("planSummary", "")] == []


def test_validity_uses_the_databases_clock(say, database):
    def now():
        return database.command("hello")["localTime"].replace(tzinfo=UTC)

    before = now()
    say("I live in Paris.")

    assert before <= database["memories"].find_one()["created_at"] <= now()


def test_a_short_answer_is_a_fact_of_both_turns(say, database):
    say("I need a bag.", agent_response="For the pool? Do you have any pets?", job_id="ask")
    say("Yes, two of them.", job_id="answer")

    (fact,) = database["memories"].find({"domain": "profile"})
    assert (fact["content"], fact["slot"]["value"]) == ("I have two pets.", "two pets")
    origin = fact["provenance"]
    assert (origin["turn_id"], origin["confirms"]["turn_id"]) == ("turn_answer_0", "turn_ask_0")


def test_an_answer_is_to_the_question_of_its_own_session(say, database):
    say("Hello.", agent_response="Do you smoke?", session_id="a")
    say("Yes.", session_id="b")

    assert valid(database) == []


def test_what_is_called_off_by_any_name_ends_and_what_was_stays(say, database):
    say("We flew to Crete on 3 July 2023.", session_datetime="2024-05-15T10:00:00Z")
    say("We're flying to Crete on 3 July.", session_datetime="2024-05-15T11:00:00Z")

    say("Crete is off.", session_datetime="2024-05-16T10:00:00Z")

    assert valid(database, "temporal") == ["We flew to Crete on 3 July 2023."]


def test_a_habit_that_was_given_up_is_none_any_more(say, database):
    say("I go to the gym on Mondays.")
    say("I always park near the gym.")

    say("I've stopped going to the gym.")

    assert "I go to the gym on Mondays." not in valid(database)
    assert "I always park near the gym." in valid(database)
