"""Conversations to measure recall on. Every question knows the turns that answer it.

Those of our own are seeded, with updates, retractions and distractors; nothing in them is taken
from a published data set. LoCoMo's (Maharana et al. 2024) are read from where they are: the data is
CC BY-NC 4.0 and no part of Keepsake, and only figures leave this module's callers. The chats of
REALTALK (Lee et al. 2025) have the same form and are treated alike.
"""

import json
import os
import random
import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import dateparser

from keepsake.memory import Turn

_CITIES = ["Lisbon", "Oslo", "Lima", "Quito", "Turin", "Cork", "Graz", "Nantes"]
_JOBS = ["a bakery", "the city library", "a bike shop", "an architecture firm", "a hospital"]
_HOBBIES = ["pottery", "fencing", "birdwatching", "bouldering", "calligraphy", "beekeeping"]
_PETS = [("dog", "Biscuit"), ("cat", "Pixel"), ("parrot", "Mango"), ("rabbit", "Clover")]
_FOODS = ["peanuts", "shellfish", "gluten", "sesame"]
_DRINKS = ["coffee", "beer", "lemonade", "cocoa"]
_OTHERS = ["My sister", "My colleague", "Our neighbour", "My old friend Ben", "My cousin"]
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
    "Which city has the best museums?", "Where do storks spend the winter?",
    "Do rabbits eat carrots at all?", "What would you cook for guests?",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Asked:
    """A question and the ids of the turns that answer it."""

    question: str
    evidence: frozenset[str]
    category: str = ""


@dataclass(frozen=True, slots=True)
class Talk:
    """A conversation and what may be asked about it."""

    turns: list[Turn]
    questions: list[Asked]


@dataclass(frozen=True, slots=True)
class _Part:
    """Lines that are said one after the other; the questions are about the last one."""

    lines: tuple[str, ...]
    questions: tuple[str, ...] = ()
    category: str = ""
    together: str = ""
    """A question that all passages with it answer."""


class Conversation:
    """One user's sessions over a year."""

    def __init__(self, seed: int, sessions: int = 12, turns: int = 14) -> None:
        self._random = random.Random(seed)
        self._gathered: dict[str, set[str]] = {}
        self.turns: list[Turn] = []
        self.questions: list[Asked] = []
        passages = self._placed(sessions)
        for number in range(sessions):
            self._session(number, passages[number], turns)
        self.questions += [
            Asked(question, frozenset(sources), "several")
            for question, sources in self._gathered.items()
        ]

    @property
    def talk(self) -> Talk:
        """What was said and may be asked."""
        return Talk(self.turns, self.questions)

    def _placed(self, sessions: int) -> list[list[_Part]]:
        """What is said in each session: a story's parts in its order, in sessions apart."""
        passages: list[list[_Part]] = [[] for _ in range(sessions)]
        for story in [*self._changes(), *self._facts(), *self._distractors()]:
            for number, part in zip(
                sorted(self._random.sample(range(sessions), len(story))), story, strict=True
            ):
                passages[number].append(part)
        return passages

    def _changes(self) -> Iterator[list[_Part]]:
        """Updates and retractions: the last word counts."""
        first, then, last = self._random.sample(_CITIES, 3)
        yield [
            _Part((f"I live in {first}.",)),
            _Part((f"I moved to {then}.",), (f"When did I go to {then}?",), "past"),
            _Part((f"I moved to {last}.",), ("Where is my home now?", "Which city do I live in?"),
                  "update"),
        ]  # fmt: skip
        before, after = self._random.sample(_JOBS, 2)
        yield [
            _Part((f"I work at {before}.",)),
            _Part((f"I quit, and now I work at {after}.",), ("Where am I employed?",), "update"),
        ]
        animal, name = self._random.choice(_PETS)
        yield [
            _Part((f"I have a {animal} named {name}.",), (f"Who is {name}?",), "fact"),
            _Part((f"I no longer have a {animal}.",), (f"Do I still have a {animal}?",),
                  "retraction"),
        ]  # fmt: skip
        drink = self._random.choice(_DRINKS)
        yield [
            _Part((f"I love {drink}.",)),
            _Part((f"I don't like {drink} anymore.",), (f"Do I like {drink}?",), "retraction"),
        ]

    def _facts(self) -> Iterator[list[_Part]]:
        """What is said once."""
        for hobby in self._random.sample(_HOBBIES, 3):
            yield [_Part((f"Lately I spend my evenings on {hobby}.",),
                         (f"When did I mention {hobby}?",), "fact",
                         together="How do I spend my evenings?")]  # fmt: skip
        food = self._random.choice(_FOODS)
        yield [_Part((f"I'm allergic to {food}.",), ("Which food must I avoid?",), "fact")]
        for event, asked in self._random.sample(_EVENTS, 4):
            yield [_Part(("Guess what happened!", f"I {event} last Saturday."),
                         (f"When did I {asked}?",), "paraphrase")]  # fmt: skip

    def _distractors(self) -> Iterator[list[_Part]]:
        """The same things about other people."""
        people = self._random.sample(_OTHERS, 4)
        yield [_Part((f"{people[0]} lives in {self._random.choice(_CITIES)}.",))]
        yield [_Part((f"{people[1]} works at {self._random.choice(_JOBS)}.",))]
        yield [_Part((f"{people[2]} is allergic to {self._random.choice(_FOODS)}.",))]
        yield [_Part((f"{people[3]} loves {self._random.choice(_DRINKS)}.",))]

    def _session(self, number: int, passages: list[_Part], turns: int) -> None:
        chatter = max(turns - sum(len(passage.lines) for passage in passages), 0)
        parts = [
            *passages,
            *(_Part((line,)) for line in self._random.choices(_CHATTER, k=chatter)),
        ]
        self._random.shuffle(parts)
        for part in parts:
            source = [self._say(number, line) for line in part.lines][-1]
            self.questions += [
                Asked(asked, frozenset({source}), part.category) for asked in part.questions
            ]
            if part.together:
                self._gathered.setdefault(part.together, set()).add(source)

    def _say(self, session: int, line: str) -> str:
        """Add a turn, two minutes after the last; its id."""
        source = f"s{session}t{len(self.turns)}"
        minutes = 2 * len(self.turns)
        said_at = datetime(2024, 1, 8, tzinfo=UTC) + timedelta(days=29 * session, minutes=minutes)
        self.turns.append(Turn(user_query=line, source_id=source, session_id=f"s{session}",
                               session_datetime=said_at.isoformat()))  # fmt: skip
        return source


LOCOMO, REALTALK = "LoCoMo", "REALTALK"
VARIABLES = {LOCOMO: "DATA", REALTALK: "CHATS"}
"""What names the files of data sets."""


def given_file(variable: str) -> Path | None:
    """The file that a variable names, such as data of others; None when it names none.

    Raises:
        SystemExit: There is no such file; one line says so.
    """
    given = os.environ.get(variable)
    if given and not Path(given).is_file():
        sys.exit(f"keepsake: {variable} names {given}, and there is no such file")
    return Path(given) if given else None


CATEGORIES = {
    1: "multi-hop", 2: "temporal", 3: "open-domain", 4: "single-hop", 5: "adversarial",
}  # fmt: skip


def given_talks() -> dict[str, list[Talk]]:
    """The conversations of the data sets that are given, by the set's name."""
    files = {name: given_file(variable) for name, variable in VARIABLES.items()}
    return {name: talks_of_locomo(path) for name, path in files.items() if path}


def talks_of_locomo(path: Path) -> list[Talk]:
    """LoCoMo's or REALTALK's conversations; a turn is `Speaker: text [shares caption]`.

    Raises:
        OSError, ValueError, KeyError: The file is not there or not LoCoMo's.
    """
    samples = json.loads(path.read_text())
    return [_talk(sample) for sample in samples]


def _talk(sample: Mapping[str, Any]) -> Talk:
    turns = list(_turns(sample["conversation"]))
    known = {turn.source_id for turn in turns}
    return Talk(turns, list(_questions(sample["qa"], known)))


def _turns(conversation: Mapping[str, Any]) -> Iterator[Turn]:
    for number in range(1, len(conversation)):
        said_at = dateparser.parse(conversation.get(f"session_{number}_date_time", ""))
        for said in conversation.get(f"session_{number}") or []:
            caption = said.get("blip_caption")
            shared = f" [shares {caption}]" if caption else ""
            yield Turn(
                user_query=f"{said['speaker']}: {said['text']}{shared}",
                session_datetime=_of_its_own(said) or (said_at.isoformat() if said_at else ""),
                source_id=said["dia_id"],
                session_id=f"session_{number}",
            )


def _of_its_own(said: Mapping[str, Any]) -> str:
    """When a turn of REALTALK was said."""
    if "date_time" not in said:
        return ""
    at = datetime.strptime(said["date_time"], "%d.%m.%Y, %H:%M:%S").replace(tzinfo=UTC)
    return at.isoformat()


def _questions(asked: list[Any], known: set[str]) -> Iterator[Asked]:
    """Those with usable evidence; some ids are malformed (`D8:6; D9:17`, `D:11:26`, `D30:05`)."""
    for question in asked:
        places = re.findall(r"D:?(\d+):(\d+)", " ".join(question["evidence"]))
        evidence = {f"D{session}:{int(turn)}" for session, turn in places} & known
        if evidence:
            yield Asked(question["question"], frozenset(evidence), CATEGORIES[question["category"]])
