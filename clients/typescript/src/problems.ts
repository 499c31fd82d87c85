/** A class for each kind of problem; `GET /problems` says how to mend each. */
import { ProblemError, type ProblemFacts } from "./errors.ts";

export class Unauthorized extends ProblemError {}
export class Forbidden extends ProblemError {}
export class JobNotFound extends ProblemError {}
export class ScheduleNotFound extends ProblemError {}
export class WebhookNotFound extends ProblemError {}
export class KeyNotFound extends ProblemError {}
export class WorkerNotFound extends ProblemError {}
export class NotIndexed extends ProblemError {}
export class NotAMember extends ProblemError {}
export class OwnerNeeded extends ProblemError {}
export class VaultClosed extends ProblemError {}
export class IllegalMove extends ProblemError {}
export class DeadLetterClosed extends ProblemError {}
export class IdempotencyKeyReused extends ProblemError {}
export class IdempotencyKeyMalformed extends ProblemError {}
export class InvalidRequest extends ProblemError {}
export class StorageUnavailable extends ProblemError {}
export class RecordUnreadable extends ProblemError {}
export class Contended extends ProblemError {}
export class JobNotFinished extends ProblemError {}
export class NoResult extends ProblemError {}
export class EventIdMalformed extends ProblemError {}
export class PageTokenMalformed extends ProblemError {}
export class MalformedHeader extends ProblemError {}
export class MalformedJson extends ProblemError {}
export class UnsupportedMediaType extends ProblemError {}
export class BodyTooLarge extends ProblemError {}
export class HeadTooLarge extends ProblemError {}
export class MalformedHttp extends ProblemError {}
export class RequestTooSlow extends ProblemError {}
export class TooManyConnections extends ProblemError {}
export class TooManyRequests extends ProblemError {}
export class TooManyStreams extends ProblemError {}
export class BacklogFull extends ProblemError {}
export class QuotaExceeded extends ProblemError {}
export class NotServed extends ProblemError {}
export class MemoryNotFound extends ProblemError {}
export class HostNeeded extends ProblemError {}
export class DeliveryRefused extends ProblemError {}
export class HookNotFound extends ProblemError {}
export class TokenNeeded extends ProblemError {}
export class JobsUnfinished extends ProblemError {}
export class NotUndoable extends ProblemError {}
export class RepositoryUnreadable extends ProblemError {}
export class RepositoryUnreachable extends ProblemError {}
export class TimedOut extends ProblemError {}
export class Unreadable extends ProblemError {}
export class InternalFault extends ProblemError {}

/** The class of each kind, by its slug. */
export const PROBLEMS: Readonly<Record<string, new (facts: ProblemFacts) => ProblemError>> = {
  unauthorized: Unauthorized,
  forbidden: Forbidden,
  "job-not-found": JobNotFound,
  "schedule-not-found": ScheduleNotFound,
  "webhook-not-found": WebhookNotFound,
  "key-not-found": KeyNotFound,
  "worker-not-found": WorkerNotFound,
  "not-indexed": NotIndexed,
  "not-a-member": NotAMember,
  "owner-needed": OwnerNeeded,
  "vault-closed": VaultClosed,
  "illegal-move": IllegalMove,
  "dead-letter-closed": DeadLetterClosed,
  "idempotency-key-reused": IdempotencyKeyReused,
  "idempotency-key-malformed": IdempotencyKeyMalformed,
  "invalid-request": InvalidRequest,
  "storage-unavailable": StorageUnavailable,
  "record-unreadable": RecordUnreadable,
  contended: Contended,
  "job-not-finished": JobNotFinished,
  "no-result": NoResult,
  "event-id-malformed": EventIdMalformed,
  "page-token-malformed": PageTokenMalformed,
  "malformed-header": MalformedHeader,
  "malformed-json": MalformedJson,
  "unsupported-media-type": UnsupportedMediaType,
  "body-too-large": BodyTooLarge,
  "head-too-large": HeadTooLarge,
  "malformed-http": MalformedHttp,
  "request-too-slow": RequestTooSlow,
  "too-many-connections": TooManyConnections,
  "too-many-requests": TooManyRequests,
  "too-many-streams": TooManyStreams,
  "backlog-full": BacklogFull,
  "quota-exceeded": QuotaExceeded,
  http: NotServed,
  "memory-not-found": MemoryNotFound,
  "host-needed": HostNeeded,
  "delivery-refused": DeliveryRefused,
  "hook-not-found": HookNotFound,
  "token-needed": TokenNeeded,
  "jobs-unfinished": JobsUnfinished,
  "not-undoable": NotUndoable,
  "repository-unreadable": RepositoryUnreadable,
  "repository-unreachable": RepositoryUnreachable,
  "timed-out": TimedOut,
  unreadable: Unreadable,
  internal: InternalFault,
};

/** The error of an answer: of its kind's class, where this version knows it. */
export function problemOf(status: number, headers: Headers, text: string): ProblemError {
  const { type, title, status: _, detail, ...members } = parsed(text);
  const kind = String(type ?? "").split("#")[1] ?? "";
  const retryAfter = headers.get("retry-after") ?? "";
  return new (PROBLEMS[kind] ?? ProblemError)({
    status,
    kind,
    detail: String(detail ?? title ?? "an answer without a problem document"),
    members,
    requestId: headers.get("x-request-id") ?? "",
    retryAfter: /^\d+$/.test(retryAfter) ? Number(retryAfter) : undefined,
  });
}

function parsed(text: string): Record<string, unknown> {
  try {
    const document: unknown = JSON.parse(text);
    return typeof document === "object" && document !== null ? { ...document } : {};
  } catch {
    return {}; // a proxy's page
  }
}
