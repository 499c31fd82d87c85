"""A class for each kind of problem that the service answers with, by `kind`."""

from typing import Any

from keepsake_client.errors import PassingProblem, Problem, RefusedForNow

_PASSING = frozenset({408, 429, 502, 503, 504})
"""Answers that may be others later; proxies give them too, without a type."""


class Unauthorized(Problem):
    """The API key is missing, unknown, revoked or expired."""

    kind = "unauthorized"


class Forbidden(Problem):
    """The key is good, but its role or scopes are not enough."""

    kind = "forbidden"


class JobNotFound(Problem):
    """There is no such job, or it is another owner's."""

    kind = "job-not-found"


class ScheduleNotFound(Problem):
    """There is no such schedule, or it is another owner's."""

    kind = "schedule-not-found"


class WebhookNotFound(Problem):
    """There is no such webhook, or it is another owner's."""

    kind = "webhook-not-found"


class KeyNotFound(Problem):
    """There is no such API key."""

    kind = "key-not-found"


class WorkerNotFound(Problem):
    """There is no such worker process."""

    kind = "worker-not-found"


class NotIndexed(Problem):
    """Nothing of that name is indexed for this owner; `members` may name `owners` who share one."""

    kind = "not-indexed"


class NotAMember(Problem):
    """The key names none of these organisations."""

    kind = "not-a-member"


class OwnerNeeded(Problem):
    """Several public indexes have this name."""

    kind = "owner-needed"


class VaultClosed(PassingProblem):
    """The operator has to set KEEPSAKE_SECRET_KEY before tokens can be kept."""

    kind = "vault-closed"


class IllegalMove(Problem):
    """The job's state does not allow it; `members["possible"]` lists what may be asked."""

    kind = "illegal-move"


class DeadLetterClosed(Problem):
    """The dead letter was replayed or discarded before."""

    kind = "dead-letter-closed"


class IdempotencyKeyReused(Problem):
    """The key stands for another payload."""

    kind = "idempotency-key-reused"


class IdempotencyKeyMalformed(Problem):
    """A key is 1 to 255 printable ASCII characters without spaces."""

    kind = "idempotency-key-malformed"


class InvalidRequest(Problem):
    """A field does not fit; `members["errors"]` says which, and why."""

    kind = "invalid-request"


class StorageUnavailable(PassingProblem):
    """The service's database is away."""

    kind = "storage-unavailable"


class RecordUnreadable(PassingProblem):
    """The record is of another version, or damaged."""

    kind = "record-unreadable"


class Contended(RefusedForNow):
    """Other writers kept changing the same memories; nothing was written."""

    kind = "contended"


class JobNotFinished(Problem):
    """The job has no result yet."""

    kind = "job-not-finished"


class NoResult(Problem):
    """The job ended without a result."""

    kind = "no-result"


class EventIdMalformed(Problem):
    """It is no id of this stream."""

    kind = "event-id-malformed"


class PageTokenMalformed(Problem):
    """It is no token of this list."""

    kind = "page-token-malformed"


class MalformedHeader(Problem):
    """A header is missing, odd, or came more than once."""

    kind = "malformed-header"


class MalformedJson(Problem):
    """The body is no JSON."""

    kind = "malformed-json"


class UnsupportedMediaType(Problem):
    """The body's media type is not served."""

    kind = "unsupported-media-type"


class BodyTooLarge(Problem):
    """The body is larger than `members["limit_bytes"]`."""

    kind = "body-too-large"


class HeadTooLarge(Problem):
    """The headers or the URL are too long."""

    kind = "head-too-large"


class MalformedHttp(Problem):
    """It was no HTTP request when it arrived."""

    kind = "malformed-http"


class RequestTooSlow(PassingProblem):
    """The request did not come to its end in time."""

    kind = "request-too-slow"


class TooManyConnections(RefusedForNow):
    """The web process has no room for another connection."""

    kind = "too-many-connections"


class TooManyRequests(RefusedForNow):
    """The owner's requests of this second are spent."""

    kind = "too-many-requests"


class TooManyStreams(RefusedForNow):
    """The owner has `members["limit"]` streams open."""

    kind = "too-many-streams"


class BacklogFull(RefusedForNow):
    """Too many of the owner's jobs are unfinished."""

    kind = "backlog-full"


class QuotaExceeded(Problem):
    """The owner stores as much as it may, `members["limit_bytes"]`."""

    kind = "quota-exceeded"


class NotServed(Problem):
    """The path, the method or the media type is not served."""

    kind = "http"


class MemoryNotFound(Problem):
    """The user has no such memory."""

    kind = "memory-not-found"


class HostNeeded(Problem):
    """Several hosts have a repository of this name: `members["hosts"]`."""

    kind = "host-needed"


class DeliveryRefused(Problem):
    """No hook of this address takes the delivery; git hosts see it."""

    kind = "delivery-refused"


class HookNotFound(Problem):
    """No such hook, or another owner's."""

    kind = "hook-not-found"


class TokenNeeded(Problem):
    """The git host refused access before: give the repository a new token, or scan with one."""

    kind = "token-needed"


class JobsUnfinished(Problem):
    """Jobs would write again: cancel those in `members["job_ids"]`, or wait for their end."""

    kind = "jobs-unfinished"


class NotUndoable(Problem):
    """Only what a job did to memories can be taken back."""

    kind = "not-undoable"


class RepositoryUnreadable(Problem):
    """The git host gives no such repository."""

    kind = "repository-unreadable"


class RepositoryUnreachable(PassingProblem):
    """The git host did not answer, or not to the end."""

    kind = "repository-unreachable"


class TimedOut(PassingProblem):
    """It took longer than the operator allows."""

    kind = "timed-out"


class Unreadable(Problem):
    """No conversation could be read there."""

    kind = "unreadable"


class Internal(Problem):
    """A fault of the service's; it was logged."""

    kind = "internal"


def _below(cls: type[Problem]) -> "list[type[Problem]]":
    return [kind for below in cls.__subclasses__() for kind in (below, *_below(below))]


BY_KIND: dict[str, type[Problem]] = {cls.kind: cls for cls in _below(Problem) if cls.kind}
"""The classes by the last part of the type that the service names."""


def problem_of(status: int, document: Any, **about: Any) -> Problem:
    """The error of an answer that is no success; document: its JSON, if it has any.

    about: `request_id` and `retry_after` of its head.
    """
    members = dict(document) if isinstance(document, dict) else {}
    kind = str(members.pop("type", "")).rpartition("#")[2]
    detail = str(members.pop("detail", "") or f"The answer was {status}.")
    cls = BY_KIND.get(kind) or (PassingProblem if status in _PASSING else Problem)
    return cls(detail, status=status, kind=kind, members=members, **about)
