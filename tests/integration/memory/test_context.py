"""What is put together of a user: contexts, timelines, users, facts by hand, overviews."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from keepsake.memory.models import MemoryScope
from keepsake.memory.prompting import context as prompting
from keepsake.memory.prompting.tokens import tokens
from keepsake.memory.searching import ranking
from keepsake.memory.searching.search import MemoryQuery
from keepsake.memory.searching.timeline import TimelineKind
from keepsake.memory.storing.restoring import exported
from keepsake.memory.turn import StatedFact
from keepsake.storage import Unfenced
from tests.integration.memory.conftest import ALICE

BOB = MemoryScope("alice", "bob")


@pytest.fixture
def state(memory):
    def stated(content, scope=ALICE, job_id="hand", **fields):
        return memory.pipeline.state(scope, StatedFact(content=content, **fields), job_id=job_id)

    return stated


@pytest.fixture
def context(memory):
    def of(query="", max_tokens=2_000, scope=ALICE):
        return memory.contexts.of(scope, query, max_tokens)

    return of


def contents(items):
    return [item.content for item in items]


def on(days):
    return f"{datetime.now(UTC).date() + timedelta(days=days):%-d %B %Y}"


def test_facts_by_hand_are_found_of_a_user_who_said_nothing(state, context, memory):
    state("Lyon", attribute="lives_in")

    (hit,) = memory.search.find(ALICE, MemoryQuery(query="Where do I live?"))
    answer = memory.retrieval.retrieve(ALICE, "Where do I live?")

    assert (hit.content, answer.known) == ("Lyon", True)
    assert contents(context("Where is my flat?").profile) == ["Lyon"]


def test_a_context_has_what_holds_and_nothing_else(say, state, context, memory):
    to_come, over = on(3), on(-30)
    say("I live in Paris.", session_datetime="2020-01-01T00:00:00Z")
    say("I moved to Berlin.", session_datetime="2022-01-01T00:00:00Z")
    say("Always answer in German.")
    say(f"My dentist appointment is on {to_come}.")
    say(f"My wedding was on {over}.")
    say("I am allergic to figs.", job_id="undone")
    say("My salary is 5,000 euros.")
    say("Forget what I told you about my salary.")
    say("I like tea.", expires_at=datetime.now(UTC) - timedelta(seconds=1))
    memory.undo.undo(ALICE.owner, "undone")

    made = context()

    assert contents(made.instructions) == ["Always answer in German."]
    assert contents(made.profile) == ["I moved to Berlin."]
    assert [fact.attribute for fact in made.profile] == ["lives_in"]
    assert contents(made.events) == [f"My dentist appointment is on {to_come}."]
    assert made.turns == []
    assert made.left_out == 0
    assert made.tokens == tokens(made.markdown) <= 2_000
    for gone in ("Paris", "figs", "5,000", "tea", "wedding"):
        assert gone not in made.markdown
    assert '- lives in: "I moved to Berlin." (since 2022-01-01)' in made.markdown


def test_a_query_brings_turns_near_it_without_what_has_ended(say, context):
    say("We painted the kitchen yellow.", agent_response="Nice.")
    say("I live in Paris. The market there is lovely.", session_datetime="2020-01-01T00:00:00Z")
    say("I moved to Berlin.", session_datetime="2022-01-01T00:00:00Z")
    say("I live in Rome", session_datetime="2019-01-01T00:00:00Z")

    made = context("What did we do with the kitchen, and what of Paris and Rome?")

    assert "We painted the kitchen yellow." in contents(made.turns)
    assert "The market there is lovely." in contents(made.turns)
    assert '"Nice."' in made.markdown
    assert "Paris." not in made.markdown
    assert "Rome" not in made.markdown


def test_a_context_fits_and_counts_what_does_not(say, context):
    for number in range(40):
        say(f"I like kite number {number}. " + "It is nice to fly in the wind. " * 20)

    for most in (80, 300, 1_000):
        for query in ("", "kites in the wind"):
            made = context(query, most)
            assert tokens(made.markdown) <= most
            assert made.left_out > 0
    assert context("kites in the wind", 1_000).turns


@pytest.fixture
def an_hour_passes(monkeypatch):
    """By the clock of this process."""

    class Later(datetime):
        @classmethod
        def now(cls, tz=None) -> datetime:
            return datetime.now(tz) + timedelta(hours=1)

    def passes():
        for module in (prompting, ranking):
            monkeypatch.setattr(module, "datetime", Later)

    return passes


def test_a_context_is_kept_until_the_memory_changes_or_something_expires(
    say, context, memory, an_hour_passes
):
    say("I live in Berlin.")
    first = context()
    again = context()
    say("I like tea.", expires_at=datetime.now(UTC) + timedelta(minutes=30))
    changed = context()
    an_hour_passes()
    expired = context()
    memory.changes.erase(ALICE)

    assert again is first
    assert "I like tea." in changed.markdown
    assert expired.markdown == first.markdown
    assert "Berlin" not in context().markdown
    assert "Nothing is remembered yet." in context().markdown


def test_a_timeline_tells_what_began_changed_ended_and_happened(say, memory):
    say("I live in Paris.", session_datetime="2020-01-01T00:00:00Z")
    say("I own a boat.", session_datetime="2020-06-01T00:00:00Z")
    say("I moved to Berlin.", session_datetime="2022-01-01T00:00:00Z")
    say("I don't own a boat any more.", session_datetime="2023-01-01T00:00:00Z")
    say("My wedding is on 3 May 2024.", session_datetime="2023-02-01T00:00:00Z")

    page = memory.timeline.page(ALICE)

    told = [(entry.at.date().isoformat(), entry.kind, entry.memory["content"],
             entry.before and entry.before["content"]) for entry in page.entries]  # fmt: skip
    assert told == [
        ("2024-05-03", TimelineKind.EVENT, "My wedding is on 3 May 2024.", None),
        ("2023-01-01", TimelineKind.ENDED, "I own a boat.", None),
        ("2022-01-01", TimelineKind.CHANGED, "I moved to Berlin.", "I live in Paris."),
        ("2020-06-01", TimelineKind.SET, "I own a boat.", None),
        ("2020-01-01", TimelineKind.SET, "I live in Paris.", None),
    ]
    assert page.following is None


def test_pages_of_a_timeline_leave_nothing_out_and_keep_to_their_time(say, memory):
    for number in range(7):
        say(f"I like kite number {number}.", session_datetime="2020-01-01T00:00:00Z")
    say("I like tea.", session_datetime="2021-01-01T00:00:00Z")
    until = datetime(2021, 1, 1, tzinfo=UTC)

    pages, after = [], None
    while True:
        page = memory.timeline.page(ALICE, until=until, after=after, limit=3)
        pages.append([entry.memory["content"] for entry in page.entries])
        after = page.following
        if after is None:
            break

    assert list(map(len, pages)) == [3, 3, 1]
    assert len({content for page in pages for content in page}) == 7
    assert memory.timeline.page(ALICE, since=until).entries[0].memory["content"] == "I like tea."


def test_what_was_forgotten_or_has_expired_is_in_no_timeline(say, state, memory):
    say("My salary is 5,000 euros.")
    state("6,000 euros", attribute="salary")
    say("Forget what I told you about my salary.")
    say("I like tea.", expires_at=datetime.now(UTC) - timedelta(seconds=1))

    shown = [entry.memory["content"] for entry in memory.timeline.page(ALICE).entries]

    assert [text for text in shown if "000" in text or "tea" in text] == []


def test_users_are_listed_with_what_is_kept_of_them(say, memory):
    say("I live in Paris.", scope=BOB, session_datetime="2020-01-01T00:00:00Z")
    say("I moved to Berlin.", scope=BOB, session_datetime="2022-01-01T00:00:00Z")
    for name in ("bo", "ann", "bz"):
        say("Good morning.", scope=MemoryScope("alice", name))
    say("I like tea.", scope=MemoryScope("mallory", "bob"))

    users = memory.users
    first = users.page("alice", prefix="b", limit=2)
    second = users.page("alice", prefix="b", limit=2, after=first.next_after)

    assert [(user.user_id, user.turns, user.memories) for user in first.users] == [
        ("bo", 1, 0), ("bob", 2, 1),
    ]  # fmt: skip
    assert [user.user_id for user in second.users] == ["bz"]
    assert second.next_after is None
    assert len(users.page("alice").users) == 4
    before = first.users[1].changed_at
    memory.changes.delete(BOB, users_memory(memory, BOB))
    assert users.page("alice", prefix="bob").users[0].changed_at > before
    memory.changes.erase(BOB)
    assert users.page("alice", prefix="bob").users == []


def users_memory(memory, scope):
    return memory.archive.page(scope).memories[0]["id"]


def test_a_fact_by_hand_takes_the_place_of_what_was_known_and_is_undone(say, state, memory):
    say("I live in Paris.", session_datetime="2020-01-01T00:00:00Z")

    report = state("Lyon", attribute="lives_in")
    again = state("Lyon", attribute="lives_in")
    repeat = state("Lyon", attribute="lives_in", job_id="later")
    held = memory.archive.page(ALICE).memories

    assert [each.action for each in report.operations] == ["UPDATE"]
    assert again.operations == report.operations
    assert [each.action for each in repeat.operations] == ["NOOP"]
    assert [(each["content"], each["provenance"]["model"]) for each in held] == [
        ("Lyon", "by hand")
    ]
    assert held[0]["provenance"]["turn_id"] == ""
    assert memory.retrieval.retrieve(ALICE, "Where do I live?").sources[0].content == "Lyon"
    effects = list(memory.undo.effects(ALICE.owner, "hand"))
    assert [(each.type, each.memory_id) for each in effects] == [("UPDATE", held[0]["id"])]
    memory.undo.undo(ALICE.owner, "later")
    memory.undo.undo(ALICE.owner, "hand")
    assert [each["content"] for each in memory.archive.page(ALICE).memories] == ["I live in Paris."]


def test_a_fact_by_hand_has_its_own_time_and_tags(say, state, memory):
    say("I live in Paris.", session_datetime="2020-01-01T00:00:00Z")
    state("Rome", attribute="lives_in", agent_id="crm",
          valid_from=datetime(2019, 1, 1, tzinfo=UTC))  # fmt: skip
    state("I like tea.", job_id="brief", expires_at=datetime.now(UTC) - timedelta(seconds=1))

    history = memory.archive.page(ALICE, history=True, tags={"agent_id": "crm"}).memories

    assert [(each["content"], each["valid_to"]) for each in history] == [
        ("Rome", "2020-01-01T00:00:00+00:00")
    ]
    asked = MemoryQuery(query="Where do I live?", as_of=datetime(2019, 6, 1, tzinfo=UTC))
    assert memory.search.find(ALICE, asked)[0].content == "Rome"
    assert "I like tea." not in str(memory.archive.page(ALICE, history=True).memories)


@pytest.mark.parametrize("asked", [
    "What do you know about me?", "Describe the user.", "What is known about u1?",
    "¿Qué sabes de mí?",
])  # fmt: skip
def test_what_is_known_of_a_user_is_answered_from_the_profile(say, memory, asked):
    said = ("I live in Berlin.", "I am allergic to figs.", "My sister lives in Oslo.",
            "I work at Acme.", "I own a boat.", "I speak Dutch.", "I play the cello.")  # fmt: skip
    for text in said:
        say(text)
    say("What is a good name for a boat?", agent_response="You like Rome, so Roma.")

    answer = memory.retrieval.retrieve(ALICE, asked)
    found = memory.search.find(ALICE, MemoryQuery(query=asked, top_k=6))

    own = {text for text in said if "sister" not in text}
    assert {source.content for source in answer.sources} == own
    assert all(f'"{text}"' in answer.answer for text in own)
    assert answer.known
    assert {hit.content for hit in found} == own
    assert len(memory.retrieval.retrieve(ALICE, asked, top_k=3).sources) == 3


def test_of_whom_nothing_is_known_that_is_the_answer(say, memory):
    say("What is the tallest tower?", agent_response="You are a curious user.")

    answer = memory.retrieval.retrieve(ALICE, "What do you know about me?")
    empty = memory.retrieval.retrieve(BOB, "What do you know about me?")

    assert [(each.known, each.sources) for each in (answer, empty)] == [(False, [])] * 2
    assert answer.answer == empty.answer == ("Not known: nothing is remembered of this person yet.")


def test_a_fact_by_hand_is_exported_and_comes_back(say, state, memory):
    say("I live in Paris.", session_datetime="2020-01-01T00:00:00Z")
    state("Lyon", attribute="lives_in", metadata={"channel": "crm"})
    before = list(memory.archive.export(ALICE))
    memory.changes.erase(ALICE)

    records = [(n, exported(json.dumps(line))) for n, line in enumerate(before)]
    statuses = [status for _, status in memory.restoring.restore(ALICE, records, Unfenced())]

    assert statuses == ["succeeded"] * 3
    assert list(memory.archive.export(ALICE)) == before
    assert memory.contexts.of(ALICE).profile[0].content == "Lyon"
    (changed, _) = memory.timeline.page(ALICE).entries
    assert (changed.kind, changed.before["content"]) == ("changed", "I live in Paris.")
