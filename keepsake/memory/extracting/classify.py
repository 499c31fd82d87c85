"""Which statements of a turn are worth remembering, and as what."""

import re
from dataclasses import dataclass

from keepsake.memory.extracting.dates import mentions_date
from keepsake.memory.extracting.slots import read, secret
from keepsake.memory.extracting.statement_filter import clauses, normal, spoken, states
from keepsake.memory.models import Domain, Turn

_FIRST_PERSON = re.compile(r"\b(i|me|my|mine|we|our|us)\b", re.IGNORECASE)
_SCHEDULED = re.compile(
    r"\b(meeting|appointment|flight|party|deadline|exam|interview|wedding|birthday|anniversary|"
    r"concert|trip|conference|visit|delivery|move|surgery|release|launch|call|holiday|vacation)\b",
    re.IGNORECASE,
)
_LASTING = re.compile(
    r"^(?:i|we|my)\b.*\b(always|usually|never|often|every (?:day|week|month|year|morning|evening|"
    r"night|weekend|summer|winter|\w+day)|for \w+ (?:years|months)|ever since|my whole life|"
    r"can not)\b",
    re.IGNORECASE,
)
_REMINDER = re.compile(r"^(?:please )?(?:remind me|do not let me forget)\b", re.IGNORECASE)
_CODE_NAME = re.compile(r"`[^`\n]{2,80}`|\b[A-Za-z_]\w*\(\)")
_MIN_WORDS = 3
_MOST_CHARS = 1_000
"""A longer clause states nothing plainly, and reading it would take long."""


@dataclass(frozen=True, slots=True)
class Classified:
    """A clause, who said it and the domains it belongs to."""

    sentence: str
    domains: frozenset[Domain]
    speaker: str = "user"


def classify(turn: Turn) -> list[Classified]:
    """Split what the user said into clauses and sort out those that state something.

    Only the user's words become facts: what an agent answers may itself be recalled memory, and
    remembering that again is how stores fill with junk.
    """
    speaker, said = spoken(turn.user_query)
    found = (Classified(c, _domains(c), speaker) for s in said for c in clauses(s))
    return [one for one in found if one.domains]


def _domains(clause: str) -> frozenset[Domain]:
    if len(clause) > _MOST_CHARS:
        return frozenset()
    plain = normal(clause)
    if secret(plain):
        return frozenset()
    if _REMINDER.match(plain):
        return frozenset({Domain.TEMPORAL} if mentions_date(clause) else ())
    if not states(clause):
        return frozenset()
    return frozenset(domain for domain, belongs in _RULES.items() if belongs(clause, plain))


def _is_profile(_: str, plain: str) -> bool:
    lasting = _LASTING.match(plain) and len(plain.split()) > _MIN_WORDS
    return bool(read(plain)) or (bool(lasting) and not mentions_date(plain))


def _is_event(clause: str, plain: str) -> bool:
    ours = _FIRST_PERSON.search(plain) or _SCHEDULED.search(plain)
    return bool(ours) and len(plain.split()) >= _MIN_WORDS and mentions_date(clause)


def _is_code(clause: str, _: str) -> bool:
    return bool(_CODE_NAME.search(clause)) and len(clause.split()) > _MIN_WORDS


_RULES = {Domain.PROFILE: _is_profile, Domain.TEMPORAL: _is_event, Domain.CODE: _is_code}
