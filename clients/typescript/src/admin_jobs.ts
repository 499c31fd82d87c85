/** The jobs of all owners, for operators. */
import type {
  AdminBulkRequest,
  AdminJob,
  AdminJobDetails,
  AdminJobPage,
  AdminListJobsData,
  BulkDone,
  JobContent,
} from "./generated/types.gen.ts";
import { path, type Call, type CallOptions, type Transport } from "./transport.ts";

const JOBS = "/v1/admin/jobs";

export class AdminJobs {
  readonly #transport: Transport;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /** The jobs of all owners, newest first; all conditions of the filter hold. */
  async *list(
    filter: AdminListJobsData["query"] = {},
    options: CallOptions = {},
  ): AsyncGenerator<AdminJob> {
    for await (const page of this.#transport.pages<AdminJobPage>(JOBS, filter, options)) {
      yield* page.jobs;
    }
  }

  /** One job of any owner: its tries with what was raised where, and why it waits. */
  get(jobId: string, options: CallOptions = {}): Promise<AdminJobDetails> {
    return this.#transport.json({ ...options, path: path(`${JOBS}/{}`, jobId) });
  }

  /** The payload and the result of a job; needs the scope `operator:content`. */
  content(jobId: string, reason = "", options: CallOptions = {}): Promise<JobContent> {
    const url = path(`${JOBS}/{}/content`, jobId);
    return this.#transport.json({ ...options, path: url, query: { reason } });
  }

  /** Cancel a job: at once when it waits, else at its next checkpoint. */
  cancel(jobId: string, reason = "", options: CallOptions = {}): Promise<AdminJob> {
    return this.#act("cancel", jobId, { ...options, repeatable: true, body: { reason } });
  }

  /** Pause a job; later jobs of its lane wait for it. */
  pause(jobId: string, reason = "", options: CallOptions = {}): Promise<AdminJob> {
    return this.#act("pause", jobId, { ...options, repeatable: true, body: { reason } });
  }

  /** Let a paused job go on. */
  resume(jobId: string, options: CallOptions = {}): Promise<AdminJob> {
    return this.#act("resume", jobId, options);
  }

  /** Try again now what waits for its next try. */
  retry(jobId: string, options: CallOptions = {}): Promise<AdminJob> {
    return this.#act("retry", jobId, options);
  }

  /** Make a new job of its owner's from a dead letter. */
  replay(jobId: string, options: CallOptions = {}): Promise<AdminJob> {
    return this.#act("replay", jobId, options);
  }

  /** Cancel up to 1,000 jobs; with `dry_run` only count them. */
  cancelMany(which: AdminBulkRequest, options: CallOptions = {}): Promise<BulkDone> {
    return this.#many("cancel", which, { ...options, repeatable: true });
  }

  /** Pause up to 1,000 jobs. */
  pauseMany(which: AdminBulkRequest, options: CallOptions = {}): Promise<BulkDone> {
    return this.#many("pause", which, { ...options, repeatable: true });
  }

  /** Let up to 1,000 paused jobs go on. */
  resumeMany(which: AdminBulkRequest, options: CallOptions = {}): Promise<BulkDone> {
    return this.#many("resume", which, options);
  }

  /** Try again now up to 1,000 jobs that wait for their next try. */
  retryMany(which: AdminBulkRequest, options: CallOptions = {}): Promise<BulkDone> {
    return this.#many("retry", which, options);
  }

  /** Make new jobs from up to 1,000 dead letters. */
  replayMany(which: AdminBulkRequest, options: CallOptions = {}): Promise<BulkDone> {
    return this.#many("replay", which, options);
  }

  #act(action: string, jobId: string, call: Omit<Call, "path">): Promise<AdminJob> {
    const url = path(`${JOBS}/{}:${action}`, jobId);
    return this.#transport.json({ ...call, method: "POST", path: url });
  }

  #many(action: string, body: AdminBulkRequest, call: Omit<Call, "path">): Promise<BulkDone> {
    return this.#transport.json({ ...call, method: "POST", path: `${JOBS}:${action}`, body });
  }
}
