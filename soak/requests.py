"""What clients ask for: a mix of all that the service does, by its Python client."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from random import Random

from keepsake_client import Keepsake
from keepsake_client.memory import Turn
from soak.people import People, SoakRepository

_ENDS_WITHIN_SECONDS = 300.0
_NAMES = ("acceptance", "claim", "Fault", "search", "store", "lease", "proxy", "answer")


@dataclass(frozen=True, slots=True)
class Caller:
    """One client, and what it may ask about."""

    client: Keepsake
    chance: Random
    people: People
    code: list[SoakRepository]
    folder: Path

    def turn(self) -> None:
        """Tell one thing, and do not wait."""
        person = self.people.one(self.chance)
        self.client.memory.add(person.say(self.chance), user_id=person.user_id)

    def turn_to_end(self) -> None:
        """Tell one thing, and wait until it is remembered."""
        person = self.people.one(self.chance)
        job = self.client.memory.add(person.say(self.chance), user_id=person.user_id)
        job.result(_ENDS_WITHIN_SECONDS)

    def undo(self) -> None:
        """Tell one thing, and take it back."""
        person = self.people.one(self.chance)
        job = self.client.memory.add(person.say(self.chance), user_id=person.user_id)
        job.wait(_ENDS_WITHIN_SECONDS)
        job.undo()

    def batch(self) -> None:
        """Tell several things at once."""
        person = self.people.one(self.chance)
        turns = [Turn(user_query=person.say(self.chance), user_id=person.user_id)
                 for _ in range(5)]  # fmt: skip
        self.client.memory.add_many(turns)

    def transcript(self) -> None:
        """Bring a conversation as text."""
        person = self.people.one(self.chance)
        lines = [f"User: {person.say(self.chance)}\nAssistant: I see." for _ in range(5)]
        self.client.memory.import_(transcript="\n".join(lines), user_id=person.user_id)

    def upload(self) -> None:
        """Bring a file that another product has written."""
        person = self.people.one(self.chance)
        file = person.export(self.folder, self.chance)
        try:
            self.client.memory.upload(file, user_id=person.user_id)
        finally:
            file.unlink()

    def search(self) -> None:
        """Look for memories."""
        person = self.people.one(self.chance)
        self.client.memory.search(self.chance.choice(person.asks), user_id=person.user_id)

    def answer(self) -> None:
        """Ask a question."""
        person = self.people.one(self.chance)
        self.client.memory.answer(self.chance.choice(person.asks), user_id=person.user_id)

    def context(self) -> None:
        """Ask for what a prompt needs."""
        person = self.people.one(self.chance)
        question = self.chance.choice([None, *person.asks])
        self.client.memory.context(user_id=person.user_id, query=question, max_tokens=500)

    def lists(self) -> None:
        """Read the first page of memories, of what happened, and of jobs."""
        person = self.people.one(self.chance)
        next(self.client.memory.list(user_id=person.user_id), None)
        next(self.client.memory.timeline(user_id=person.user_id), None)
        next(self.client.jobs.list(), None)
        self.client.usage()

    def scan(self) -> None:
        """Commit, and scan until that is published."""
        code = self.chance.choice(self.code)
        code.commit()
        self.client.code.scan(code.url).result(_ENDS_WITHIN_SECONDS)

    def code_search(self) -> None:
        """Look for code by name, text and meaning, in one repository and in all."""
        code, name = self.chance.choice(self.code), self.chance.choice(_NAMES)
        self.client.code.search(code.name, f"where is the {name} decided", snippets=3)
        self.client.code.search_all_text(name)
        self.client.code.symbols(code.name, name)

    def code_prompt(self) -> None:
        """Ask for what an agent reads of a repository."""
        code = self.chance.choice(self.code)
        self.client.code.map(code.name, max_tokens=1_000)
        self.client.code.outline(code.name, self.chance.choice(code.files))
        self.client.code.references(code.name, self.chance.choice(_NAMES))


MIX: dict[Callable[[Caller], None], int] = {
    Caller.turn: 40,
    Caller.turn_to_end: 6,
    Caller.undo: 2,
    Caller.batch: 4,
    Caller.transcript: 2,
    Caller.upload: 1,
    Caller.search: 20,
    Caller.answer: 6,
    Caller.context: 8,
    Caller.lists: 4,
    Caller.scan: 1,
    Caller.code_search: 5,
    Caller.code_prompt: 3,
}
"""How often each is asked for, of about a hundred."""
