"""What the load asks for: jobs whose effects are known beforehand. Pure."""

import json
from dataclasses import asdict, dataclass
from enum import StrEnum
from random import Random
from typing import Any


class Way(StrEnum):
    """How a job goes."""

    STEPS = "steps"
    FAILS_ONCE = "fails once"
    DIES_ONCE = "dies once"
    GIVEN_UP = "given up"
    REMEMBERS = "remembers"
    """Real turns, ingested by the real actors."""


_INGEST, _BATCH = "/v2/memory/ingest", "/v2/memory/batch-ingest"
_WEIGHTS = {Way.STEPS: 80, Way.FAILS_ONCE: 10, Way.DIES_ONCE: 2, Way.GIVEN_UP: 8}


@dataclass(frozen=True, slots=True)
class Plan:
    """One job: `steps` effects, `pause_seconds` of thought before each; turns have none.

    A job that is given up has its effects only when it is replayed.
    """

    way: Way
    steps: int
    pause_seconds: float

    @classmethod
    def drawn(cls, chance: Random, pause_seconds: float) -> "Plan":
        """A plan by chance; its thoughts take `pause_seconds` on average."""
        way = chance.choices(list(_WEIGHTS), list(_WEIGHTS.values()))[0]
        return cls(way, chance.randint(1, 4), round(chance.uniform(0, 2 * pause_seconds), 3))

    @classmethod
    def remembering(cls, chance: Random) -> "Plan":
        """Some turns of one user."""
        return cls(Way.REMEMBERS, chance.randint(1, 3), 0)

    @classmethod
    def read(cls, text: str) -> "Plan":
        """The plan that a job's text holds."""
        fields = json.loads(text)
        return cls(Way(fields["way"]), fields["steps"], fields["pause_seconds"])

    def request(self, salt: str, lane: int) -> tuple[str, dict[str, Any]]:
        """The path and the body to post; the salt keeps two equal plans apart."""
        if self.way is not Way.REMEMBERS:
            return _INGEST, {"user_query": self._text(salt), "user_id": f"lane-{lane}"}
        turns: list[dict[str, Any]]
        turns = [{"user_query": f"I live in {salt}-{step}.", "user_id": f"user-{lane}"}
                 for step in range(self.steps)]  # fmt: skip
        return (_INGEST, turns[0]) if self.steps == 1 else (_BATCH, {"items": turns})

    def _text(self, salt: str) -> str:
        return json.dumps({**asdict(self), "salt": salt})
