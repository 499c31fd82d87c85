"""All memory domains, and the first two steps of ingesting a turn: classify and extract.

A new domain is a module with its rules and declaration, and a line in `DOMAINS`.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any

from pydantic_core import CoreSchema, core_schema

from keepsake.memory.domains.code import CODE, SNIPPET
from keepsake.memory.domains.declaration import Clause, Domain
from keepsake.memory.domains.profile import PROFILE, is_secret
from keepsake.memory.domains.statement_filter import clauses, normal, spoken, states
from keepsake.memory.domains.temporal import TEMPORAL
from keepsake.memory.domains.whole_turn import IMAGE, SUMMARY, verbatim
from keepsake.memory.models import Candidate, Turn

DOMAINS: dict[str, Domain] = {
    domain.name: domain for domain in (PROFILE, TEMPORAL, SUMMARY, CODE, SNIPPET, IMAGE)
}
MODEL_DOMAINS = tuple(name for name, domain in DOMAINS.items() if domain.asked_of_model)
"""The domains that a configured language model is asked to keep."""
_REMINDER = re.compile(r"^(?:please )?(?:remind me|do not let me forget)\b", re.IGNORECASE)
_MOST_CHARS = 1_000
"""A longer clause states nothing plainly, and reading it would take long."""


@dataclass(frozen=True, slots=True)
class _OneOf:
    """One of some names, for validation and for OpenAPI."""

    names: tuple[str, ...]

    def __get_pydantic_core_schema__(
        self, source: Any, handler: Callable[[Any], CoreSchema]
    ) -> CoreSchema:
        return core_schema.literal_schema(list(self.names))


DomainName = Annotated[str, _OneOf(tuple(DOMAINS))]
ModelDomainName = Annotated[str, _OneOf(MODEL_DOMAINS)]


@dataclass(frozen=True, slots=True)
class Classified:
    """A clause and the domains it belongs to."""

    clause: Clause
    domains: tuple[Domain, ...]


def classify(turn: Turn) -> list[Classified]:
    """Split what the user said into clauses and sort out those that state something.

    Only the user's words become facts: what an agent answers may itself be recalled memory, and
    remembering that again is how stores fill with junk.
    """
    speaker, sentences = spoken(turn.user_query)
    parts = (clause for sentence in sentences for clause in clauses(sentence))
    classified = (Classified(clause, _domains(clause)) for clause in _readable(parts, speaker))
    return [each for each in classified if each.domains]


def extract(turn: Turn, classified: list[Classified], said_on: date) -> list[Candidate]:
    """The turn itself, then what its clauses say, then what is read from it as a whole."""
    candidates = [verbatim(turn)]
    for each in classified:
        for domain in each.domains:
            candidates += domain.read(each.clause, said_on) if domain.read else ()
    for domain in DOMAINS.values():
        candidates += domain.read_turn(turn) if domain.read_turn else ()
    return candidates


def _readable(parts: Iterator[str], speaker: str) -> Iterator[Clause]:
    """Clauses that may be read at all: short ones, which tell no credential."""
    for text in parts:
        if len(text) > _MOST_CHARS:
            continue
        plain = normal(text)
        if not is_secret(plain):
            reminder = _REMINDER.match(plain) is not None
            yield Clause(text, plain, not reminder and states(text), reminder, speaker)


def _domains(clause: Clause) -> tuple[Domain, ...]:
    return tuple(domain for domain in DOMAINS.values() if domain.belongs and domain.belongs(clause))
