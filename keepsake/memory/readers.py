"""Reading candidates out of a turn: by rules, or by a language model with the rules as fallback."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from keepsake.inference import ModelAway, ModelError, Usage
from keepsake.memory.domains.registry import DOMAINS, classify, extract
from keepsake.memory.domains.whole_turn import IMAGE
from keepsake.memory.extraction import Extractor, ModelReading
from keepsake.memory.models import MODEL, Candidate, MemoryScope, Turn
from keepsake.memory.storing.kept_replies import KeptReplies, KeptStep
from keepsake.memory.storing.weave import TurnOrigin

Recall = Callable[[MemoryScope, str], Sequence[tuple[str, str]]]
"""A user's memories near a text: ids and contents."""


@dataclass(frozen=True, slots=True)
class TurnReading:
    """The candidates of a turn, by whom they were read, and what that took."""

    candidates: list[Candidate]
    model: str = MODEL
    degraded: str = ""
    usage: Usage = field(default_factory=Usage)


class TurnReader(Protocol):
    """Reads candidates out of a turn."""

    def read(self, scope: MemoryScope, origin: TurnOrigin, *, degrade: bool) -> TurnReading:
        """The candidates; with `degrade` the rules read when the model does not."""


class Rules:
    """No language model: the same turn always gives the same candidates."""

    def read(self, scope: MemoryScope, origin: TurnOrigin, *, degrade: bool) -> TurnReading:
        """Classify and extract."""
        turn = origin.turn
        return TurnReading(extract(turn, classify(turn), origin.said_at.date()))


class WithModel:
    """A language model extracts; code, snippets and the turn itself are read by the rules.

    When the model is of no use, the rules read the turn and the report says why: a turn is never
    kept without being read, nor lost with an empty success.
    """

    def __init__(self, extractor: Extractor, recall: Recall, replies: KeptReplies) -> None:
        self._extractor = extractor
        self._replies = replies
        self._recall = recall

    def read(self, scope: MemoryScope, origin: TurnOrigin, *, degrade: bool) -> TurnReading:
        """Ask the model; without `degrade` an outage is raised, to be tried again.

        Raises:
            ModelAway: No endpoint answers, and the rules are not to read instead.
        """
        try:
            read = self._extracted(scope, origin, degrade=degrade)
        except ModelAway as error:
            if not degrade:
                raise
            return self._by_rules(scope, origin, error)
        except ModelError as error:
            return self._by_rules(scope, origin, error)
        return read

    def _extracted(self, scope: MemoryScope, origin: TurnOrigin, *, degrade: bool) -> TurnReading:
        turn, said_on = origin.turn, origin.said_at.date()
        reading = self._extractor.extract(
            turn, said_on, self._step(scope, origin, "extract"),
            lambda text: self._recall(scope, text),
        )  # fmt: skip
        seen, why = self._seen(turn, self._step(scope, origin, "image"), degrade=degrade)
        verbatim, *others = extract(turn, classify(turn), said_on)
        by_rules = [each for each in others if not DOMAINS[each.domain].asked_of_model]
        if seen:
            by_rules = [each for each in by_rules if each.domain != IMAGE.name] + seen.candidates
        candidates = [verbatim, *reading.candidates, *by_rules]
        return TurnReading(candidates, reading.model, why, _together(reading, seen))

    def _seen(
        self, turn: Turn, step: KeptStep, *, degrade: bool
    ) -> tuple[ModelReading | None, str]:
        """What the image shows, or why that is not known; the turn itself was read and paid for."""
        try:
            return self._extractor.describe(turn, step), ""
        except ModelAway as error:
            if not degrade:
                raise
            return None, _why(error)
        except ModelError as error:
            return None, _why(error)

    def _by_rules(self, scope: MemoryScope, origin: TurnOrigin, error: ModelError) -> TurnReading:
        read = Rules().read(scope, origin, degrade=True)
        steps = [self._step(scope, origin, name) for name in ("extract", "image")]
        return TurnReading(
            read.candidates, degraded=_why(error), usage=self._extractor.spent(*steps)
        )

    def _step(self, scope: MemoryScope, origin: TurnOrigin, name: str) -> KeptStep:
        return self._replies.step(scope, origin.job_id, origin.position, name)


def _why(error: ModelError) -> str:
    return f"{type(error).__name__}: {error}"


def _together(reading: ModelReading, seen: ModelReading | None) -> Usage:
    return reading.usage.plus(seen.usage) if seen else reading.usage
