"""One user's memories as the search sees them: arrays in memory, rebuilt from MongoDB at any time.

Only what is scored is kept; texts are read from MongoDB for the few hits that are answered.
"""

from collections.abc import Mapping
from datetime import date, datetime
from math import inf
from typing import Any

import numpy as np
from numpy.typing import NDArray

from memory.embedding import DIMENSIONS, Vector
from memory.extracting.gate import speaker_of
from memory.models import Domain, Kind
from memory.searching.growing import Growing
from memory.searching.lexical import Postings, terms
from memory.searching.sessions import Sessions
from memory.storing.vector_bytes import is_lone, unpacked
from storage.mongo import Document

DOMAINS = [str(domain) for domain in Domain]
NOBODY = -1
_ROW = np.dtype([
    ("is_turn", "?"), ("domain", "i1"), ("turn", "i4"), ("said_at", "f8"), ("valid_from", "f8"),
    ("valid_to", "f8"), ("first_day", "i4"), ("last_day", "i4"), ("speaker", "i2"),
    ("length", "f4"), ("asks", "?"), ("order", "i4"), ("fact", "i4"),
])  # fmt: skip
_ENTRY_BYTES, _ID_BYTES = 10, 250


class UserIndex:
    """Rows are documents, in the order of their arrival; a row has one or more vectors.

    served: a server compares the lone vectors, so that they are not kept here.
    """

    def __init__(self, epoch: str, *, served: bool = False) -> None:
        self.epoch = epoch
        self._served = served
        self.revision = 0
        self.ids: list[str] = []
        self.postings = Postings()
        self.sessions = Sessions()
        self.speakers: dict[str, int] = {}
        self.facts: dict[tuple[str, str], int] = {}
        """The subjects and attributes that facts have."""
        self._row_of: dict[str, int] = {}
        self._rows = Growing(_ROW)
        self._vectors = Growing(np.float32, DIMENSIONS)
        self._starts = Growing(np.int64)
        self._row_of_vector = Growing(np.int64)

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def rows(self) -> NDArray[Any]:
        """The columns that are scored, one record per document."""
        return self._rows.values

    @property
    def size_bytes(self) -> int:
        """About what it takes."""
        arrays = self._rows.size_bytes + self._vectors.size_bytes + self._starts.size_bytes
        return arrays + self.postings.entries * _ENTRY_BYTES + len(self.ids) * _ID_BYTES

    def put(self, document: Document) -> None:
        """Add a document, or take over when it ends."""
        row = self._row_of.get(document["_id"])
        if row is None:
            self._add(document)
        else:
            self._rows.values["valid_to"][row] = _seconds(document["valid_to"])

    def cosines(self, vector: Vector) -> Vector:
        """How near each row is: the nearest of its vectors counts."""
        near: Vector = self._vectors.values @ vector
        if len(near) == len(self.ids):
            return near
        nearest: Vector = np.maximum.reduceat(near, self._starts.values)
        return nearest

    def merged(self, vector: Vector, told: Mapping[str, float], others: float) -> Vector:
        """How near each row is, with what a server told of some; `others` stands for the rest."""
        near = np.full(len(self.ids), others, dtype=np.float32)
        near[self._row_of_vector.values] = -1.0
        np.maximum.at(near, self._row_of_vector.values, self._vectors.values @ vector)
        for memory_id, cosine in told.items():
            if (row := self._row_of.get(memory_id)) is not None:
                near[row] = cosine
        return near

    def _add(self, document: Document) -> None:
        row, is_turn = len(self.ids), document["kind"] == Kind.TURN
        if not (self._served and is_lone(document["vector"])):
            vectors = unpacked(document["vector"])
            self._starts.append(len(self._vectors.values))
            self._vectors.extend(vectors)
            self._row_of_vector.extend(np.full(len(vectors), row))
        length = self.postings.add(terms(_text(document)))
        self._row_of[document["_id"]] = row
        self.ids.append(document["_id"])
        said_at = document["said_at"].timestamp()
        self.sessions.add(document["session_id"] if is_turn else None, said_at)
        first = _day(document["event_date"] or document["said_at"].date().isoformat())
        last = _day(document["when"]["last"]) if document.get("when") else first
        self._rows.append((
            is_turn, DOMAINS.index(document["domain"]), self._turn(document, row), said_at,
            _seconds(document["valid_from"]), _seconds(document["valid_to"]), first, last,
            self._speaker(document) if is_turn else NOBODY, np.log1p(length),
            is_turn and document["content"].rstrip().endswith("?"), document["order"],
            self._fact(document.get("slot")),
        ))  # fmt: skip

    def _turn(self, document: Document, row: int) -> int:
        """The row of the turn that says it; its own when that is not there."""
        return self._row_of.get(document["provenance"].get("turn_id", ""), row)

    def _fact(self, slot: Document | None) -> int:
        if not slot:
            return NOBODY
        return self.facts.setdefault((slot["subject"], slot["attribute"]), len(self.facts))

    def _speaker(self, document: Document) -> int:
        name = speaker_of(document["content"]).lower()
        if not name:
            return NOBODY
        number = self.speakers.setdefault(name, len(self.speakers))
        return min(number, np.iinfo(np.int16).max)


def _text(document: Document) -> str:
    """The words that a document is found by; not the name before what a speaker says."""
    content = document["content"]
    speaker = speaker_of(content) if document["kind"] == Kind.TURN else ""
    parts = [content[len(speaker) + 1 :] if speaker else content, document.get("response") or ""]
    code = document.get("code")
    return "\n".join([*parts, code["text"]] if code else parts)


def _seconds(moment: datetime | None) -> float:
    return moment.timestamp() if moment else inf


def _day(iso: str) -> int:
    return date.fromisoformat(iso).toordinal()
