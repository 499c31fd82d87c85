"""Events by their nouns, and whose they are: `my sister's wedding` is hers."""

import re

from keepsake.memory.domains.dates import mentions_date
from keepsake.memory.domains.frames import kin_of
from keepsake.memory.models import Clause

NOUNS = (
    r"meeting|appointment|flight|party|deadline|exam|interview|wedding|birthday|anniversary|"
    r"concert|trip|conference|visit|delivery|move|surgery|operation|release|launch|call|holiday|"
    r"vacation|haircut|dinner|lunch|test|check-?up|check up|ceremony|graduation|funeral|match|game|"
    r"class|course|lesson|session|workshop|gig|festival|reunion|date|viewing|inspection|hearing|"
    r"presentation|marathon|race|departure|arrival|train|ferry|cruise|baby shower|barbecue|visa|"
    r"lease|contract|therapy|physio|(?:dentist|doctor|vet|optician)(?! appointment| visit)|due date"
)
EVENT = re.compile(
    rf"\b(?:(?P<which>my|our|the|this|that|a|an) )?(?P<of>(?<!')"
    rf"(?!(?:next|last|first|second|big|new)\b)[\w-]+ )?(?P<noun>{NOUNS})\b"
    rf"(?: with (?:(?:the|my|our|an?|his|her) )?(?P<who>(?!(?:the|my|our|an?|me|him|her|us|them|"
    rf"it|you|all|no|some|this|that|two|three|friends)\b)[^\W\d][\w-]+))?",
    re.IGNORECASE,
)
_OWNER = re.compile(
    rf"(?:\b(?P<mine>my|our) (?P<kin>[\w -]{{2,30}}?)|\b(?P<name>(?-i:[A-Z])[\w-]+))(?:'s|(?<=s)')"
    rf"(?= (?!(?:an?|the|my|our|no|not|been|got)\b)(?:[\w'-]+ ){{0,2}}?(?:{NOUNS})\b)",
    re.IGNORECASE,
)
"""Somebody else before what is theirs: `my sister's wedding`."""
_HAD_BY = frozenset({"have", "get", "take", "do", "sit"})
"""What one does with an event of one's own: `my daughter has a recital`."""
_ME = re.compile(r"\b(?:I|we|me|us)\b", re.IGNORECASE)


def owned(clause: Clause) -> tuple[str, str]:
    """Whose the event of a clause is, and the clause as they would say it themselves."""
    owner = _OWNER.search(clause.plain)
    who = ""
    if owner and owner["kin"]:
        who = owner["kin"].lower() if kin_of(f"my {owner['kin']}") else ""
    elif owner and not mentions_date(f"on {owner['name']}"):
        who = owner["name"].lower()
    if owner and who:
        plain = f"{clause.plain[: owner.start()]}my{clause.plain[owner.end() :]}"
        return _of(clause.speaker, who), plain
    event = EVENT.search(clause.plain)
    had = next((each for each in clause.assertions if each.verb in _HAD_BY), None)
    others = had and "user" not in had.subjects and not _ME.search(clause.plain)
    if had and others and event and (event["which"] or "").lower() not in {"my", "our"}:
        return _of(clause.speaker, had.subjects[0]), clause.plain
    return clause.speaker, clause.plain


def _of(speaker: str, who: str) -> str:
    return who if speaker == "user" else f"{speaker}'s {who}"
