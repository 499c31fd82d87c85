"""Many turns: those of one user in their order, those of different users side by side."""

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from datetime import datetime
from queue import SimpleQueue
from threading import Event
from typing import Any

from pydantic import ValidationError

from keepsake.inference import ModelAway
from keepsake.memory.errors import Contended
from keepsake.memory.models import MemoryScope, Report
from keepsake.memory.pipeline import Pipeline, envelope
from keepsake.memory.turn import Turn
from keepsake.storage import Fence

_EMBEDDED_TOGETHER = 32
_LOOK_SECONDS = 0.1
"""How long an outcome may wait until it is handed on."""


@dataclass(frozen=True, slots=True)
class Item:
    """One turn of a batch, and its place in it."""

    position: int
    scope: MemoryScope
    turn: Turn


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one item went: `succeeded`, `skipped` (known before) or `failed`, and why."""

    position: int
    status: str
    report: Report | None = None
    error: str | None = None

    @classmethod
    def of(cls, position: int, report: Report) -> "Outcome":
        """How an item went that was woven."""
        news = any(operation.begins for operation in report.operations)
        return cls(position, "succeeded" if news else "skipped", report)

    def shown(self) -> dict[str, Any]:
        """As it stands in `data.results`: XMem's envelope, or the error."""
        if self.report is None:
            return {"status": self.status, "error": self.error}
        return {"status": self.status, **envelope(self.report)}


class Batch:
    """Ingests items. A failed one does not keep the others from being remembered."""

    def __init__(self, pipeline: Pipeline, side_by_side: int = 4) -> None:
        self._pipeline = pipeline
        self._side_by_side = side_by_side

    def ingest(
        self,
        items: Sequence[Item],
        *,
        job_id: str,
        fence: Fence | None = None,
        degrade: bool = True,
        accepted_at: datetime | None = None,
    ) -> Iterator[Outcome]:
        """Remember the items of one owner; outcomes follow as they are ready, each user's in order.

        accepted_at: when items without a time of their own were said; now, all at once, if None.

        What is left undone when the caller stops, or when the database goes away, is done by
        ingesting the same items under the same job again: what is done is not repeated, and its
        outcomes come first.

        Raises:
            StorageUnavailable: MongoDB does not answer.
        """
        positions = [item.position for item in items]
        done = self._pipeline.done(items[0].scope.owner, job_id, positions) if items else {}
        left = [item for item in items if item.position not in done]
        yield from (Outcome.of(position, done[position]) for position in sorted(done))
        accepted_at = accepted_at or self._pipeline.now()
        run = _Run(self._pipeline, job_id, fence, degrade=degrade, accepted_at=accepted_at)
        pool = ThreadPoolExecutor(self._side_by_side, "memory-batch")
        try:
            groups = [pool.submit(run.one_user, group) for group in _by_user(left)]
            yield from _as_they_come(groups, run.outcomes)
        finally:
            run.stopped.set()
            pool.shutdown(cancel_futures=True)


class _Run:
    """One ingest of a batch; its threads share it."""

    def __init__(
        self,
        pipeline: Pipeline,
        job_id: str,
        fence: Fence | None,
        *,
        degrade: bool,
        accepted_at: datetime,
    ) -> None:
        self.outcomes: SimpleQueue[Outcome] = SimpleQueue()
        self.stopped = Event()
        self._pipeline = pipeline
        self._job_id = job_id
        self._fence = fence
        self._degrade = degrade
        self._told_at = accepted_at

    def one_user(self, items: Sequence[Item]) -> None:
        """Remember one user's items, until the run is stopped."""
        for start in range(0, len(items), _EMBEDDED_TOGETHER):
            chunk = items[start : start + _EMBEDDED_TOGETHER]
            self._pipeline.warm([item.turn for item in chunk])
            for item in chunk:
                if self.stopped.is_set():
                    return
                self.outcomes.put(self._item(item))

    def _item(self, item: Item) -> Outcome:
        try:
            report = self._pipeline.ingest(
                item.scope, item.turn, job_id=self._job_id, position=item.position,
                fence=self._fence, degrade=self._degrade, looked=True, accepted_at=self._told_at,
            )  # fmt: skip
        except (Contended, ModelAway) as error:
            return Outcome(item.position, "failed", error=f"{type(error).__name__}: {error}")
        return Outcome.of(item.position, report)


def batch_items(owner: str, payloads: Iterable[Any]) -> tuple[list[Item], list[Outcome]]:
    """The turns of a batch, and the failures of what is none."""
    good: list[Item] = []
    bad: list[Outcome] = []
    for position, payload in enumerate(payloads):
        try:
            turn = Turn.model_validate(payload)
        except ValidationError as error:
            places = sorted({".".join(map(str, fault["loc"])) for fault in error.errors()})
            faults = f"the item does not fit: {', '.join(places) or 'its type'}"
            bad.append(Outcome(position, "failed", error=faults))
            continue
        if turn.user_query or turn.agent_response:
            good.append(Item(position, MemoryScope(owner, payload.get("user_id") or owner), turn))
        else:
            bad.append(Outcome(position, "failed", error="the item does not fit: user_query"))
    return good, bad


def _by_user(all_items: Sequence[Item]) -> list[list[Item]]:
    groups: dict[MemoryScope, list[Item]] = {}
    for item in all_items:
        groups.setdefault(item.scope, []).append(item)
    return list(groups.values())


def _as_they_come(
    groups: Sequence[Future[None]], outcomes: SimpleQueue[Outcome]
) -> Iterator[Outcome]:
    """Outcomes until all groups are done; the first error of a group is raised."""
    waiting = set(groups)
    while waiting:
        done, waiting = wait(waiting, timeout=_LOOK_SECONDS, return_when=FIRST_COMPLETED)
        while not outcomes.empty():
            yield outcomes.get()
        for group in done:
            group.result()
