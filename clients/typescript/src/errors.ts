/** What can go wrong. Errors hold no request, so no key. */
import type { JobView } from "./generated/types.gen.ts";

/** Whatever this client throws, save for the reason of a signal that was aborted. */
export class KeepsakeError extends Error {
  /** Whether the same may succeed later. */
  readonly passing: boolean = false;
  /** Whether the service has surely done nothing with the request. */
  readonly untouched: boolean = false;
  /** Seconds for which the service asks to be left alone. */
  readonly retryAfter: number | undefined = undefined;

  constructor(message: string) {
    super(message);
    this.name = new.target.name;
  }
}

/** No answer came, or not to its end; what was asked for may or may not have been done. */
export class ConnectionFailed extends KeepsakeError {
  override readonly passing: boolean = true;
}

/** The answer is not what the service answers: another server stands at this address. */
export class UnexpectedAnswer extends KeepsakeError {}

/** The job has not ended within the time; it goes on. */
export class WaitTimeout extends KeepsakeError {}

/** The job was given up; `job.error` says why, and what to do about it. */
export class JobFailed extends KeepsakeError {
  readonly job: JobView;

  constructor(job: JobView) {
    super(
      `${job.job_id} (${job.type}) is ${job.status}: ${job.error?.message ?? "it says no more"}`,
    );
    this.job = job;
  }
}

/** The job was cancelled. */
export class JobCancelled extends JobFailed {}

/** What an answer that is no success says (RFC 9457). */
export interface ProblemFacts {
  readonly status: number;
  readonly kind: string;
  readonly detail: string;
  /** What else it says, such as `errors`, `possible` or `job_id`. */
  readonly members: Readonly<Record<string, unknown>>;
  /** The id by which the service's log names the request. */
  readonly requestId: string;
  readonly retryAfter: number | undefined;
}

const PASSING = new Set([408, 429, 502, 503, 504]);
const UNTOUCHED = new Set([408, 429]);

/** An answer that is no success. One of a kind that this version does not know is of this class. */
export class ProblemError extends KeepsakeError implements ProblemFacts {
  readonly status: number;
  readonly kind: string;
  readonly detail: string;
  readonly members: Readonly<Record<string, unknown>>;
  readonly requestId: string;
  override readonly retryAfter: number | undefined;
  override readonly passing: boolean;
  override readonly untouched: boolean;

  constructor(facts: ProblemFacts) {
    super(`${facts.detail} (${facts.status} ${facts.kind || "without a type"})`);
    this.status = facts.status;
    this.kind = facts.kind;
    this.detail = facts.detail;
    this.members = facts.members;
    this.requestId = facts.requestId;
    this.retryAfter = facts.retryAfter;
    this.passing = PASSING.has(facts.status);
    this.untouched = UNTOUCHED.has(facts.status);
  }
}
