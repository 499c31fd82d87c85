from datetime import date

import pytest

from keepsake.memory.domains.frames import FRAMES
from keepsake.memory.searching.question import (
    ATTRIBUTE_WORDS,
    asked_attributes,
    asked_subjects,
    is_about_the_past,
    parse_question,
)

KNOWN = {frame.attribute for frame in FRAMES} | {
    "age", "birthday", "goal", "name", "owns_pet", "prefers",
}  # fmt: skip


@pytest.mark.parametrize(
    ("question", "named"),
    [
        ("Where is my home now?", {"lives_in"}),
        ("What is my address?", {"lives_in"}),
        ("Who is my employer?", {"works_at", "works_as"}),
        ("What do I do for a living?", {"works_at", "works_as"}),
        ("What am I working on?", set()),
        ("Which pets do I have?", {"owns_pet"}),
        ("What is my favourite drink?", {"prefers", "taste"}),
        ("When is my birthday?", {"birthday", "born_in"}),
        ("How old am I?", {"age", "birthday"}),
        ("Which food must I avoid?", {"allergic_to", "avoids"}),
        ("Where did I live in Spain?", {"lives_in"}),
        ("Who is my previous employer?", {"works_at", "works_as"}),
        ("How do I boil an egg?", set()),
    ],
)
def test_a_question_names_attributes(question, named):
    assert asked_attributes(question) == named


@pytest.mark.parametrize(
    ("question", "past"),
    [
        ("Where did I live in Spain?", True), ("Who is my previous employer?", True),
        ("Where do I live?", False),
    ],
)  # fmt: skip
def test_a_question_is_about_the_past_or_not(question, past):
    assert is_about_the_past(question) == past


@pytest.mark.parametrize(
    ("question", "speakers", "whose"),
    [
        ("Where do I live?", (), {"user"}),
        ("Where does my older sister live?", (), {"sister"}),
        ("Where does Bob's sister live?", ("bob",), {"bob's sister"}),
        ("Who is my sister's husband?", (), {"sister's husband"}),
        ("Which dog is my pet?", (), {"user"}),
        ("Where does Ana live?", ("ana",), {"ana"}),
        ("Which city has the best museums?", (), set()),
    ],
)
def test_a_question_is_about_somebody(question, speakers, whose):
    assert asked_subjects(question, frozenset(speakers)) == whose


def test_only_attributes_that_facts_have_are_asked_for():
    assert {name for _, names in ATTRIBUTE_WORDS for name in names} <= KNOWN


def test_a_question_about_the_past_asks_for_what_was_said_to_be_former_too():
    def asks(query):
        parsed = parse_question(query, (), ("user",), date(2024, 5, 15))
        return parsed.asks_for("user", "lives_in"), parsed.asks_for("user", "formerly_lives_in")

    assert asks("Where did I live before?") == (True, True)
    assert asks("Where do I live?") == (True, False)


@pytest.mark.parametrize(
    ("chatty", "plain"),
    [
        ("where do i live lol", "where do i live"),
        ("ngl what am i allergic to again haha", "what am i allergic to"),
        ("whats my cat called 🐱", "what is my cat called"),
        ("am i vegan tho? 😂", "am i vegan?"),
        ("do i like sushi fr", "do i like sushi"),
    ],
)
def test_a_chatty_question_is_about_no_more_than_a_plain_one(chatty, plain):
    def read(query):
        parsed = parse_question(query, (), ("user",), date(2024, 5, 15))
        return parsed.subjects, parsed.attributes, parsed.objects, parsed.polar, parsed.naming

    assert read(chatty) == read(plain)


def test_a_question_of_emoji_alone_is_still_a_question():
    assert parse_question("😂", (), ("user",), date(2024, 5, 15)).asked == "😂"
