"""Turns in sequence over HTTP: what holds after them, what is answered then, and what is found."""

import re
import unicodedata
from datetime import UTC, datetime, timedelta
from itertools import zip_longest

import pytest

from tests.conftest import started_worker
from tests.unit.memory.given_sequences import GIVEN_DATES, GIVEN_SEQUENCES

FIRST = datetime(2024, 5, 15, 12, tzinfo=UTC)
ROWS = [row for rows in GIVEN_SEQUENCES.values() for row in rows]
NOT_RIGHT = ("Thanks!", "Then your birthday is on 3 March, right?"), ("No, that is wrong.", "")
NUTS, SHELLFISH = "Ana: I'm allergic to nuts.", "Bob: I'm allergic to shellfish."
ANSWERS = (
    (("My wedding is on 20 July 2024.", "We moved the wedding to 14 September 2024."),
     "When is the wedding?", r"14 September|2024-09-14", r"20 July|2024-07-20"),
    (("I'm allergic to peanuts.",
      "Forget that I'm allergic to peanuts, the test was negative."),
     "Am I allergic to peanuts?", "", r"I'm allergic to peanuts"),
    (("My salary is 80k.", "Forget what I told you about my salary."), "What is my salary?", "",
     "80k"),
    (("I have two kids.", "Please delete everything about my kids."), "How many kids do I have?",
     "", "two kids"),
    ((NUTS, SHELLFISH), "What is Ana allergic to?", "nuts", "shellfish"),
    (("Bob: I work at Acme.", "Ana: I work at Equinor."), "Where does Bob work?", "Acme",
     "Equinor"),
    (NOT_RIGHT, "When is my birthday?", "", "3 March"),
)  # fmt: skip
COFFEE = "Mi cafetería favorita está en Sevilla."
FOUND = (
    *(("我在Google上班", query) for query in ("Google", "上班", "where does the user work")),
    (COFFEE, "cafeteria"), (COFFEE, unicodedata.normalize("NFD", "cafetería")),
    (unicodedata.normalize("NFD", COFFEE), unicodedata.normalize("NFC", "cafetería")),
    ("El jamón ibérico es lo mejor.", "jamon"), ("मुझे हिन्दी गाने पसंद हैं", "हिन्दी"),
    ("ฉันชอบกินข้าวผัดกุ้ง", "ข้าวผัดกุ้ง"),
)  # fmt: skip


@pytest.fixture(scope="module")
def module_worker(rabbitmq, mongod, directory):
    """A worker for all tests of this module."""
    process = started_worker(directory / "sequences-worker.log")
    yield
    process.kill()


@pytest.fixture
def tell(alice, ended):
    """Says sequences, each to a user of its own, and gives the results of their turns."""

    def told(sequences, firsts=()):
        items = [
            item
            for number, (turns, first) in enumerate(zip_longest(sequences, firsts, fillvalue=FIRST))
            for item in said(f"u{number}", turns, first)
        ]
        jobs = [alice.post("/v2/memory/batch-ingest", json={"items": items[start : start + 100]})
                for start in range(0, len(items), 100)]  # fmt: skip
        return [result for job in jobs for result in ended(job.json())["results"]]

    return told


@pytest.fixture
def ended(alice, module_worker, eventually):
    """Waits for the end of a job, and gives its result."""

    def wait(job):
        def done():
            shown = alice.get(job["status_url"]).json()
            return shown if shown["ended_at"] else None

        shown = eventually(done, within=60)
        assert shown["status"] == "succeeded", shown
        return alice.get(f"{job['status_url']}/result").json()["result"]

    return wait


def said(user, turns, first):
    """The turns of a user, a day apart."""
    for days, turn in enumerate(turns):
        query, answer = turn if isinstance(turn, tuple) else (turn, "")
        moment = (first + timedelta(days=days)).isoformat()
        yield {"user_id": user, "user_query": query, "agent_response": answer,
               "session_datetime": moment}  # fmt: skip


@pytest.fixture
def held(alice):
    """The memories of a user that hold, as the tables write them."""

    def look(user):
        page = alice.get("/v2/memory/memories", params={"user_id": user, "page_size": 200}).json()
        return [memory_line(each) for each in page["memories"] if each["domain"] != "summary"]

    return look


def with_event(words):
    """A sentence for a date in words."""
    on = "on " if words[:1].isdigit() else ""
    return words if words.startswith("I ") else f"I have an exam {on}{words}."


def memory_line(memory):
    slot, when = memory["slot"], memory["when"]
    if slot and memory["domain"] == "profile":
        sign = "-" if slot["negated"] else ""
        return f"{sign}{slot['subject']}/{slot['attribute']}={slot['value']}".lower()
    if slot and slot["negated"]:
        return f"-{slot['subject']}/{slot['attribute']}="
    return f"{memory['domain']} {when['first'] if when else ''} {memory['content']}".lower()


def test_what_must_hold_after_the_given_sequences_holds(tell, held):
    tell([turns for turns, _, _ in ROWS])

    broken = {}
    for number, (turns, must, must_not) in enumerate(ROWS):
        lines = held(f"u{number}")
        lost = [want for want in must if not any(re.search(want, each) for each in lines)]
        kept = [each for each in lines if any(re.search(want, each) for want in must_not)]
        if lost or kept:
            broken[turns] = lost, kept
    assert broken == {}


def test_the_same_statement_after_a_change_is_news_without_times_and_ids(alice, ended, held):
    turns = [{"user_query": f"I live in {town}."} for town in ("Braga", "Faro", "Braga")]
    for number, turn in enumerate(turns):
        alice.post("/v1/memory/ingest", json={**turn, "user_id": "u1"})
        job = alice.post("/v2/memory/ingest", json={**turn, "user_id": "u2"},
                         headers={"Idempotency-Key": f"turn-{number}"})  # fmt: skip
        ended(job.json())
    items = [{**turn, "user_id": "u3"} for turn in turns]
    ended(alice.post("/v2/memory/batch-ingest", json={"items": items}).json())

    assert [held(user) for user in ("u1", "u2", "u3")] == [["user/lives_in=braga"]] * 3


def test_the_given_dates_are_the_days_that_they_mean(tell, alice):
    days = [datetime.fromisoformat(f"{day}T12:00Z") if day else FIRST for _, day, *_ in GIVEN_DATES]
    tell([(with_event(words),) for words, *_ in GIVEN_DATES], days)

    shown = []
    for number, _ in enumerate(GIVEN_DATES):
        ask = {"user_id": f"u{number}", "domains": "temporal"}
        (memory,) = alice.get("/v2/memory/memories", params=ask).json()["memories"]
        shown.append((memory["when"]["first"], memory["when"]["last"]))
    assert shown == [(first, last) for _, _, first, last in GIVEN_DATES]


def test_what_changed_is_answered_as_it_holds_now_and_to_whom_it_belongs(tell, alice):
    results = tell([turns for turns, *_ in ANSWERS])

    wrong = {}
    for number, (_, question, must, must_not) in enumerate(ANSWERS):
        body = {"query": question, "user_id": f"u{number}"}
        answer = alice.post("/v2/memory/retrieve", json=body).json()["answer"]
        if not re.search(must, answer) or (must_not and re.search(must_not, answer)):
            wrong[question] = answer
    assert wrong == {}
    reasons = {
        operation["reason"]
        for result in results
        if result["profile"]
        for operation in result["profile"]["operations"]
    }
    assert {"forgotten: salary", "forgotten: kids"} <= reasons


def test_words_of_other_scripts_and_with_accents_are_found(tell, alice):
    tell([(text,) for text, _ in FOUND])

    missed = []
    for number, (text, query) in enumerate(FOUND):
        body = {"query": query, "user_id": f"u{number}"}
        hits = alice.post("/v2/memory/search", json=body).json()["hits"]
        if not any(text in hit["content"] for hit in hits):
            missed.append((text, query))
    assert missed == []
