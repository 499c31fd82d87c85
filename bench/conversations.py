"""Conversations of our own to measure recall on: seeded, with updates and distractors.

Every question knows the turns that answer it. Nothing here is taken from a published data set.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from memory.models import Turn

_CITIES = ["Lisbon", "Oslo", "Lima", "Quito", "Turin", "Cork", "Graz", "Nantes"]
_JOBS = ["a bakery", "the city library", "a bike shop", "an architecture firm", "a hospital"]
_HOBBIES = ["pottery", "fencing", "birdwatching", "bouldering", "calligraphy", "beekeeping"]
_PETS = [("dog", "Biscuit"), ("cat", "Pixel"), ("parrot", "Mango"), ("rabbit", "Clover")]
_FOODS = ["peanuts", "shellfish", "gluten", "sesame"]
_EVENTS = [
    ("ran my first half marathon", "complete a long race"),
    ("adopted a kitten from the shelter", "take in an animal"),
    ("gave a talk about medieval maps", "speak in front of people"),
    ("repaired my grandfather's radio", "fix an old device"),
    ("planted twelve apple trees", "do gardening"),
    ("got lost in the fog on a hike", "lose the way outdoors"),
]
_CHATTER = [
    "What a day!", "Can you recommend a film for tonight?", "Thanks, that helps.",
    "How do I boil an egg properly?", "It keeps raining here.", "Tell me a joke about penguins.",
    "What is the tallest mountain in Europe?", "I see, interesting.", "Please sum that up again.",
    "My neighbour bought a new car.", "How long does bread keep?", "Let us talk about music.",
    "Is it true that cats always land on their feet?", "Which train is faster?",
    "My colleague lives in Madrid.", "Someone at work is allergic to pollen.",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Asked:
    """A question and the ids of the turns that answer it."""

    question: str
    evidence: frozenset[str]


class Conversation:
    """One user's sessions over a year."""

    def __init__(self, seed: int, sessions: int = 12, turns: int = 12) -> None:
        self._random = random.Random(seed)
        self.turns: list[Turn] = []
        self.questions: list[Asked] = []
        told = list(self._told())
        self._random.shuffle(told)
        for number in range(sessions):
            session = told[number::sessions]
            self._session(number, session, turns - sum(len(lines) for lines, _ in session))

    def _told(self) -> Iterator[tuple[list[str], list[str]]]:
        """Lines that are said one after the other, and what may be asked about the last one."""
        choose = self._random.sample
        city, job = choose(_CITIES, 1)[0], choose(_JOBS, 1)[0]
        yield [f"I moved to {city}."], ["Where is my home?", "Which city am I in?"]
        yield [f"I work at {job}."], ["What is my workplace?", "Where am I employed?"]
        for hobby in choose(_HOBBIES, 3):
            yield [f"Lately I spend my evenings on {hobby}."], [f"When did I mention {hobby}?"]
        animal, name = choose(_PETS, 1)[0]
        yield [f"I have a {animal} named {name}."], [f"Who is {name}?", "Do I own an animal?"]
        yield [f"I'm allergic to {choose(_FOODS, 1)[0]}."], ["Which food must be avoided?"]
        for event, asked in choose(_EVENTS, 4):
            yield ["Guess what happened!", f"I {event} last Saturday."], [f"When did I {asked}?"]

    def _session(self, number: int, told: list[tuple[list[str], list[str]]], chatter: int) -> None:
        blocks = [*told, *(([line], []) for line in self._random.choices(_CHATTER, k=chatter))]
        self._random.shuffle(blocks)
        began = datetime(2024, 1, 8, 18, tzinfo=UTC) + timedelta(days=29 * number)
        at = 0
        for lines, questions in blocks:
            for line in lines:
                source = f"s{number}t{at}"
                said_at = began + timedelta(minutes=2 * at)
                self.turns.append(Turn(user_query=line, source_id=source, session_id=f"s{number}",
                                       session_datetime=said_at.isoformat()))  # fmt: skip
                at += 1
            self.questions += [Asked(asked, frozenset({source})) for asked in questions]
