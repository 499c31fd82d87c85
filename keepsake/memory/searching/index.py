"""One user's memories as the search sees them: arrays in memory, rebuilt from MongoDB at any time.

Only what is scored is kept; texts are read from MongoDB for the few hits that are answered.
"""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from math import inf
from typing import Any

import numpy as np
from numpy.typing import NDArray

from keepsake.inference import DIMENSIONS, MINILM, Postings, Vector
from keepsake.memory.domains.material import speaker_of
from keepsake.memory.domains.registry import DOMAINS, MODEL_DOMAINS
from keepsake.memory.languages.detection import JOINING_NOUNS, names_speaker
from keepsake.memory.languages.letters import QUESTION_MARKS, folded
from keepsake.memory.models import Kind
from keepsake.memory.searching.overview import USER
from keepsake.memory.searching.question import attribute_kind
from keepsake.memory.searching.sessions import GrowableArray, Sessions
from keepsake.memory.searching.terms import own_terms
from keepsake.memory.storing.documents import (
    embedded_by,
    is_lone_vector,
    joined_vectors,
    vector_count,
)
from keepsake.storage import Document

DOMAIN_NUMBERS = {name: number for number, name in enumerate(DOMAINS)}
ABSENT = -1
ASSISTANT_ASKS, NOBODY = -2, -3
"""Who asks something at the end of a turn, when it is none of the speakers."""
_ROW = np.dtype([
    ("is_turn", "?"), ("domain", "i1"), ("turn", "i4"), ("said_at", "f8"), ("valid_from", "f8"),
    ("valid_to", "f8"), ("first_day", "i4"), ("last_day", "i4"), ("speaker", "i2"),
    ("length", "f4"), ("asks", "?"), ("asker", "i2"), ("oneself", "?"), ("fact", "i4"),
    ("supports", "i4"), ("expires_at", "f8"), ("succeeded", "?"),
])  # fmt: skip
_ID_BYTES = 250
_HEAD_LETTERS, _JOINING_SHARE = 5, 0.1
"""How long a word is that others may end with, and how many documents are of such languages."""
_REMARK = re.compile(r"(?:\s*\[[^\]]*\])+\s*$")
"""What is said about a turn at its end, such as what it shows."""
_END_CHARS = 60


class UserIndex:
    """Rows are documents, in the order of their arrival; a row has one or more vectors.

    served: a server compares the lone vectors, so that they are not kept here. model: whose vectors
    are compared; a row whose are another's has none.
    """

    def __init__(self, epoch: str, *, served: bool = False, model: str = MINILM.name) -> None:
        self.epoch = epoch
        self.model = model
        self.unembedded: set[int] = set()
        """The rows that have no vectors of the model."""
        self._served = served
        self.revision = 0
        self.ids: list[str] = []
        self.postings = Postings()
        self.sessions = Sessions()
        self.languages = Counter[str]()
        """How many documents' words were stemmed by the rules of each."""
        self.speakers: dict[str, int] = {}
        """Numbers of the speakers by their folded names."""
        self._speaker_names: list[str] = []
        self.facts: dict[tuple[str, str], int] = {}
        """The subjects, folded, and kinds of attributes that facts have."""
        self.own_names: set[str] = set()
        """What the user was ever said to be called."""
        self._row_of: dict[str, int] = {}
        self._saying = GrowableArray(np.int32, 2)
        self._rows = GrowableArray(_ROW)
        self._vectors = GrowableArray(np.float32, DIMENSIONS)
        self._starts = GrowableArray(np.int64)
        self._with_vectors = GrowableArray(np.int64)

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def rows(self) -> NDArray[Any]:
        """The columns that are scored, one record per document."""
        return self._rows.values

    @property
    def saying(self) -> NDArray[np.int32]:
        """Pairs of rows: a turn, and a memory that it says."""
        pairs: NDArray[np.int32] = self._saying.values
        return pairs

    def said_by(self, turns: Sequence[int]) -> NDArray[np.int32]:
        """The pairs of some turns."""
        wanted = np.zeros(len(self.ids), dtype=np.bool_)
        wanted[list(turns)] = True
        pairs: NDArray[np.int32] = self.saying[wanted[self.saying[:, 0]]]
        return pairs

    def among(self, ids: Iterable[str]) -> NDArray[np.bool_]:
        """Which rows are those of some documents."""
        mask = np.zeros(len(self.ids), dtype=np.bool_)
        mask[[row for each in ids if (row := self._row_of.get(each)) is not None]] = True
        return mask

    @property
    def forgotten(self) -> NDArray[np.bool_]:
        """Which rows were forgotten: turns that ended, and what ended of those that they said.

        Of a memory that no turn says, such as one that was edited, nothing else tells it from one
        that was denied: it counts as forgotten unless another took its place.
        """
        rows = self.rows
        ended = np.isfinite(rows["valid_to"])
        alone = rows["turn"] == np.arange(len(rows))
        forgotten: NDArray[np.bool_] = ended & ended[rows["turn"]] & ~(alone & rows["succeeded"])
        return forgotten

    def about(self, persons: Collection[str]) -> NDArray[np.bool_]:
        """The memories of some persons: facts by their subject, others by who says them.

        `sister ana` is the user's sister.
        """
        rows = self.rows
        facts = [number for (subject, _), number in self.facts.items()
                 if subject in persons or _is_one_of(subject, persons)]  # fmt: skip
        speakers = [self.speakers.get(name, ABSENT) for name in persons
                    if name == USER or name in self.speakers]  # fmt: skip
        said = (rows["fact"] == ABSENT) & np.isin(rows["speaker"][rows["turn"]], speakers)
        of_person = np.isin(rows["domain"], [DOMAIN_NUMBERS[name] for name in MODEL_DOMAINS])
        theirs = np.isin(rows["fact"], facts) | said
        about: NDArray[np.bool_] = of_person & ~rows["is_turn"] & theirs
        return about

    def speaker(self, row: int) -> str:
        """Who says it, in lower case; `user` when no name is given."""
        number = self.rows["speaker"][self.rows["turn"][row]]
        return self._speaker_names[number] if number != ABSENT else USER

    def compounds(self, words: Collection[str]) -> Iterator[str]:
        """Its words that end with one of some, where nouns are joined: `Monatsbericht`."""
        joining = sum(self.languages[language] for language in JOINING_NOUNS)
        heads = tuple(word for word in words if len(word) >= _HEAD_LETTERS)
        if heads and joining > _JOINING_SHARE * len(self.ids):
            yield from (word for word in self.postings.vocabulary if word.endswith(heads))

    @property
    def size_bytes(self) -> int:
        """About what it takes."""
        arrays = self._rows.size_bytes + self._vectors.size_bytes + self._starts.size_bytes
        arrays += self._saying.size_bytes
        words = self.postings.size_bytes + self.postings.vocabulary_bytes
        return arrays + words + len(self.ids) * _ID_BYTES

    def take(self, written: Iterable[Sequence[Document]], revision: int) -> None:
        """Take in what was written until a revision, a turn before what was made of it."""
        for documents in written:
            self._put(documents)
        self.sessions.settle()
        self.revision = revision

    def cosines(self, vector: Vector) -> Vector:
        """How near each row is: the nearest of its vectors counts. NaN where it has none."""
        nearest = self._nearest(vector)
        if len(nearest) == len(self.ids):
            return nearest
        near = np.full(len(self.ids), np.nan, dtype=np.float32)
        near[self._with_vectors.values] = nearest
        return near

    def merged(self, vector: Vector, served: Mapping[str, float], others: float) -> Vector:
        """As `cosines`, with those that a server gave; `others` is for the rest, or NaN."""
        near = np.full(len(self.ids), others, dtype=np.float32)
        near[[*self.unembedded]] = np.nan
        near[self._with_vectors.values] = self._nearest(vector)
        for memory_id, cosine in served.items():
            row = self._row_of.get(memory_id)
            if row is not None and row not in self.unembedded:
                near[row] = cosine
        return near

    def _nearest(self, vector: Vector) -> Vector:
        """How near the rows are that have vectors here."""
        near: Vector = self._vectors.values @ vector
        if len(near) == len(self._starts.values):
            return near
        nearest: Vector = np.maximum.reduceat(near, self._starts.values)
        return nearest

    def _put(self, documents: Sequence[Document]) -> None:
        """Add documents, or take over when they end."""
        last = {document["_id"]: document for document in documents}
        new = [document for memory_id, document in last.items() if memory_id not in self._row_of]
        self._add(new)
        for memory_id in last.keys() - {document["_id"] for document in new}:
            row, document = self._row_of[memory_id], last[memory_id]
            self._rows.values["valid_to"][row] = _seconds(document["valid_to"])
            self._rows.values["succeeded"][row] = bool(document.get("superseded_by"))
            self._rows.values["expires_at"][row] = _seconds(document.get("expires_at"))
        self._link(documents)

    def _link(self, documents: Sequence[Document]) -> None:
        """Link memories to the turns that say them; support is only added while an index lives."""
        pairs: list[tuple[int, int]] = []
        for document in documents:
            row = self._row_of[document["_id"]]
            linked = int(self._rows.values["supports"][row])
            turns = [self._row_of.get(said["turn_id"]) for said in document["support"][linked:]]
            pairs += [(turn, row) for turn in turns if turn is not None]
            self._rows.values["supports"][row] = linked + len(turns)
        self._saying.extend(np.array(pairs, dtype=np.int32).reshape(-1, 2))

    def _add(self, documents: Sequence[Document]) -> None:
        """Add what is new, a column at a time: a user may have a hundred thousand."""
        first = len(self.ids)
        self.ids += [document["_id"] for document in documents]
        self._row_of.update(
            (memory_id, row) for row, memory_id in enumerate(self.ids[first:], first)
        )
        self._add_vectors(documents, first)
        said_at = [document["said_at"].timestamp() for document in documents]
        sessions = [
            document["session_id"] if _is_turn(document) else None for document in documents
        ]
        self.sessions.extend(sessions, said_at)
        told = [own_terms(_text(document)) for document in documents]
        self.languages.update(language for _, language in told)
        lengths = self.postings.extend([words for words, _ in told])
        rows = [
            self._row(document, row, said_at[row - first])
            for row, document in enumerate(documents, first)
        ]
        table = np.array(rows, dtype=_ROW)
        table["length"] = np.log1p(lengths)
        spoken = zip(documents, told, strict=True)
        table["oneself"] = [names_speaker(each["content"], said) for each, (_, said) in spoken]
        self._rows.extend(table)

    def _add_vectors(self, documents: Sequence[Document], first: int) -> None:
        """Keep the vectors of the model: those of others have as many numbers and mean nothing."""
        mine = {row: document["vector"] for row, document in enumerate(documents, first)
                if embedded_by(document) == self.model}  # fmt: skip
        self.unembedded.update(set(range(first, first + len(documents))) - set(mine))
        kept = [(row, vectors) for row, vectors in mine.items()
                if not (self._served and is_lone_vector(vectors))]  # fmt: skip
        counts = [vector_count(vectors) for _, vectors in kept]
        ends = len(self._vectors.values) + np.cumsum(counts, dtype=np.int64)
        self._vectors.extend(joined_vectors([vectors for _, vectors in kept]))
        self._starts.extend(ends - counts)
        self._with_vectors.extend(np.array([row for row, _ in kept], np.int64))

    def _row(self, document: Document, row: int, said_at: float) -> tuple[Any, ...]:
        is_turn = _is_turn(document)
        happened = document["event_date"]
        first = _day(happened) if happened else document["said_at"].toordinal()
        last = _day(document["when"]["last"]) if document.get("when") else first
        speaker = self._speaker(document) if is_turn else ABSENT
        return (
            is_turn, DOMAIN_NUMBERS[document["domain"]], self._turn(document, row), said_at,
            _seconds(document["valid_from"]), _seconds(document["valid_to"]), first, last,
            speaker, 0.0, is_turn and document["content"].rstrip().endswith(QUESTION_MARKS),
            _asker(document, speaker) if is_turn else NOBODY, False,
            self._fact(document.get("slot")), 0, _seconds(document.get("expires_at")),
            bool(document.get("superseded_by")),
        )  # fmt: skip

    def _turn(self, document: Document, row: int) -> int:
        """The row of the turn that says it; its own when that is not there."""
        return self._row_of.get(document["provenance"].get("turn_id", ""), row)

    def _fact(self, slot: Document | None) -> int:
        if not slot or slot.get("negated"):
            return ABSENT
        fact = folded(slot["subject"]), attribute_kind(slot["attribute"])
        if fact == (USER, "name"):
            self.own_names.add(slot["value"])
        return self.facts.setdefault(fact, len(self.facts))

    def _speaker(self, document: Document) -> int:
        name = (document.get("speaker") or speaker_of(document["content"])).lower()
        if not name:
            return ABSENT
        number = self.speakers.setdefault(folded(name), len(self.speakers))
        if number == len(self._speaker_names):
            self._speaker_names.append(name)
        return min(number, np.iinfo(np.int16).max)


def _is_one_of(subject: str, persons: Collection[str]) -> bool:
    """Whether a subject is a relation with a name, one of which is meant."""
    return "'" not in subject and not {*persons}.isdisjoint(subject.split())


def _asker(document: Document, speaker: int) -> int:
    """Who asks something at the end of a turn, where the next one may reply to it."""
    response = document.get("response")
    said = _REMARK.sub("", response or document["content"])
    if not any(mark in said[-_END_CHARS:] for mark in QUESTION_MARKS):
        return NOBODY
    return ASSISTANT_ASKS if response else speaker


def _is_turn(document: Document) -> bool:
    return bool(document["kind"] == Kind.TURN)


def _text(document: Document) -> str:
    """The words that a document is found by; not the name before what a speaker says."""
    content = document["content"]
    labelled = _is_turn(document) and not document.get("speaker")
    speaker = speaker_of(content) if labelled else ""
    parts = [content[len(speaker) + 1 :] if speaker else content, document.get("response") or ""]
    code = document.get("code")
    return "\n".join([*parts, code["text"]] if code else parts)


def _seconds(moment: datetime | None) -> float:
    return moment.timestamp() if moment else inf


def _day(iso: str) -> int:
    return date.fromisoformat(iso).toordinal()
