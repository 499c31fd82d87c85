"""The only map from errors to HTTP answers: problem details (RFC 9457), and `Retry-After`."""

import random
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any

from fastapi.exceptions import RequestValidationError

from keepsake.jobs import (
    ENDED,
    DeadLetterClosed,
    IllegalMove,
    Job,
    JobNotFound,
    KeyMalformed,
    KeyReused,
    ScheduleNotFound,
    VaultClosed,
)
from keepsake.memory import Contended, NoSuchMemory
from keepsake.scanner import FileSkipped, NotIndexed, QueryProblem, TokenNeeded
from keepsake.storage import StorageError, StorageUnavailable, Unreadable
from keepsake.webhooks import NoSuchWebhook

TYPES = "/problems#"
_FAULTS_MOST, _NAME_CHARACTERS, _RULE_CHARACTERS = 20, 64, 300
"""So that all faults of an answer take less than 16 KB."""
KINDS: dict[str, str] = {
    "unauthorized": "Send a good API key: Authorization: Bearer <key>.",
    "delivery-refused": "No hook of this address takes the delivery: check its address and secret.",
    "hook-not-found": "No such hook, or another owner's; list them.",
    "forbidden": "The key is good, but its role is not enough.",
    "job-not-found": "No such job, or another owner's; check the id.",
    "webhook-not-found": "No such webhook, or another owner's; list them.",
    "schedule-not-found": "No such schedule, or another owner's; list them.",
    "key-not-found": "No such API key; list them.",
    "worker-not-found": "No such worker process; list them.",
    "not-indexed": "Nothing of that name is indexed for this owner; scan it first, or name one of "
    "`owners` that share one.",
    "not-a-member": "An index is shared with organisations that the caller's key names, no others.",
    "owner-needed": "Several public indexes have this name; `/v2` tells them apart by `?owner=`.",
    "vault-closed": "The operator has to set KEEPSAKE_SECRET_KEY before tokens can be kept.",
    "token-needed": "The git host refused access before: `PUT …/credential` a new token for the "
    "repository, or send the scan with one.",
    "illegal-move": "The job's state does not allow it; `possible` lists what may be asked.",
    "dead-letter-closed": "The dead letter was replayed or discarded before.",
    "idempotency-key-reused": "The key stands for another payload; choose a new key.",
    "idempotency-key-malformed": "A key is 1 to 255 printable ASCII characters, no spaces.",
    "invalid-request": "`errors` says where the request does not fit, and why.",
    "storage-unavailable": "The database is away; wait `Retry-After` and send the same again.",
    "record-unreadable": "It is of another version, or damaged; ask again, or report the id.",
    "contended": "Other writers kept changing the same memories; wait `Retry-After`.",
    "job-not-finished": "The job has no result yet; wait `Retry-After`, or ask with `?wait=`.",
    "no-result": "The job ended without a result; its `error` says why.",
    "event-id-malformed": "Not an id of this stream; connect again without `Last-Event-ID`.",
    "page-token-malformed": "Not a token of this list; start again without it.",
    "malformed-header": "`detail` names a header that is missing, odd, or came more than once.",
    "malformed-json": "The body is no JSON; `position` says where it stops being any.",
    "unsupported-media-type": "Send the media type that the operation documents.",
    "body-too-large": "Send less at once; `limit_bytes` says how much is allowed.",
    "head-too-large": "Send fewer or shorter headers, or a shorter URL.",
    "malformed-http": "It is no HTTP request; a proxy or client garbled it.",
    "request-too-slow": "Send the request in one go; it did not come to its end in time.",
    "too-many-connections": "The process has no room; wait `Retry-After`, then connect again.",
    "too-many-requests": "The owner's requests are spent; wait `Retry-After`.",
    "too-many-streams": "The owner has `limit` streams open; close one, or share one.",
    "backlog-full": "Too many of the owner's jobs are unfinished; wait `Retry-After`.",
    "quota-exceeded": "The owner stores as much as it may (`limit_bytes`); delete or erase some.",
    "http": "The path, the method or the media type is not served.",
    "memory-not-found": "No such memory of that user's; check the id and `user_id`.",
    "host-needed": "Several `hosts` have a repository of this name; say which with `?host=`.",
    "jobs-unfinished": "Jobs of `job_ids` would write again; cancel them or wait for their end.",
    "not-undoable": "Only what a job did to memories can be taken back.",
    "repository-unreadable": "`reason` says why the git host gives no such repository.",
    "repository-unreachable": "The git host did not answer, or not to the end; try again.",
    "timed-out": "It took longer than the operator allows; what was done is not done twice.",
    "unreadable": "No conversation could be read there; send another link or file.",
    "internal": "A fault on our side; it was logged. Try again, or report it.",
}
"""Every kind of problem and how to mend it; served at `/problems`."""


def retry_headers(job: Job) -> dict[str, str]:
    """The header of an answer that a job may still change; none once it has ended."""
    return {} if job.state in ENDED else {"Retry-After": str(job.poll_after_seconds)}


def after_outage() -> str:
    """Seconds to wait for a server that is away; spread, so that not all clients return at once."""
    return str(random.randint(1, 4))  # noqa: S311


class Problem(Exception):
    """An answer that is not a success.

    kind: the slug of its type, documented under `TYPES`.
    """

    def __init__(
        self,
        status: int,
        kind: str,
        detail: str,
        *,
        headers: Mapping[str, str] | None = None,
        **members: Any,
    ) -> None:
        self.status = status
        self.kind = kind
        self.detail = detail
        self.headers = dict(headers or {})
        self.members = members
        super().__init__(detail)

    def body(self) -> dict[str, Any]:
        """The problem document."""
        return {
            "type": f"{TYPES}{self.kind}",
            "title": HTTPStatus(self.status).phrase,
            "status": self.status,
            "detail": self.detail,
            **self.members,
        }


def translate(error: Exception) -> Problem:
    """The problem that an error of ours is to a client."""
    if isinstance(error, Problem):
        return error
    for kind, to_problem in _MAP:
        if isinstance(error, kind):
            return to_problem(error)
    return Problem(500, "internal", "Something went wrong on our side; it was logged.")


def _job_not_found(_: Any) -> Problem:
    return Problem(404, "job-not-found", "There is no such job.")


def _schedule_not_found(_: Any) -> Problem:
    return Problem(404, "schedule-not-found", "There is no such schedule.")


def _webhook_not_found(_: Exception) -> Problem:
    return Problem(404, "webhook-not-found", "There is no such webhook.")


def _illegal_move(error: Any) -> Problem:
    detail = f"{str(error).capitalize()}."
    job, possible = error.job, error.possible
    return Problem(
        409, "illegal-move", detail, headers=retry_headers(job), state=job.state, possible=possible
    )


def _key_reused(error: Any) -> Problem:
    detail = "This Idempotency-Key was used with another payload; choose a new key."
    return Problem(422, "idempotency-key-reused", detail, job_id=error.job_id)


def _key_malformed(error: Any) -> Problem:
    return Problem(400, "idempotency-key-malformed", f"{str(error).capitalize()}.")


def _storage_unavailable(_: Any) -> Problem:
    detail = "The database does not answer. Send the same again: a job counts once."
    headers = {"Retry-After": after_outage()}
    return Problem(503, "storage-unavailable", detail, headers=headers)


def _unreadable(_: Any) -> Problem:
    detail = "This version cannot read or change the record; during a deploy another one can."
    headers = {"Retry-After": after_outage()}
    return Problem(503, "record-unreadable", detail, headers=headers)


def _vault_closed(_: Any) -> Problem:
    detail = "This service keeps no secrets: its operator has set no KEEPSAKE_SECRET_KEY."
    return Problem(503, "vault-closed", detail, headers={"Retry-After": "60"})


def _contended(_: Any) -> Problem:
    detail = "Other writers kept changing the same memories. Try again."
    return Problem(503, "contended", detail, headers={"Retry-After": after_outage()})


def _no_such_memory(_: Any) -> Problem:
    return Problem(404, "memory-not-found", "The user has no such memory.")


def _skipped(error: Any) -> Problem:
    return Problem(404, "not-indexed", f"{str(error).capitalize()}.", reason=error.reason)


def _not_indexed(error: Any) -> Problem:
    if not error.owners:
        return Problem(404, "not-indexed", "Nothing of that name is indexed.")
    detail = "None of that name is the caller's; `owners` share one: say whose with `?owner=`."
    return Problem(404, "not-indexed", detail, owners=error.owners)


def _token_needed(error: Any) -> Problem:
    return Problem(409, "token-needed", f"{str(error).capitalize()}.")


def _dead_letter_closed(error: Any) -> Problem:
    return Problem(409, "dead-letter-closed", f"{str(error).capitalize()}.", state=error.status)


def _query_problem(error: Any) -> Problem:
    """A query that cannot be read; characters are counted from 0."""
    reason = f"{error} at character {error.position}; expected {error.expected}"
    problem = misfit("query", "/q", reason)
    problem.members |= {"position": error.position, "expected": error.expected}
    return problem


_MAP: tuple[tuple[type[Exception], Callable[[Any], Problem]], ...] = (
    (JobNotFound, _job_not_found),
    (ScheduleNotFound, _schedule_not_found),
    (NoSuchWebhook, _webhook_not_found),
    (IllegalMove, _illegal_move),
    (NoSuchMemory, _no_such_memory),
    (FileSkipped, _skipped),
    (NotIndexed, _not_indexed),
    (TokenNeeded, _token_needed),
    (QueryProblem, _query_problem),
    (KeyReused, _key_reused),
    (KeyMalformed, _key_malformed),
    (DeadLetterClosed, _dead_letter_closed),
    (Contended, _contended),
    (VaultClosed, _vault_closed),
    (StorageUnavailable, _storage_unavailable),
    (Unreadable, _unreadable),
)

ERRORS: tuple[type[Exception], ...] = (*(kind for kind, _ in _MAP), StorageError)
"""The errors of ours that are answers."""


def invalid(error: RequestValidationError, media_type: str = "") -> Problem:
    """A request that does not fit its schema: where, what, and no echo of the input."""
    faults = error.errors()
    for fault in faults:
        if fault["type"] == "json_invalid":
            return _malformed_json(fault)
        if tuple(fault["loc"]) == ("body",) and media_type and "json" not in media_type:
            detail = "The body's media type is not served here; send `application/json`."
            return Problem(415, "unsupported-media-type", detail)
    where, pointer, reason = _fault(faults[0])
    problem = misfit(where, pointer, reason, *map(_fault, faults[1:_FAULTS_MOST]))
    if len(faults) > _FAULTS_MOST:
        problem.members["more"] = len(faults) - _FAULTS_MOST
    return problem


def misfit(where: str, pointer: str, reason: str, *others: tuple[str, str, str]) -> Problem:
    """The answer to what does not fit: in which part of the request, where there, and the rule."""
    errors = [
        {"pointer": pointer, "in": where, "detail": reason}
        for where, pointer, reason in ((where, pointer, reason), *others)
    ]
    return Problem(422, "invalid-request", f"{pointer or where}: {reason}", errors=errors)


def _fault(fault: dict[str, Any]) -> tuple[str, str, str]:
    return str(fault["loc"][0]), _pointer(fault["loc"]), str(fault["msg"])[:_RULE_CHARACTERS]


def _malformed_json(fault: dict[str, Any]) -> Problem:
    reason = fault.get("ctx", {}).get("error", "it cannot be read")
    position = fault["loc"][-1]
    detail = f"The body is not JSON: {reason} at position {position}."
    return Problem(400, "malformed-json", detail, position=position)


def _pointer(location: tuple[int | str, ...]) -> str:
    """A JSON pointer (RFC 6901) into the body; the names of a client's own fields are cut."""
    parts = (
        str(part)[:_NAME_CHARACTERS].replace("~", "~0").replace("/", "~1") for part in location[1:]
    )
    return "".join(f"/{part}" for part in parts)
