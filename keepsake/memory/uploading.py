"""What the job of an upload does: its conversations are remembered, one after the other.

A checkpoint after each says where the next attempt goes on. Within one the ledger says it.
"""

import io
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from keepsake.inference import Usage
from keepsake.jobs import Attempt, HandBack, Permanent, Progress, Resources
from keepsake.memory.batch import Item, Outcome
from keepsake.memory.errors import NoTurns
from keepsake.memory.importing.archives import MAGIC, parts_of_archive
from keepsake.memory.importing.chats import turns_of
from keepsake.memory.importing.parts import UploadPart, parts_of
from keepsake.memory.importing.reading import SHAPES
from keepsake.memory.job_types import UploadPayload
from keepsake.memory.models import MemoryScope
from keepsake.memory.service import MemoryService, memory_service
from keepsake.memory.storing.spools import SpoolFile
from keepsake.memory.turn import Turn

_LOOKED_AFTER = 10
_ROUNDS = 5
_MOST_NAMED = 100
_NAME_CHARACTERS = 200
_NO_CHAT = "no conversation was found in it"


@dataclass(frozen=True, slots=True)
class _Done:
    """What is done of an upload: conversations, and turns by how they went.

    total: the conversations that were found; None before they were counted.
    """

    total: int | None = None
    conversations: int = 0
    empty: int = 0
    unread: int = 0
    named: list[dict[str, str]] = field(default_factory=list)
    turns: int = 0
    succeeded: int = 0
    skipped: int = 0
    failed: int = 0
    usage: dict[str, Any] = field(default_factory=dict)
    removed: bool = False

    def progress(self) -> Progress:
        return Progress(
            stage="ingest", done=self.conversations, total=self.total, unit="conversations",
            failed=self.unread,
        )  # fmt: skip

    def with_unread(self, part: UploadPart, why: str) -> "_Done":
        """Another one that could not be read, or not wholly."""
        name = {"conversation": part.name[-_NAME_CHARACTERS:], "error": why}
        named = [*self.named, name] if len(self.named) < _MOST_NAMED else self.named
        return replace(self, unread=self.unread + 1, named=named)

    def with_outcomes(self, outcomes: list[Outcome]) -> "_Done":
        counts = {
            status: getattr(self, status) + sum(each.status == status for each in outcomes)
            for status in ("succeeded", "skipped", "failed")
        }
        usages = [self.usage, *(each.report.usage for each in outcomes if each.report)]
        usage = Usage.total(usages).shown()
        return replace(self, turns=self.turns + len(outcomes), usage=usage, **counts)

    def result(self) -> dict[str, Any]:
        shown = asdict(self)
        for name in ("total", "removed", *(() if self.usage else ("usage",))):
            del shown[name]
        return shown


def remember_upload(
    attempt: Attempt, payload: UploadPayload, resources: Resources
) -> dict[str, Any]:
    """Remember the conversations of an upload; one that cannot be read keeps no other out.

    Raises:
        Permanent: It is gone, or there is no conversation in it.
    """
    memory = resources.of(memory_service)
    scope = MemoryScope(attempt.owner, payload.user_id)
    done = _Done(**(attempt.state or {}))
    if not done.removed:
        done = _all_remembered(attempt, payload, memory, scope, done)
        with suppress(HandBack):
            attempt.checkpoint(asdict(replace(done, removed=True)), done.progress())
    memory.spools.remove(scope, payload.spool_id)
    return done.result()


def _all_remembered(
    attempt: Attempt, payload: UploadPayload, memory: MemoryService, scope: MemoryScope, done: _Done
) -> _Done:
    file = memory.spools.opened(scope, payload.spool_id)
    if file is None:
        raise Permanent("the upload is gone; send it again")
    try:
        if done.total is None:
            done = _counted(attempt, file)
        for number, part in enumerate(_parts(file)):
            if number >= done.conversations:
                done = _remembered(attempt, payload, memory, scope, part, done)
    except NoTurns as error:
        raise Permanent.of(error) from error
    return done


def _counted(attempt: Attempt, file: SpoolFile) -> _Done:
    """How many conversations there are; that the upload can be read to its end shows here."""
    attempt.progress(Progress(stage="read", unit="conversations"))
    total = 0
    for _ in _parts(file):
        attempt.check()
        total += 1
    if not total:
        raise NoTurns(f"no conversation was found in it; what can be read is: {SHAPES}")
    done = _Done(total=total)
    attempt.checkpoint(asdict(done), done.progress())
    return done


def _parts(file: SpoolFile) -> Iterator[UploadPart]:
    if next(file.pieces(), b"").startswith(MAGIC):
        return parts_of_archive(io.BufferedReader(file.again()))
    return parts_of(file.pieces)


def _remembered(
    attempt: Attempt, payload: UploadPayload, memory: MemoryService, scope: MemoryScope,
    part: UploadPart, done: _Done,
) -> _Done:  # fmt: skip
    """Remember one conversation; what was done of it by an earlier attempt is not done again."""
    turns = _turns(part, payload.user_name)
    if isinstance(turns, str):
        done = done.with_unread(part, turns)
    elif not turns:
        done = replace(done, empty=done.empty + 1)
    else:
        items = [Item(done.turns + place, scope, turn) for place, turn in enumerate(turns)]
        outcomes = _ingested(attempt, memory, items, done)
        done = done.with_outcomes(outcomes)
        if errors := [outcome.error for outcome in outcomes if outcome.error]:
            done = done.with_unread(part, f"{len(errors)} turns failed: {errors[0]}")
    done = replace(done, conversations=done.conversations + 1)
    if done.conversations < (done.total or 0):
        attempt.checkpoint(asdict(done), done.progress())
    return done


def _turns(part: UploadPart, user_name: str) -> list[Turn] | str:
    """The turns of a conversation, or why there are none to be read."""
    try:
        chats = list(part.read())
        return list(turns_of(chats, user_name)) if chats else _NO_CHAT
    except NoTurns as error:
        return str(error)
    except Exception as error:  # noqa: BLE001 - what one holds must not keep the others out
        return f"it cannot be read: {type(error).__name__}"


def _ingested(
    attempt: Attempt, memory: MemoryService, items: list[Item], done: _Done
) -> list[Outcome]:
    """The outcomes of all items; a long conversation is handed back within, once it has got on.

    What other writers of the same memories kept from being written is tried again.
    """
    outcomes: dict[int, Outcome] = {}
    new = 0
    for _ in range(_ROUNDS):
        ingested = memory.batch.ingest(
            items, job_id=attempt.job_id, fence=attempt, accepted_at=attempt.claim.job.accepted_at
        )
        for outcome in ingested:
            attempt.check()
            outcomes[outcome.position] = outcome
            new += not (outcome.report and outcome.report.repeated)
            if new == _LOOKED_AFTER:
                new = 0
                attempt.checkpoint(attempt.state, done.progress())
        items = [item for item in items if outcomes[item.position].status == "failed"]
        if not items:
            break
    return list(outcomes.values())
