"""Recall and precision of what is stored, against tables of turns.

`own_turns` holds turns of our own by kind, written before the rules they try. A row is: what was
said, patterns that must each match something stored, and patterns of what may be stored besides.
Patterns are regular expressions over `subject/attribute=value` of a fact (`-` before a denial) or
`domain date content` of anything else, in lower case. Whatever is stored and matches none is
wrong. Said on Wednesday, the 15th of May 2024.
"""

import re
import tomllib
from datetime import date
from functools import cache
from pathlib import Path

from keepsake.inference import Embedder
from keepsake.memory.domains.lasting import settled
from keepsake.memory.domains.registry import classify, extract
from keepsake.memory.turn import Turn

SAID_ON = date(2024, 5, 15)
EMBEDDER = Embedder()
OWN_TURNS = {
    kind: rows
    for file in sorted((Path(__file__).parent / "own_turns").glob("*.toml"))
    for kind, rows in tomllib.loads(file.read_text("utf-8")).items()
}


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


@cache
def stored(text):
    """What a turn claims, the turn itself and what it ends left out."""
    turn = Turn(user_query=text)
    candidates = settled(extract(turn, classify(turn), SAID_ON), EMBEDDER)
    return [
        line(candidate)
        for candidate in candidates
        if candidate.domain != "summary" and not candidate.ceases
    ]


def scored(row):
    """What a row must give and does not, and what it gives and must not."""
    text, must, may = row
    lines = stored(text)
    missing = [want for want in must if not any(re.search(want, each) for each in lines)]
    wrong = [each for each in lines if not any(re.search(want, each) for want in (*must, *may))]
    return missing, wrong, len(must), len(lines)
