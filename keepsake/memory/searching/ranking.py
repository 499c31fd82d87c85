"""How well each row answers a question: words and meaning, and what stands around them.

The weights are fitted to conversations of two data sets by `bench.fit_ranking`, for each embedding
model (docs/memory.md); those of `attribute` and `outdated`, which few questions there need, on
conversations of our own.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime

import numpy as np
from numpy.typing import NDArray

from keepsake.inference import E5, MINILM, Rows, Vector
from keepsake.memory.searching.index import NOBODY, UserIndex
from keepsake.memory.searching.question import ParsedQuestion

_FITTED = {
    MINILM.name: {
        "dense": 2.08, "lexical": 0.62, "reply": 0.36, "nearby": 0.37, "session": 1.17,
        "speaker": 5.42, "time": 11.4, "length": 1.41, "asks": -1.62, "oneself": 3.13,
    },
    E5.name: {
        "dense": 2.33, "lexical": 0.58, "reply": 0.37, "nearby": 0.4, "session": 0.98,
        "speaker": 5.27, "time": 10.49, "length": 0.63, "asks": -2.14, "oneself": 2.91,
    },
}  # fmt: skip
WEIGHTS = {model: {**fitted, "outdated": -1.5, "attribute": 6.0}
           for model, fitted in _FITTED.items()}  # fmt: skip
"""What each part of a score counts, by the name of the embedding model."""
_FOREIGN_LEXICAL = 1.5
"""What words count in another language than English, by a model that knows no other."""
_WHOLE = 4.0
"""How much more than one fact of an attribute those count of a person who is asked about."""


@dataclass(frozen=True, slots=True)
class Scores:
    """The sum and its parts, one number per row."""

    total: Vector
    parts: dict[str, Vector] = field(repr=False)

    def explain(self, row: int) -> dict[str, float]:
        """What a row's score is made of."""
        return {name: round(float(part[row]), 4) for name, part in self.parts.items()}


@dataclass(frozen=True, slots=True)
class Standing:
    """What of an index holds at the moment asked about, and what has ended by then."""

    holding: NDArray[np.bool_]
    ended: NDArray[np.bool_]

    @classmethod
    def at(cls, index: UserIndex, moment: datetime | None) -> "Standing":
        """At a moment; now, when none is named, holds what has no end.

        A turn ends when it is forgotten. Then it holds at no moment, nor does what it said. What
        has expired neither holds nor has ended.
        """
        begins, ends = index.rows["valid_from"], index.rows["valid_to"]
        living = index.rows["expires_at"] > datetime.now(UTC).timestamp()
        if moment is None:
            return cls(living & np.isinf(ends), living & np.isfinite(ends))
        ended = ends <= moment.timestamp()
        holding = living & (begins <= moment.timestamp()) & ~ended & ~index.forgotten
        return cls(holding, living & ended)


def rank(
    index: UserIndex,
    question: ParsedQuestion,
    near: Vector,
    allowed: NDArray[np.bool_],
    standing: Standing,
) -> Scores:
    """Score every row; `near` are cosines, and scores are standardised over those `allowed`."""
    weights = _weights(index.model, question)
    parts = features(index, question, near, allowed, weights)
    parts["outdated"] = _outdated(index, standing)
    parts["attribute"] = _attributed(index, question, standing)
    total = np.zeros(len(index), dtype=np.float32)
    for name, part in parts.items():
        total += np.multiply(part, np.float32(weights[name]), out=part)
    return Scores(total, parts)


def _weights(model: str, question: ParsedQuestion) -> dict[str, float]:
    """Those of a model, and what words count beside it in the language of a question."""
    if question.foreign and model == MINILM.name:
        return {**WEIGHTS[model], "lexical": _FOREIGN_LEXICAL}
    return WEIGHTS[model]


def features(
    index: UserIndex,
    question: ParsedQuestion,
    near: Vector,
    allowed: NDArray[np.bool_],
    weights: Mapping[str, float],
) -> dict[str, Vector]:
    """What turns are ranked by, before it is weighed; neighbours' scores are weighed already.

    Words count for both where it is not known how near a row is.
    """
    lexical, known = _standard(index.postings.scores(question.terms), allowed), np.isfinite(near)
    alone = np.float32(1 + weights["dense"] / weights["lexical"])
    parts: dict[str, Vector] = {
        "lexical": np.where(known, lexical, alone * lexical),
        "dense": np.where(known, _standard(near, allowed & known), np.float32(0)),
    }
    own: Vector = np.float32(weights["lexical"]) * parts["lexical"]
    own = own + np.float32(weights["dense"]) * parts["dense"]
    return parts | _around(index, own) | _setting(index, question)


def _around(index: UserIndex, own: Vector) -> dict[str, Vector]:
    """The scores of the neighbouring turns; a memory's neighbours are those of its turn.

    What is not there has the last row, of score 0, which follows itself.
    """
    earlier, later = (
        np.append(rows, -1) for rows in (index.sessions.earlier, index.sessions.later)
    )
    scores, turn = np.append(own, np.float32(0)), index.rows["turn"]
    nearby = np.maximum(_best_of_four(scores, earlier), _best_of_four(scores, later))
    reply = np.where(_is_reply(index), scores[earlier[:-1]], np.float32(0))
    return {"reply": reply[turn], "nearby": nearby[turn]}


def _best_of_four(scores: Vector, following: NDArray[np.intp]) -> Vector:
    """The best score of the four turns that follow in one direction."""
    one = scores[following]
    two = np.maximum(one, one[following])
    four: Vector = np.maximum(two, two[following][following])
    return four


def _is_reply(index: UserIndex) -> NDArray[np.bool_]:
    """Whether a turn follows on a question of somebody else's, so that it need not repeat it."""
    earlier, rows = index.sessions.earlier, index.rows
    asker = rows["asker"][earlier]
    replies: NDArray[np.bool_] = (earlier >= 0) & (asker != NOBODY) & (asker != rows["speaker"])
    return replies


def _setting(index: UserIndex, question: ParsedQuestion) -> dict[str, Vector]:
    """What a row has to itself: its session, speaker, time, length and age."""
    rows, sessions = index.rows, index.sessions
    grouped = index.postings.group_scores(question.terms, sessions.number, sessions.count)
    everywhere = np.ones(len(grouped), dtype=np.bool_)
    return {
        "session": _of(_standard(grouped, everywhere), sessions.number)[rows["turn"]],
        "speaker": _spoken(index, question),
        "time": _timely(index, question),
        "length": rows["length"].astype(np.float32),
        "asks": rows["asks"].astype(np.float32),
        "oneself": rows["oneself"][rows["turn"]].astype(np.float32),
    }


def _spoken(index: UserIndex, question: ParsedQuestion) -> Vector:
    """Whether a named speaker says it; nothing when all are named, or none."""
    numbers = [index.speakers[name] for name in question.speakers]
    speakers = index.rows["speaker"][index.rows["turn"]]
    if not numbers or len(numbers) == len(index.speakers):
        return np.zeros(len(speakers), dtype=np.float32)
    return np.isin(speakers, numbers).astype(np.float32)


def _timely(index: UserIndex, question: ParsedQuestion) -> Vector:
    """Whether it was said in, or happened in, the time that the question speaks of."""
    rows = index.rows
    if not question.timed:
        return np.zeros(len(rows), dtype=np.float32)
    first, last = rows["first_day"], rows["last_day"]
    if question.first and question.last:
        fits = (first <= question.last.toordinal()) & (last >= question.first.toordinal())
        return fits.astype(np.float32)
    days, places = np.unique(first, return_inverse=True)
    named = [_named(date.fromordinal(int(day)), question) for day in days]
    return np.array(named, dtype=np.float32)[places.reshape(-1)]


def _named(day: date, question: ParsedQuestion) -> bool:
    in_month = not question.months or day.month in question.months
    return in_month and (not question.years or day.year in question.years)


def asked_facts(index: UserIndex, question: ParsedQuestion) -> NDArray[np.bool_]:
    """The facts of what is asked for, whether they hold or not; of a person, all memories."""
    if question.whole:
        return index.about(question.whole)
    numbers = [number for fact, number in index.facts.items() if question.asks_for(*fact)]
    return np.isin(index.rows["fact"], numbers)


def _attributed(index: UserIndex, question: ParsedQuestion, standing: Standing) -> Vector:
    """Facts that hold of what is asked for, and the turns that say them: one of n counts 1/n."""
    if question.past:
        return np.zeros(len(index), dtype=np.float32)
    fits = asked_facts(index, question) & standing.holding
    if question.whole:  # all of them are the answer, and stand before any turn
        return np.float32(_WHOLE) * fits
    attributed: Vector = ((fits | _saying(index, fits)) / max(int(fits.sum()), 1)).astype(
        np.float32
    )
    return attributed


def _outdated(index: UserIndex, standing: Standing) -> Vector:
    """Turns whose facts have all ended."""
    outdated = _saying(index, standing.ended) & ~_saying(index, standing.holding)
    return outdated.astype(np.float32)


def _saying(index: UserIndex, memories: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The turns that say any of some memories."""
    turns, said = index.saying.T
    saying = np.zeros(len(index), dtype=np.bool_)
    saying[turns[memories[said]]] = True
    return saying


def _standard(scores: Vector, allowed: NDArray[np.bool_]) -> Vector:
    """Scores in standard deviations from the mean of those that may be answered."""
    among = scores[allowed]
    spread = float(among.std()) if len(among) else 0.0
    if not spread:
        return np.zeros(len(scores), dtype=np.float32)
    standard: Vector = ((scores - among.mean()) / spread).astype(np.float32)
    return standard


def _of(values: Vector, rows: Rows) -> Vector:
    """The values at some rows; nothing where there is no row."""
    if not len(values):
        return np.zeros(len(rows), dtype=np.float32)
    scores: Vector = np.where(rows >= 0, values[rows], np.float32(0))
    return scores
