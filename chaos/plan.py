"""What the load asks for: jobs whose effects are known beforehand. Pure."""

import json
from dataclasses import asdict, dataclass
from enum import StrEnum
from random import Random


class Way(StrEnum):
    """How a job goes."""

    STEPS = "steps"
    FAILS_ONCE = "fails once"
    DIES_ONCE = "dies once"
    GIVEN_UP = "given up"


_WEIGHTS = {Way.STEPS: 80, Way.FAILS_ONCE: 10, Way.DIES_ONCE: 2, Way.GIVEN_UP: 8}


@dataclass(frozen=True, slots=True)
class Plan:
    """One job: `steps` effects, `pause_seconds` of thought before each.

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
    def read(cls, text: str) -> "Plan":
        """The plan that a job's text holds."""
        fields = json.loads(text)
        return cls(Way(fields["way"]), fields["steps"], fields["pause_seconds"])

    def text(self, salt: str) -> str:
        """The text to post; the salt keeps two equal plans apart."""
        return json.dumps({**asdict(self), "salt": salt})
