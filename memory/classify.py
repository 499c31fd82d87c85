"""Which sentences of a turn are worth remembering, and as what."""

import re
from dataclasses import dataclass

from sentencex import segment

from memory.dates import mentions_date
from memory.models import Domain, Turn

_FIRST_PERSON = re.compile(r"\b(i|i'm|i've|i'd|i'll|my|me|mine|we|our|us)\b", re.IGNORECASE)
_CLAUSES = re.compile(r",?\s+(?:and|but)\s+(?=(?:I|we|my)\b)|;\s+")
_MIN_WORDS = 3


@dataclass(frozen=True, slots=True)
class Classified:
    """A sentence or clause of the user's and the domains it belongs to."""

    sentence: str
    domains: frozenset[Domain]


def classify(turn: Turn) -> list[Classified]:
    """Split what the user said into sentences and sort out those that state something.

    Only the user's words become facts: what an agent answers may itself be recalled memory, and
    remembering that again is how stores fill with junk.
    """
    clauses = (c for s in sentences(turn.user_query) for c in _CLAUSES.split(s))
    classified = (Classified(clause, _domains(clause)) for clause in clauses)
    return [one for one in classified if one.domains]


def sentences(text: str) -> list[str]:
    """The sentences of a text, without the blanks around them."""
    return [sentence.strip() for sentence in segment("en", text) if sentence.strip()]


def _domains(sentence: str) -> frozenset[Domain]:
    states = not sentence.endswith("?") and len(sentence.split()) >= _MIN_WORDS
    if not states or not _FIRST_PERSON.search(sentence):
        return frozenset()
    dated = {Domain.TEMPORAL} if mentions_date(sentence) else set()
    return frozenset({Domain.PROFILE, *dated})
