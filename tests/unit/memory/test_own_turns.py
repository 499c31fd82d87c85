"""What is stored of turns of our own, kind by kind: above all nothing that is not so."""

import pytest

from tests.unit.memory.scoring import OWN_TURNS, scored

LEAST_RECALL = 0.65
MISSED = frozenset(
    {
        "I'm doing a PhD in soil science at Wageningen, third year.",
        "I'm left handed, my husband's right handed.",
        "I speak Polish, some Russian and enough French to order lunch.",
        "Our flat is on the fourth floor.",
        "Used to smoke, quit in 2018.",
        "Diabetic, type 1.",
        "Our neighbour Mr Holt, a beekeeper, has a tractor.",
        "Our dog, Biscuit, is a corgi.",
        "My boss, Ingrid, speaks five languages.",
        "My flatmate Cem, a chef, works nights.",
        "I've gone from full time to three days a week.",
        "They've offered me the Leeds post and I said yes.",
        "I don't cycle to work these days, I take the tram.",
        "I finally left Vodafone, I'm with O2 now.",
        "I swapped my German class for Italian.",
        "I left the choir in spring.",
        "I like my steak rare and my coffee black.",
        "I have no sense of smell.",
        "There's no oven in my flat.",
        "I'm no good with numbers.",
        "ah no sorry, it's my brother in law who's the pilot",
        "The allergy is to cashews, not to walnuts.",
        "My yoga class moved from Tuesdays to Thursdays.",
        "The vet can't do Friday so Biscuit goes in on Monday.",
        "I'm off caffeine completely.",
        "Finally finished my master's!",
        "Rather read than watch TV, me.",
        "I am not allergic to anything.",
        "Turns out I'm allergic to penicillin, says the doctor.",
        "Doctor's orders: no alcohol for me.",
        "I take my tea with milk, never with sugar.",
        "I'm neither married nor engaged.",
        "I left Nokia and joined Ericsson.",
        "I've swapped coffee for tea.",
        "My daughter Freya turned six yesterday.",
        "What's the capital of Peru? I'm flying there on 3 July.",
    }
)
"""Turns of which something is missed, known to be."""
STORED_IN_ERROR = frozenset(
    {
        "Speaking as a medieval peasant: I own one goat and I fear the baron.",
        "In The Sims I have four kids and a pool, I work as a spy.",
        "I carry the team on my back.",
        "I identify as a potato on Sundays.",
        "I have a black belt in procrastination.",
        "I have a PhD in overreacting.",
        "My diet is coffee and regret.",
    }
)
"""Turns of which something is stored that is not so, known to be."""


@pytest.mark.parametrize("kind", OWN_TURNS)
def test_turns_of_a_kind_store_what_they_must_and_nothing_else(kind):
    scores = [(row[0], *scored(row)) for row in OWN_TURNS[kind]]

    assert {text for text, _, wrong, _, _ in scores if wrong} <= STORED_IN_ERROR
    assert [(text, missing) for text, missing, *_ in scores if missing and text not in MISSED] == []


def test_recall_is_that_of_a_careful_listener():
    scores = [scored(row) for rows in OWN_TURNS.values() for row in rows]
    wanted = sum(must for _, _, must, _ in scores)

    assert 1 - sum(len(missing) for missing, *_ in scores) / wanted >= LEAST_RECALL


def test_there_are_ten_turns_of_most_kinds():
    assert sum(len(rows) >= 10 for rows in OWN_TURNS.values()) >= 20
