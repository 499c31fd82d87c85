"""The main flow: classify → extract → judge → weave, one turn at a time.

The first two steps are a reader's: rules, or a language model with the rules as fallback.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Protocol

from keepsake.inference import Embedder, ModelAway, ModelError
from keepsake.memory.by_hand import BY_HAND, stated_by
from keepsake.memory.domains.amends import may_amend
from keepsake.memory.domains.answers import may_answer
from keepsake.memory.domains.earnest import plays_on
from keepsake.memory.domains.lasting import settled
from keepsake.memory.domains.registry import (
    DOMAINS,
    IMAGE,
    answered,
    claims,
    classify,
    extract,
    unplayed,
)
from keepsake.memory.errors import Contended
from keepsake.memory.extraction import Extractor, ModelReading, PriorTurn, Surroundings
from keepsake.memory.judge import judge
from keepsake.memory.keys import sought_keys
from keepsake.memory.models import MODEL, Action, Candidate, JudgedTurn, MemoryScope, Report
from keepsake.memory.storing import documents
from keepsake.memory.storing.kept_replies import KeptReplies, KeptStep
from keepsake.memory.storing.repository import MemoryRepository, TurnEffects
from keepsake.memory.storing.weave import TurnOrigin, passages, texts, weave
from keepsake.memory.tags import tags_of
from keepsake.memory.turn import StatedFact, Turn
from keepsake.storage import Fence, Unfenced

Surround = Callable[[MemoryScope, TurnOrigin], Surroundings]
"""Looks up what a model is shown beside a turn."""
Before = Callable[[MemoryScope, TurnOrigin], PriorTurn | None]
"""Looks up the turn just before another."""


@dataclass(frozen=True, slots=True)
class TurnReading:
    """The candidates of a turn, by whom they were read, and what that took."""

    candidates: list[Candidate]
    model: str = MODEL
    degraded: str = ""
    usage: Mapping[str, Any] = field(default_factory=dict)


class TurnReader(Protocol):
    """Reads candidates out of a turn."""

    def read(self, scope: MemoryScope, origin: TurnOrigin, *, degrade: bool) -> TurnReading:
        """The candidates; with `degrade` the rules read when the model does not."""


class Rules:
    """No language model: the same turn after the same one always gives the same candidates.

    before: looks up the turn before one that may answer it, correct it, or go on with its play.
    """

    def __init__(self, before: Before | None = None) -> None:
        self._before = before

    def read(self, scope: MemoryScope, origin: TurnOrigin, *, degrade: bool) -> TurnReading:
        """Classify and extract."""
        turn, said_on = origin.turn, origin.said_at.date()
        if self._before is None:
            return TurnReading(extract(turn, classify(turn), said_on))
        if not (may_answer(turn.user_query) or may_amend(turn.user_query)):
            alone = extract(turn, classify(turn), said_on)
            prior = self._before(scope, origin) if claims(alone) else None
            return TurnReading(unplayed(alone) if prior and plays_on(prior.user) else alone)
        prior = self._before(scope, origin)
        if prior is None:
            return TurnReading(extract(turn, classify(turn), said_on))
        return TurnReading(answered(turn, said_on, prior.agent, prior.source, prior.user))


class WithModel:
    """A language model extracts; code, snippets and the turn itself are read by the rules.

    When the model is of no use, the rules read the turn and the report says why: a turn is never
    kept without being read, nor lost with an empty success.
    """

    def __init__(self, extractor: Extractor, surround: Surround, replies: KeptReplies) -> None:
        self._extractor = extractor
        self._replies = replies
        self._surround = surround

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
        around = self._surround(scope, origin)
        reading = self._extractor.extract(
            turn, said_on, self._step(scope, origin, "extract"), around
        )
        seen, why = self._seen(turn, self._step(scope, origin, "image"), degrade=degrade)
        verbatim, *others = extract(turn, classify(turn), said_on)
        by_rules = [each for each in others
                    if each.forgets or not DOMAINS[each.domain].asked_of_model]  # fmt: skip
        if seen:
            by_rules = [each for each in by_rules if each.domain != IMAGE.name] + seen.candidates
        candidates = [verbatim, *reading.candidates, *by_rules]
        usage = reading.usage.plus(seen.usage) if seen else reading.usage
        said = "; ".join(filter(None, (reading.dropped, why)))
        return TurnReading(candidates, reading.model, said, usage.shown())

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
            read.candidates, degraded=_why(error), usage=self._extractor.spent(*steps).shown()
        )

    def _step(self, scope: MemoryScope, origin: TurnOrigin, name: str) -> KeptStep:
        return self._replies.step(scope, origin.job_id, origin.position, name)


def _why(error: ModelError) -> str:
    return f"{type(error).__name__}: {error}"


_TRIES = 8


class Pipeline:
    """Turns what was said into memories, exactly once per (job, position)."""

    def __init__(
        self, repository: MemoryRepository, embedder: Embedder, reader: TurnReader | None = None
    ) -> None:
        self._repository = repository
        self._embedder = embedder
        self._reader = reader or Rules()

    def ingest(
        self,
        scope: MemoryScope,
        turn: Turn,
        *,
        job_id: str,
        position: int = 0,
        fence: Fence | None = None,
        degrade: bool = True,
        looked: bool = False,
        accepted_at: datetime | None = None,
    ) -> Report:
        """Remember a turn; a repeat of the same job and position answers what was done then.

        accepted_at: when the turn was handed over; now if None. A turn without a time of its own
            was said then. A job gives the time of its acceptance, so that all attempts agree.
        degrade: when no language model answers, let the rules read the turn; without it that is
            raised, for a job that can be tried again.
        looked: the caller knows from `done` that it was not woven yet, which saves asking.

        Raises:
            Contended: Other writers kept changing this user's memories.
            ModelAway: No language model answers, and `degrade` is off.
            StorageUnavailable: MongoDB does not answer.
        """
        done = None if looked else self._repository.done(scope, job_id, position)
        if done is not None:
            return done
        said_at = documents.to_millisecond(turn.said_at or accepted_at or self.now())
        origin = TurnOrigin(job_id, position, turn, said_at)
        read = self._reader.read(scope, origin, degrade=degrade)
        read = replace(read, candidates=settled(read.candidates, self._embedder))
        return self._remember(scope, origin, read, fence or Unfenced())

    def state(
        self,
        scope: MemoryScope,
        fact: StatedFact,
        *,
        job_id: str,
        fence: Fence | None = None,
        accepted_at: datetime | None = None,
    ) -> Report:
        """Remember a fact by hand; a repeat of the same job answers what was done then.

        accepted_at: since when it holds unless it says so; now if None.

        Raises:
            Contended: Other writers kept changing this user's memories.
            StorageUnavailable: MongoDB does not answer.
        """
        done = self._repository.done(scope, job_id, 0)
        if done is not None:
            return done
        since = documents.to_millisecond(fact.valid_from or accepted_at or self.now())
        belongs = Turn.model_validate({"user_query": "", **tags_of(fact.model_dump())})
        origin = TurnOrigin(job_id, 0, belongs, since, by_hand=True)
        read = TurnReading(stated_by(fact, since.date()), BY_HAND)
        return self._remember(scope, origin, read, fence or Unfenced())

    def now(self) -> datetime:
        """When turns were said that are handed over now.

        Raises:
            StorageUnavailable: MongoDB does not answer.
        """
        return self._repository.now()

    def done(self, owner: str, job_id: str, positions: Sequence[int]) -> dict[int, Report]:
        """What earlier attempts of a job have done of some positions and those between them.

        Raises:
            StorageUnavailable: MongoDB does not answer.
        """
        return self._repository.all_done(owner, job_id, min(positions), max(positions))

    def warm(self, turns: Iterable[Turn]) -> None:
        """Embed many turns at once, so that ingesting them finds their vectors made."""
        self._embedder.embed([text for turn in turns for text in passages(turn)])

    def rehearse(self, turn: Turn) -> None:
        """Read and embed a turn that nobody said, so that what it takes is loaded; writes nothing.

        Raises:
            ModelDamaged: The embedding model's weights are not the pinned ones.
        """
        today = datetime.now(UTC).date()
        settled(extract(turn, classify(turn), today), self._embedder)
        self.warm([turn])

    def _remember(
        self, scope: MemoryScope, origin: TurnOrigin, read: TurnReading, fence: Fence
    ) -> Report:
        """Judge and weave; again if another writer came between.

        The judge's view and the write are tied by the user's revision.
        """
        for _ in range(_TRIES):
            effects = self._judged(scope, origin, read)
            if self._repository.commit(effects, fence):
                return effects.report
            done = self._repository.done(scope, origin.job_id, origin.position)
            if done is not None:
                return done
        raise Contended("this user's memories kept changing")

    def _judged(self, scope: MemoryScope, origin: TurnOrigin, read: TurnReading) -> TurnEffects:
        candidates = read.candidates
        sought = [key for candidate in candidates for key in sought_keys(candidate)]
        named = [candidate.replaces for candidate in candidates if candidate.replaces]
        topics = [topic for candidate in candidates
                  for topic in (candidate.forgets, candidate.ceases) if topic]  # fmt: skip
        known = self._repository.known(scope, origin.turn.identity, sought, named, topics)
        turn = origin.turn
        identified = bool(turn.source_id or turn.session_datetime)
        moment = JudgedTurn(origin.said_at, origin.job_id, origin.prefix, known.repeated,
                            identified)  # fmt: skip
        operations = judge(candidates, known.memories, moment)
        origin = replace(origin, anew=known.repeated and any(each.begins for each in operations))
        vectors = self._embedder.embed(texts(origin.turn, operations))
        woven = weave(origin, operations, vectors, self._embedder.model.name)
        report = Report(
            tuple(operations), origin.turn_id, read.model, read.degraded, dict(read.usage)
        )
        return TurnEffects(scope, origin.job_id, origin.position, known.revision, woven, report)


def envelope(report: Report) -> dict[str, Any]:
    """XMem's `data` of an ingest."""
    sources = {name: domain.source for name, domain in DOMAINS.items() if domain.source}
    data = {
        "model": report.model,
        "classification": [
            {"source": sources[operation.candidate.domain], "query": operation.candidate.content}
            for operation in report.operations
            if operation.candidate.domain in sources
        ],
        **{name: _reported(report, name) for name, domain in DOMAINS.items() if domain.reported},
    }
    extra = {"degraded": report.degraded, "usage": report.usage}
    return data | {name: value for name, value in extra.items() if value}


def _reported(report: Report, domain: str) -> dict[str, Any] | None:
    mine = [each for each in report.operations if each.candidate.domain == domain]
    if not mine:
        return None
    noops = sum(each.action is Action.NOOP for each in mine)
    return {
        "confidence": round(min(each.candidate.confidence for each in mine), 2),
        "operations": [
            {"type": str(each.action), "content": each.candidate.content, "reason": each.reason}
            for each in mine
        ],
        "weaver": {"succeeded": len(mine) - noops, "skipped": noops, "failed": 0},
    }
