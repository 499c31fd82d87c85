"""Candidates: what a classified turn says, ready to be compared with what is stored."""

import hashlib
from collections.abc import Iterator
from datetime import date

from keepsake.memory.extracting.classify import Classified
from keepsake.memory.extracting.dates import when
from keepsake.memory.extracting.slots import read
from keepsake.memory.extracting.snippets import snippets
from keepsake.memory.models import Candidate, Domain, Turn

_FACT_CONFIDENCE, _NOTE_CONFIDENCE, _DATE_CONFIDENCE = 0.9, 0.6, 0.9


def extract(turn: Turn, classified: list[Classified], said_on: date) -> list[Candidate]:
    """The facts, dated events, code and image of a turn, after the turn itself."""
    candidates = [verbatim(turn)]
    for one in classified:
        if Domain.PROFILE in one.domains:
            candidates += _facts(one)
        if Domain.TEMPORAL in one.domains:
            candidates += _events(one, said_on)
        if Domain.CODE in one.domains:
            candidates.append(Candidate(Domain.CODE, one.sentence, confidence=_NOTE_CONFIDENCE))
    return [*candidates, *snippets(turn), *images(turn)]


def verbatim(turn: Turn) -> Candidate:
    """The turn itself, which is kept whatever becomes of the rest."""
    return Candidate(Domain.SUMMARY, turn.user_query)


def _facts(one: Classified) -> list[Candidate]:
    """One candidate per fact; a lasting statement without a known fact is a note of its own."""
    slots = read(one.sentence, one.speaker)
    if not slots:
        return [Candidate(Domain.PROFILE, one.sentence, confidence=_NOTE_CONFIDENCE)]
    return [
        Candidate(Domain.PROFILE, one.sentence, slot, confidence=_FACT_CONFIDENCE) for slot in slots
    ]


def _events(one: Classified, said_on: date) -> Iterator[Candidate]:
    found = when(one.sentence, said_on)
    if found is not None:
        yield Candidate(Domain.TEMPORAL, one.sentence, when=found, confidence=_DATE_CONFIDENCE)


def images(turn: Turn) -> Iterator[Candidate]:
    """The image by reference: nobody looked at it, so nothing is said of what it shows."""
    if turn.image_url:
        yield Candidate(Domain.IMAGE, f"Image {reference(turn.image_url)}")


def reference(image_url: str) -> str:
    """A URL as it is; of a data URI its type and the digest of its data."""
    if not image_url.startswith("data:"):
        return image_url
    kind = image_url[5:].split(",", 1)[0].split(";", 1)[0] or "text/plain"
    return f"({kind}, sha256 {hashlib.sha256(image_url.encode()).hexdigest()[:16]})"
