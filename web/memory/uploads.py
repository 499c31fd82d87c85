"""`/v2/memory/uploads`: exports of other products, streamed to MongoDB and remembered by a job."""

import hashlib
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from pydantic import BaseModel, ConfigDict, Field

from keepsake.jobs import NewJob, Priority, lane_name
from keepsake.memory import PIECE_BYTES, UPLOAD, MemoryScope, Spool
from keepsake.storage import LengthFirst, StorageUnavailable
from web.dependencies import Held, Memory
from web.edge.body_limits import BoundedRoute
from web.edge.quota import Quota
from web.job_options import LABELS_MOST, PRIORITY, LabelPair, PriorityOption
from web.memory.turns import WHOSE, UserId, scope_of
from web.openapi.declared import fails
from web.problems import misfit
from web.settings import WebSettings
from web.submission import SUBMITS, SubmissionDep

PATH = "/v2/memory/uploads"
router = APIRouter(tags=["memory"], route_class=BoundedRoute)
_MOST_BYTES = WebSettings.model_fields["upload_limit_bytes"].default
"""As the document shows it; the setting bounds what is read."""
_SAID = '[{"role": "user", "content": "I live in Lisbon."}]'
_FILE = {
    "requestBody": {
        "required": True,
        "content": {
            "application/octet-stream": {
                "schema": {
                    "type": "string",
                    "format": "binary",
                    "maxLength": _MOST_BYTES,
                    "examples": [_SAID],
                }
            }
        },
    }
}


class UploadOptions(BaseModel):
    """Whose conversations an upload holds, and how its job is named."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    user_id: UserId = Field(default="", description=WHOSE)
    user_name: str = Field(
        default="", max_length=64, examples=["Ana"],
        description="Who is the user in chats between people; nobody when empty",
    )  # fmt: skip
    label: Annotated[list[LabelPair], Field(max_length=LABELS_MOST), LengthFirst()] = Field(
        default=[], description="Words of your own to find the job by: `name:value`"
    )
    priority: Priority = Field(default=UPLOAD.priority, description=PRIORITY)

    def of_job(self) -> PriorityOption:
        """The options of its job."""
        labels = dict(pair.split(":", 1) for pair in self.label)
        return PriorityOption(labels=labels, priority=self.priority)


@router.post(
    PATH,
    **{**SUBMITS, "openapi_extra": {**SUBMITS["openapi_extra"], **_FILE}},
    responses=fails(429, "too-many-streams")
    | fails(403, "quota-exceeded")
    | fails(503, "contended"),
)
async def upload(
    request: Request,
    wanted: Annotated[UploadOptions, Query()],
    submission: SubmissionDep,
    memory: Memory,
    held: Held,
    quota: Quota,
) -> Response:
    """Upload an export of another product, of any size allowed: JSON, JSON Lines, a page or a zip.

    The job is accepted when the upload is whole; one that breaks off leaves nothing. Its
    conversations are remembered one by one, beside what the user says meanwhile.
    """
    scope = scope_of(submission.caller.owner, wanted.user_id)
    await quota.require_room(submission.caller, _announced(request))
    with held.stream(scope.owner):
        spool = await run_in_threadpool(memory.spools.begin, scope)
        keep = False
        try:
            async with held.by(submission.caller):
                digest = await _received(request, spool)
            new = _job(scope, spool, digest, wanted.user_name, submission.key)
            try:
                accepted = await submission.accepted(new, wanted.of_job())
            except StorageUnavailable:
                keep = True  # the job may be accepted
                raise
            keep = accepted.created
            if keep:
                await run_in_threadpool(spool.give, accepted.job.id)
        finally:
            if not keep:
                await run_in_threadpool(memory.spools.remove, scope, spool.id)
    return await submission.described(accepted)


def _announced(request: Request) -> int:
    """The bytes of the body; 0 when it does not say."""
    length = request.headers.get("content-length", "")
    return int(length) if length.isdecimal() else 0


async def _received(request: Request, spool: Spool) -> str:
    """Keep the body, a piece at a time; what it is is returned.

    Raises:
        Problem: 413, when it is too large; 422, when it is empty.
    """
    digest, held, received = hashlib.sha256(), bytearray(), 0
    async for piece in request.stream():
        received += len(piece)
        digest.update(piece)
        held += piece
        while len(held) >= PIECE_BYTES:
            await run_in_threadpool(spool.append, bytes(held[:PIECE_BYTES]))
            del held[:PIECE_BYTES]
    if held:
        await run_in_threadpool(spool.append, bytes(held))
    elif not received:
        raise misfit("body", "", "An export is needed")
    await run_in_threadpool(spool.close)
    return digest.hexdigest()


def _job(scope: MemoryScope, spool: Spool, digest: str, user_name: str, key: str | None) -> NewJob:
    """Its lane is not that of the user's turns: these do not wait until all is remembered."""
    about: dict[str, Any] = {"user_id": scope.user_id, "user_name": user_name}
    return NewJob(
        type=UPLOAD.name, owner=scope.owner, payload={**about, "spool_id": spool.id},
        identity={**about, "sha256": digest}, key=key,
        lane=lane_name("memory-upload", scope.owner, scope.user_id),
    )  # fmt: skip
