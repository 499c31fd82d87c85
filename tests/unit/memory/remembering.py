"""A user's memories without a database: what the judge makes of turns, one after the other."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from keepsake.memory.domains.lasting import settled
from keepsake.memory.domains.registry import answered
from keepsake.memory.judge import judge
from keepsake.memory.keys import sought_keys, stored_keys
from keepsake.memory.models import JudgedTurn, Memory
from keepsake.memory.turn import Turn
from tests.unit.memory.scoring import EMBEDDER, line

FIRST = datetime(2024, 5, 15, 12, tzinfo=UTC)


class Memories:
    """Remembers turns, a day apart."""

    def __init__(self) -> None:
        self.all = []
        self.candidates = {}
        self.operations = []
        self._turns = 0
        self._asked, self._told = "", ""
        self._identities = []

    def remember(self, said):
        """A turn, or a pair of it and what the agent answered."""
        text, answer = said if isinstance(said, tuple) else (said, "")
        turn = Turn(user_query=text)
        said_at = FIRST + timedelta(days=self._turns)
        candidates = settled(
            answered(turn, said_at.date(), self._asked, None, self._told), EMBEDDER
        )
        self._asked, self._told = answer, text
        known = self._known(candidates)
        moment = JudgedTurn(said_at, f"job{self._turns}", f"mem_{self._turns}")
        self._turns += 1
        self.operations = judge(candidates, known, moment)
        for operation in self.operations:
            self._apply(operation, moment)

    def _known(self, candidates):
        """As the repository finds them: by key, or all of them when something is forgotten."""
        if any(candidate.forgets or candidate.ceases for candidate in candidates):
            return list(self.all)
        sought = {key for candidate in candidates for key in sought_keys(candidate)}
        return [memory for memory in self.all if sought & set(memory.keys)]

    def _apply(self, operation, moment):
        candidate = operation.candidate
        if operation.begins:
            self.candidates[operation.id] = candidate
            self.all.append(
                Memory(operation.id, candidate.domain, candidate.content, candidate.slot,
                       tuple(stored_keys(candidate)), moment.job_id, moment.said_at,
                       day=candidate.when.first if candidate.when else None)
            )  # fmt: skip
        for each in operation.invalidations:
            self.all = [
                replace(memory, valid_to=min(each.at, memory.valid_to or each.at))
                if memory.id == each.memory_id else memory
                for memory in self.all
            ]  # fmt: skip

    def open(self):
        """What holds at the end, as the tables write it."""
        return [
            line(self.candidates[memory.id]) for memory in self.all
            if memory.valid_to is None and memory.domain != "summary"
        ]  # fmt: skip
