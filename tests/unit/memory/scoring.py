"""Recall and precision of what is stored, against tables of turns."""

import re
from datetime import date

from keepsake.memory.domains.registry import classify, extract
from keepsake.memory.models import Turn

SAID_ON = date(2024, 5, 15)


def line(candidate):
    """A candidate as the tables write it."""
    slot, day = candidate.slot, candidate.when
    if candidate.forgets:
        return f"forgets {candidate.forgets}"
    if slot and candidate.domain == "profile":
        return f"{'-' if slot.negated else ''}{slot.subject}/{slot.attribute}={slot.value}".lower()
    if slot and slot.negated:
        return f"-{slot.subject}/{slot.attribute}="
    first = day.first.isoformat() if day else ""
    return f"{candidate.domain} {first} {candidate.content}".lower()


def stored(text):
    """What a turn stores, the turn itself left out."""
    turn = Turn(user_query=text)
    candidates = extract(turn, classify(turn), SAID_ON)
    return [line(candidate) for candidate in candidates if candidate.domain != "summary"]


def scored(row):
    """What a row must give and does not, and what it gives and must not."""
    text, must, may = row
    lines = stored(text)
    missing = [want for want in must if not any(re.search(want, each) for each in lines)]
    wrong = [each for each in lines if not any(re.search(want, each) for want in (*must, *may))]
    return missing, wrong, len(must), len(lines)
