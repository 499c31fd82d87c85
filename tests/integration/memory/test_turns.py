import pytest

from keepsake.memory.models import Kind, MemoryScope
from keepsake.memory.pipeline import envelope
from keepsake.memory.searching.search import MemoryQuery
from keepsake.memory.service import MemoryService
from tests.integration.memory.conftest import ALICE

STORY = [
    ("I live in Paris.", "2020-01-01T10:00:00+00:00"),
    ("I like jazz and I saw Ana last Friday.", "2021-01-01T10:00:00+00:00"),
    ("I moved to Berlin.", "2022-01-01T10:00:00+00:00"),
    ("I hate jazz now.", "2023-01-01T10:00:00+00:00"),
]


@pytest.mark.parametrize("named", [True, False])
def test_turns_told_again_in_another_job_change_nothing(say, stored, named):
    def tell(job_id):
        for position, (text, said_at) in enumerate(STORY):
            source = {"source_id": f"s{position}"} if named else {}
            say(text, job_id=job_id, position=position, session_datetime=said_at, **source)

    tell("a")
    once = stored()
    tell("b")

    assert stored() == once


def test_a_source_id_stands_for_its_turn_whatever_it_says(say, stored):
    say("I live in Paris.", source_id="s1")
    once = stored()

    again = say("I live in Rome.", source_id="s1")

    assert {operation.reason for operation in again.operations} == {"this turn is known already"}
    assert stored() == once
    say("I live in Rome.", scope=MemoryScope("alice", "u2"), source_id="s1")
    assert stored(MemoryScope("alice", "u2")) != []


def test_history_told_out_of_order_is_the_same_history(say, stored):
    for text, said_at in reversed(STORY):
        say(text, session_datetime=said_at)

    facts = {document["content"]: document for document in stored() if document["slot"]}
    assert facts["I moved to Berlin."]["valid_to"] is None
    paris = facts["I live in Paris."]
    assert paris["valid_to"].isoformat() == "2022-01-01T10:00:00+00:00"
    assert paris["superseded_by"] == facts["I moved to Berlin."]["_id"]
    assert facts["I like jazz"]["valid_to"].isoformat() == "2023-01-01T10:00:00+00:00"


def test_a_correction_replaces_the_value_it_names(say, stored):
    say("I live in Paris. I like Rome.")

    report = say("Sorry, I meant Lyon, not Paris.")

    assert [document.action for document in report.operations] == ["ADD", "UPDATE"]
    open_ = {document["slot"]["attribute"]: document["slot"]["value"] for document in stored()
             if document["slot"] and document["valid_to"] is None}  # fmt: skip
    assert open_ == {"lives_in": "lyon", "taste for rome": "likes"}


def test_later_words_of_a_turn_correct_earlier_ones(say, stored):
    say("I live in Paris. I quit Initech. No wait, I live in Rome!")

    assert [
        document["content"]
        for document in stored()
        if document["slot"] and document["valid_to"] is None
    ] == ["I quit Initech.", "I live in Rome!"]


def test_a_search_as_of_a_day_answers_what_held_then(say, memory):
    for text, said_at in STORY:
        say(text, session_datetime=said_at)

    def home(**when):
        query = MemoryQuery(query="Where do I live?", kinds=(Kind.MEMORY,), top_k=1, **when)
        return memory.search.find(ALICE, query)[0].content

    assert home() == "I moved to Berlin."
    assert home(as_of="2021-06-01T00:00:00Z") == "I live in Paris."


def test_a_search_is_bounded_by_time_and_domain(say, memory):
    for text, said_at in STORY:
        say(text, session_datetime=said_at)

    late = memory.search.find(ALICE, MemoryQuery(query="jazz", since="2022-12-01T00:00:00Z"))
    events = memory.search.find(ALICE, MemoryQuery(query="Ana", domains=("temporal",)))

    assert {hit.said_at.year for hit in late} == {2023}
    assert [hit.event_date for hit in events] == ["2020-12-25"]


def test_a_hit_names_its_turns_and_explains_its_score(say, memory):
    say("I like jazz.", source_id="first")
    say("I really love jazz!", source_id="second")

    query = MemoryQuery(query="jazz", kinds=(Kind.MEMORY,), explain=True)
    (hit,) = memory.search.find(ALICE, query)

    assert hit.source_ids == ("first", "second")
    assert hit.provenance["job_id"] == "job0"
    assert hit.score == pytest.approx(sum(hit.explain.values()), abs=1e-3)


def test_a_search_in_a_second_process_finds_what_was_just_ingested(say, memory, database):
    other = MemoryService.over(database)
    for number in range(3):
        say(f"I like number {number}.")
        for service in (memory, other):
            hits = service.search.find(ALICE, MemoryQuery(query=f"number {number}"))
            assert hits[0].content == f"I like number {number}."


def test_an_agents_answer_is_found_but_is_no_fact(say, memory, stored):
    say("What is the capital of Peru?", agent_response="Lima. I love Lima.")

    assert [document["kind"] for document in stored()] == ["turn"]
    (hit, *_) = memory.search.find(ALICE, MemoryQuery(query="Lima"))
    assert hit.response.startswith("Lima")


def test_a_long_turn_is_found_by_its_end_with_high_effort(say, memory):
    filler = "The weather was discussed at length. " * 60
    say(filler + "My aunt keeps bees.", effort_level="high", source_id="long")
    for number in range(12):
        say(f"Message number {number} about trains.", source_id=f"s{number}")

    assert memory.search.find(ALICE, MemoryQuery(query="honey insects"))[0].source_ids == ("long",)


def test_an_image_is_kept_by_reference(say, stored):
    report = say("Look!", image_url="data:image/png;base64,AAAA")

    (operation,) = envelope(report)["image"]["operations"]
    assert operation["content"].startswith("Image (image/png, sha256 ")
    assert next(document for document in stored() if document["kind"] == "turn")[
        "image_url"
    ].endswith("AAAA")
