"""Who `he`, `she` and `they` are: the relation of the speaker that was spoken of just before."""

from collections.abc import Iterable
from dataclasses import replace

from keepsake.memory.domains import words
from keepsake.memory.domains.frames import PETS, PRONOUNS, RELATIONS
from keepsake.memory.models import Assertion

_OF = {"he": words("male"), "she": words("female"), "they": words("plural")}
_PRESENTS = frozenset({"have", "own", "adopt", "get", "be married", "marry", "date", "be engaged"})
"""Verbs whose object the next sentence may speak of: `I have a daughter. She …`."""


def resolved(clauses: Iterable[list[Assertion]]) -> list[list[Assertion]]:
    """Clauses in order, with each pronoun's relation; what is said of nobody known is left out."""
    last, told = "", []
    for clause in clauses:
        kept = []
        for assertion in clause:
            pronoun = assertion.subjects[0] if assertion.subjects[0] in PRONOUNS else ""
            if pronoun and not (last and _agree(pronoun, last)):
                last = ""
                continue
            last = last if pronoun else _presented(assertion)
            kept.append(replace(assertion, subjects=(last,)) if pronoun else assertion)
        last = last if clause else ""
        told.append(kept)
    return told


def _agree(pronoun: str, who: str) -> bool:
    """Whether a pronoun may mean a relation; of a friend both `he` and `she` may be said."""
    role = next((word for word in reversed(who.split()) if word in RELATIONS), "")
    return not any(role in of for each, of in _OF.items() if each != pronoun)


def _presented(assertion: Assertion) -> str:
    """The one relation that a clause speaks of."""
    if assertion.topic:
        return ""
    if assertion.subjects != ("user",):
        return assertion.subjects[0] if len(assertion.subjects) == 1 else ""
    if assertion.verb not in _PRESENTS:
        return ""
    terms = [term for terms in assertion.slots.values() for term in terms]
    roles = {term.head for term in terms if term.head in RELATIONS or term.head in PETS}
    return roles.pop() if len(roles) == 1 else ""
