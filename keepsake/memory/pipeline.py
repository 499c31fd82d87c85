"""The main flow: classify → extract → judge → weave, one turn at a time.

The first two steps are a reader's: rules, or a language model (`keepsake.memory.readers`).
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from keepsake.inference import Embedder
from keepsake.memory.domains.registry import DOMAINS
from keepsake.memory.errors import Contended
from keepsake.memory.judge import JudgedTurn, judge, sought_keys, turn_identity
from keepsake.memory.models import Action, MemoryScope, Report, Turn
from keepsake.memory.readers import Rules, TurnReader, TurnReading
from keepsake.memory.storing import documents
from keepsake.memory.storing.repository import MemoryRepository, TurnEffects
from keepsake.memory.storing.weave import TurnOrigin, passages, texts, weave
from keepsake.storage import Fence, Unfenced

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
        return self._remember(scope, origin, read, fence or Unfenced())

    def now(self) -> datetime:
        """When turns were said that are handed over now.

        Raises:
            StorageUnavailable: MongoDB does not answer.
        """
        return self._repository.now()

    def done(self, owner: str, job_id: str) -> dict[int, Report]:
        """What earlier attempts of a job have done, by position.

        Raises:
            StorageUnavailable: MongoDB does not answer.
        """
        return self._repository.all_done(owner, job_id)

    def warm(self, turns: Iterable[Turn]) -> None:
        """Embed many turns at once, so that ingesting them finds their vectors made."""
        self._embedder.embed([text for turn in turns for text in passages(turn)])

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
        known = self._repository.known(scope, turn_identity(origin.turn), sought, named)
        moment = JudgedTurn(origin.said_at, origin.job_id, origin.prefix, known.repeated)
        operations = judge(candidates, known.memories, moment)
        vectors = self._embedder.embed(texts(origin.turn, operations))
        woven = weave(origin, operations, vectors)
        report = Report(
            tuple(operations), origin.turn_id, read.model, read.degraded, read.usage.shown()
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
