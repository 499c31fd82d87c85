"""What is stored of turns of our own, kind by kind: above all nothing that is not so."""

import pytest

from tests.unit.memory.scoring import OWN_TURNS, scored

LEAST_RECALL = 0.65
MISSED = frozenset(
    {
        "I have to wear a hearing aid now.",
        "My dentist says I grind my teeth.",
        "Off to Crete on 3 June, first holiday in four years!",
        "I teach history at a primary school in Arnhem.",
        "As a night porter in a hospital I sleep odd hours.",
        "Doctor says I'm lactose intolerant.",
        "I'm afraid that I'm allergic to cats.",
        "We ended up buying the house in Braine.",
        "I got a new job! Starting at Novo Nordisk in July.",
        "I go for oat milk, never soy.",
        "I've got a sweet tooth.",
        "Tea, not coffee, thanks.",
        "I listen to a lot of Fado.",
        "I gave my bike away.",
        "I dropped French.",
        "I'm doing a PhD in soil science at Wageningen, third year.",
        "The dog's called Monty, he's a cocker spaniel.",
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
        "I swapped my German class for Italian.",
        "I left the choir in spring.",
        "I like my steak rare and my coffee black.",
        "I find museums boring, my partner loves them.",
        "I have no sense of smell.",
        "There's no oven in my flat.",
        "I'm no good with numbers.",
        "ah no sorry, it's my brother in law who's the pilot",
        "The allergy is to cashews, not to walnuts.",
        "The vet can't do Friday so Biscuit goes in on Monday.",
        "I'm off caffeine completely.",
        "Finally finished my master's!",
        "Don't use bold text ever again.",
        "My dentist recommended an electric toothbrush so I got one.",
        "Doctor's orders: no alcohol for me.",
        "I take my tea with milk, never with sugar.",
        "I left Nokia and joined Ericsson.",
        "I've swapped coffee for tea.",
        "The flat is 62 square metres and we pay 1150 for it.",
        "I've got a 2015 Skoda Octavia with 180,000 km on it.",
        "I'm on 30 days of holiday a year at this job.",
        "Bin day is Thursday here.",
        "My band: Theo plays bass, Marit sings and Jonah is on drums.",
        "I'm big on gardening, crosswords and really bad detective novels",
        "I play piano, some guitar and the recorder if I must",
        "Allergic to: penicillin, cats, birch pollen",
        "My kit: a Nikon Z6, two primes and a battered tripod",
        "In my house there's me, my partner Sol, and our lodger Greta",
        "We keep bees, ducks and one bad-tempered goose.",
        "we got a new pup shes a whippet",
        "i hav adhd n im on concerta",
        "ppl call me dee btw",
        "ive got type 1 diabetes since i was 9",
        "I teach maths to adults at a college in Hull.",
        "I sit on the works council.",
        "Self-employed electrician, mostly new builds.",
        "I was told last year that I've got high cholesterol.",
        "I can't have ibuprofen, it wrecks my stomach.",
        "had my gallbladder out two years ago",
        "Peanuts could kill me, literally.",
        "I faint whenever I see a needle.",
        "We've just bought a flat in Gdynia with a view of the port.",
        "No lift in our building and we're on the fifth floor.",
        "We don't have a garden, just a balcony that faces north.",
        "My parents still live in the house I grew up in.",
        "There's no washing machine in my flat.",
        "We've a little girl, Orla, and another one on the way.",
        "My gran brought me up.",
        "I've got nephews in Canada I've never met.",
        "Hello, I'm Petra, 29, originally from Brno, now in Leeds. I design toys and climb a lot.",
        "bit about me: 41, single dad of twins, night shift nurse, diabetic",
        "I'm Sam, I live in Bath with my partner Jo and I fix boats for a living.",
        "So it's just me, my gran and the parrot these days.",
        "Retired teacher, 67, two hips replaced, still hiking.",
        "I eat meat maybe once a month, usually at my in-laws'.",
        "I don't mind horror as long as it's old.",
        "I used to weigh 110 kilos.",
        "I drank for ten years, sober since 2021.",
        "My daughter Freya turned six yesterday.",
        "What's the capital of Peru? I'm flying there on 3 July.",
        "I switched jobs: I'm at Philips now.",
        "I was going to study in Leuven but I chose Utrecht instead.",
        "I finally left Vodafone, I'm with O2 now.",
        "I house-share with four students near the ring road.",
        "I keep bees.",
        "I'm not religious at all.",
        "Our company makes prosthetic hands.",
        "Our kitchen has an induction hob.",
        "Rather read than watch TV, me.",
        "There are five of us at home: me, my husband and three girls.",
        "for the running plan: I'm 1.72, 68 kilos, and my best 10k is 47 minutes",
    }
)
"""Turns of which something is missed, known to be."""
STORED_IN_ERROR = frozenset(
    {
        "What's a good caption? Living my best life in Bali with my girls",
        "Speaking as a medieval peasant: I own one goat and I fear the baron.",
        "In The Sims I have four kids and a pool, I work as a spy.",
        "I carry the team on my back.",
        "I identify as a potato on Sundays.",
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
