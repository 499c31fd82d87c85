/** The jobs of the key's owner, and what was given up of them. */
import type {
  BulkDone,
  BulkRequest,
  DeadLetterPage,
  DeadLettersListData,
  ItemEvent,
  JobPage,
  JobsListData,
  JobView,
  LetterGroups,
  LetterGroupView,
  LetterView,
  LogEvent,
  ProgressEvent,
  StateEvent,
  UnfinishedJobs,
} from "./generated/types.gen.ts";
import { Job } from "./job.ts";
import { followed, type FollowOptions } from "./streams.ts";
import { json, path, type CallOptions, type Transport } from "./transport.ts";

/** What happens to an owner's jobs. Only the last event of several has an `id` to go on from. */
export type OwnerEvent =
  | { readonly event: "snapshot"; readonly id: string; readonly data: UnfinishedJobs }
  | { readonly event: "state"; readonly id: string; readonly data: StateEvent }
  | { readonly event: "progress"; readonly id: string; readonly data: ProgressEvent }
  | { readonly event: "item"; readonly id: string; readonly data: ItemEvent }
  | { readonly event: "log"; readonly id: string; readonly data: LogEvent }
  | { readonly event: "end"; readonly id: string; readonly data: JobView };

export class Jobs {
  readonly deadLetters: DeadLetters;
  readonly #transport: Transport;

  constructor(transport: Transport) {
    this.#transport = transport;
    this.deadLetters = new DeadLetters(transport);
  }

  /** A handle of a job. */
  async get<R = unknown>(id: string, options: CallOptions = {}): Promise<Job<R>> {
    const call = { ...options, path: path("/v1/jobs/{}", id) };
    return new Job<R>(this.#transport, await this.#transport.json(call));
  }

  /** Jobs, newest first, filtered by status, type and time. */
  async *list(filter: JobsListData["query"] = {}, options: CallOptions = {}): AsyncGenerator<Job> {
    for await (const page of this.#transport.pages<JobPage>("/v1/jobs", filter, options)) {
      yield* page.jobs.map((view) => new Job(this.#transport, view));
    }
  }

  /** What happens to all of them, from a snapshot of the unfinished ones on; it has no end. */
  async *events(options: FollowOptions = {}): AsyncGenerator<OwnerEvent> {
    for await (const { event, id, data } of followed(this.#transport, "/v1/jobs/events", options)) {
      yield { event, id, data: json(data) } as OwnerEvent;
    }
  }

  /** Cancel up to 1,000 jobs; with `dry_run` only count them. */
  cancelMany(which: BulkRequest, options: CallOptions = {}): Promise<BulkDone> {
    return this.#many("cancel", which, options);
  }

  /** Try again now up to 1,000 jobs that wait for their next try. */
  retryMany(which: BulkRequest, options: CallOptions = {}): Promise<BulkDone> {
    return this.#many("retry", which, options);
  }

  /** Make new jobs from up to 1,000 dead letters. */
  replayMany(which: BulkRequest, options: CallOptions = {}): Promise<BulkDone> {
    return this.#many("replay", which, options);
  }

  #many(action: string, body: BulkRequest, options: CallOptions): Promise<BulkDone> {
    return this.#transport.json({ ...options, method: "POST", path: `/v1/jobs:${action}`, body });
  }
}

/** What was given up, kept to be replayed. */
export class DeadLetters {
  readonly #transport: Transport;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /** Dead letters, newest first. */
  async *list(
    filter: DeadLettersListData["query"] = {},
    options: CallOptions = {},
  ): AsyncGenerator<LetterView> {
    for await (const page of this.#transport.pages<DeadLetterPage>(
      "/v1/dead-letters",
      filter,
      options,
    )) {
      yield* page.dead_letters;
    }
  }

  /** What open ones died of, the causes with most first; for operators by place. */
  async groups(owner?: string, options: CallOptions = {}): Promise<LetterGroupView[]> {
    const call = { ...options, path: "/v1/dead-letters/groups", query: { owner } };
    return (await this.#transport.json<LetterGroups>(call)).groups;
  }

  /** One dead letter, with what was asked for. */
  get(jobId: string, options: CallOptions = {}): Promise<LetterView> {
    return this.#transport.json({ ...options, path: path("/v1/dead-letters/{}", jobId) });
  }

  /** Make a new job of it. */
  async replay<R = unknown>(jobId: string, options: CallOptions = {}): Promise<Job<R>> {
    const call = { ...options, method: "POST", path: path("/v1/dead-letters/{}:replay", jobId) };
    return new Job<R>(this.#transport, await this.#transport.json(call));
  }

  /** Close it for good; what was asked for is erased. */
  async discard(jobId: string, options: CallOptions = {}): Promise<void> {
    const call = { ...options, method: "POST", path: path("/v1/dead-letters/{}:discard", jobId) };
    await this.#transport.send(call);
  }
}
