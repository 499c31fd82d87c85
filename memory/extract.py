"""Candidates: what a classified turn says, ready to be compared with what is stored."""

from datetime import date

from memory.classify import Classified
from memory.dates import resolve
from memory.models import Candidate, Domain, Turn
from memory.slots import read


def extract(turn: Turn, classified: list[Classified], said_on: date) -> list[Candidate]:
    """The turn itself, the facts and the dated events that it states."""
    candidates = [Candidate(Domain.SUMMARY, turn.user_query)]
    for one in classified:
        if Domain.PROFILE in one.domains:
            candidates += _facts(one.sentence)
        if Domain.TEMPORAL in one.domains:
            day = resolve(one.sentence, said_on)
            event_date = day.isoformat() if day else None
            candidates.append(Candidate(Domain.TEMPORAL, one.sentence, event_date=event_date))
    return candidates


def _facts(sentence: str) -> list[Candidate]:
    """One candidate per fact; a sentence without a known fact is a note of its own."""
    slots = read(sentence)
    if not slots:
        return [Candidate(Domain.PROFILE, sentence)]
    return [Candidate(Domain.PROFILE, sentence, slot) for slot in slots]
