"""Runs a scan: resolve → fetch → diff → parse → publish → embed → enrich → tidy.

    scan = Scan(tools, owner, request, token=token, fence=attempt)
    for step in scan.steps(attempt.state):
        attempt.checkpoint(step.state)
    return scan.result

Each step does one bounded batch and can be repeated: what it writes has ids made from its content.
The index is published as soon as its symbols are complete; vectors and summaries join it later.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from pydantic import SecretStr

from keepsake.scanner.checkpoint import Checkpoint, Stage
from keepsake.scanner.errors import (
    CheckpointUnknown,
    ForbiddenSource,
    MirrorDamaged,
    RefMoved,
    RepositoryNotFound,
)
from keepsake.scanner.git.mirror import locked
from keepsake.scanner.models import ScanProgress, ScanRequest, ScanResult
from keepsake.scanner.source import parse_source
from keepsake.scanner.stages import Checkpoints, ScanRun, ScanTools
from keepsake.scanner.stages.enriching import embedding, enriching
from keepsake.scanner.stages.fetching import diffing, fetching, resolving
from keepsake.scanner.stages.indexing import parsing, publishing, tidying
from keepsake.scanner.store.published import index_id
from keepsake.storage import Fence

_SHORT_SECONDS = 1.0

STAGES: dict[Stage, Callable[[ScanRun, Checkpoint], Checkpoints]] = {
    Stage.RESOLVE: resolving,
    Stage.FETCH: fetching,
    Stage.DIFF: diffing,
    Stage.PARSE: parsing,
    Stage.PUBLISH: publishing,
    Stage.EMBED: embedding,
    Stage.ENRICH: enriching,
    Stage.TIDY: tidying,
}


@dataclass(frozen=True, slots=True)
class ScanStep:
    """What a scan has just done."""

    state: dict[str, Any]
    """The checkpoint to save."""
    progress: ScanProgress
    settled: bool
    """False while a fetch runs: stopping here is allowed, but the fetch begins anew."""


class Scan:
    """One attempt at scanning one repository for one owner."""

    def __init__(
        self,
        tools: ScanTools,
        owner: str,
        request: ScanRequest,
        *,
        fence: Fence,
        token: SecretStr | None = None,
        degrade: bool = False,
    ) -> None:
        """`degrade`: an index does without summaries when no language model answers.

        Raises:
            ForbiddenSource: The source is not allowed, or is no folder that has a working tree.
        """
        self._tools, self._request, self._owner = tools, request, owner
        self._fence, self._token, self._degrade = fence, token, degrade
        self.repository = parse_source(request.url, owner, tools.settings)
        if request.working_tree and not self.repository.is_folder:
            raise ForbiddenSource("only a folder of this machine has a working tree")
        self._ended: Checkpoint | None = None
        self._began = time.monotonic()

    def steps(self, state: Any = None) -> Iterator[ScanStep]:
        """Go on from a saved state to the end.

        Raises:
            ScanError: Permanent, transient, or a checkpoint of something else.
            StorageUnavailable: MongoDB does not answer.
        """
        checkpoint, healed = Checkpoint.load(state, self._request, self._owner), False
        with locked(self.repository, self._tools.settings) as mirror:
            run = ScanRun(
                self._tools, self.repository, self._request, mirror, self._token, self._fence,
                self._degrade,
            )  # fmt: skip
            while checkpoint.stage is not Stage.DONE:
                try:
                    for checkpoint in _timed_stage(run, checkpoint):  # noqa: B020 - the latest
                        left = self._seconds_left(run, checkpoint)
                        progress = checkpoint.progress(left)
                        yield ScanStep(checkpoint.state(), progress, not checkpoint.note)
                except RefMoved:
                    checkpoint = _resolve_again(checkpoint)
                except MirrorDamaged:  # the stage goes on where it was, and fetches first
                    if healed:
                        raise
                    healed = True
                except RepositoryNotFound:
                    if run.repository.url == self.repository.url_variant.url:
                        raise
                    run = self._with_url_variant(run)
        self._ended = checkpoint

    def _with_url_variant(self, run: ScanRun) -> ScanRun:
        """The run by the other way to write the URL: hosts differ in whether they want `.git`."""
        run.mirror.repository = self.repository.url_variant
        return replace(run, repository=self.repository.url_variant)

    def _seconds_left(self, run: ScanRun, checkpoint: Checkpoint) -> float | None:
        """None at first: a short scan has ended before it would have read former ones."""
        if time.monotonic() - self._began < _SHORT_SECONDS:
            return None
        return run.eta.seconds_left(checkpoint, run.stages)

    @property
    def result(self) -> ScanResult:
        """What came of it.

        Raises:
            CheckpointUnknown: The steps have not come to their end.
        """
        if self._ended is None:
            raise CheckpointUnknown("the scan has not ended")
        ended, resolved = self._ended, self._ended.resolved_ref
        return ScanResult(
            repository=self.repository.id,
            org=self.repository.org,
            repo=self.repository.repo,
            index=index_id(self.repository, resolved.branch),
            branch=resolved.branch,
            commit=resolved.commit,
            dirty=ended.dirty,
            reused=ended.reused,
            generation=ended.base if ended.reused else ended.generation,
            stats={
                **ended.index_stats.stats(),
                "files_changed": ended.changed,
                "seconds": ended.seconds,
            },
            phase1="complete",
            phase2=ended.phase2,
            phase2_note=ended.phase2_note,
            warnings=_warnings(ended),
        )


def _resolve_again(checkpoint: Checkpoint) -> Checkpoint:
    """Look the branch up once more: it moved, and the host no longer gives the old commit.

    Raises:
        RefMoved: It has been looked up again already, or a commit was asked for.
    """
    if checkpoint.restarted:
        raise RefMoved("the branch keeps moving while it is fetched")
    return Checkpoint(request=checkpoint.request, restarted=True)


def _timed_stage(run: ScanRun, checkpoint: Checkpoint) -> Iterator[Checkpoint]:
    """The checkpoints of one stage, with the time each took added to the stage's."""
    stage, began = checkpoint.stage.value, time.monotonic()
    seconds = dict(checkpoint.seconds)
    for outcome in STAGES[checkpoint.stage](run, checkpoint):
        now = time.monotonic()
        seconds[stage] = round(seconds.get(stage, 0.0) + now - began, 4)
        if isinstance(outcome, str):
            yield checkpoint.moved(note=outcome or "waiting for the host")
        else:
            checkpoint = outcome.moved(seconds=dict(seconds))
            yield checkpoint
        began = time.monotonic()


def _warnings(ended: Checkpoint) -> list[str]:
    failed, partial = ended.index_stats.failed, ended.index_stats.partial
    warnings = []
    if failed:
        warnings.append(f"{failed} files could not be parsed; the next scan tries again")
    if partial:
        warnings.append(f"{partial} files have lines that their grammar could not read")
    return warnings
