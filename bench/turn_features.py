"""What memory's search ranks turns by, for every question of some talks, without a server.

The product's own index and `keepsake.memory.searching.ranking` compute it, so that weights that are
fitted to it (`bench.fit_ranking`) mean in a search what they meant here.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from bench.conversations import Asked, Talk
from keepsake.inference import Embedder
from keepsake.memory import Turn
from keepsake.memory.searching.index import UserIndex
from keepsake.memory.searching.question import parse_question
from keepsake.memory.searching.ranking import features
from keepsake.memory.storing import documents
from keepsake.memory.storing.weave import TurnOrigin, passages
from keepsake.storage import Document

_UNDATED = datetime(2000, 1, 1, tzinfo=UTC)


NAMES = ("own", "reply", "nearby", "session", "speaker", "time", "length", "asks", "oneself")
"""What is weighed. `own` is a turn's score by meaning and words, as the neighbours have it."""


ConversationKey: TypeAlias = tuple[str, int]
"""The name of a set of data, and the number of a conversation in it."""


@dataclass(frozen=True, slots=True)
class RankedQuestion:
    """A question, and what each turn of its conversation is ranked by.

    features: a row for each turn, a column for each of `NAMES`. evidence: which turns answer it.
    """

    conversation: ConversationKey
    asked: Asked
    features: NDArray[np.float64]
    evidence: NDArray[np.bool_]

    def best(self, weights: NDArray[np.float64], count: int) -> NDArray[np.intp]:
        """The numbers of the first turns, best first."""
        rows: NDArray[np.intp] = np.argsort(-(self.features @ weights), kind="stable")[:count]
        return rows


def ranked_questions(
    name: str, talks: Sequence[Talk], embedder: Embedder, lexical: float
) -> Iterator[RankedQuestion]:
    """All questions of a set; `lexical` is what words count beside meaning."""
    weights = {"dense": 1.0, "lexical": lexical}
    today = datetime.now(UTC).date()
    for number, talk in enumerate(talks):
        index = indexed(talk, embedder)
        everything = np.ones(len(index), dtype=np.bool_)
        for asked in talk.questions:
            question = parse_question(
                asked.question, index.speakers, (), today, sorted(index.languages)
            )
            near = index.cosines(embedder.embed_query(question.text))
            parts = features(index, question, near, everything, weights)
            parts["own"] = parts["dense"] + np.float32(lexical) * parts["lexical"]
            columns = np.stack([parts[each] for each in NAMES], axis=1).astype(np.float64)
            evidence = np.array([turn.source_id in asked.evidence for turn in talk.turns])
            yield RankedQuestion((name, number), asked, columns, evidence)


def indexed(talk: Talk, embedder: Embedder) -> UserIndex:
    """The turns of a talk as a search sees them."""
    vectors = embedder.embed([passages(turn)[0] for turn in talk.turns])
    model = embedder.model.name
    written = [_document(number, turn, documents.embedded(vectors[number : number + 1], model))
               for number, turn in enumerate(talk.turns)]  # fmt: skip
    index = UserIndex("bench", model=model)
    index.take([written], len(written))
    return index


def _document(number: int, turn: Turn, vectors: Document) -> Document:
    origin = TurnOrigin("bench", number, turn, turn.said_at or _UNDATED)
    return documents.turn(origin.turn_id, turn, vectors, origin.provenance(), origin.said_at)
