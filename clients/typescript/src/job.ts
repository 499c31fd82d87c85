/** A job's handle: wait for it, follow it, act on it. */
import { JobCancelled, JobFailed, WaitTimeout } from "./errors.ts";
import type {
  AttemptList,
  EffectView,
  ItemEvent,
  ItemPage,
  ItemView,
  JobEffects,
  JobResult,
  JobView,
  LogEvent,
  LogLine,
  LogList,
  ProgressEvent,
  StateEvent,
  UndoneView,
  AttemptView,
  WaitList,
  WaitView,
} from "./generated/types.gen.ts";
import { followed, type FollowOptions } from "./streams.ts";
import { json, path, sleep, type Call, type CallOptions, type Transport } from "./transport.ts";

/** What happens to a job. `id` is its revision; several events of one revision share the last's. */
export type JobEvent =
  | { readonly event: "snapshot" | "end"; readonly id: string; readonly data: JobView }
  | { readonly event: "state"; readonly id: string; readonly data: StateEvent }
  | { readonly event: "progress"; readonly id: string; readonly data: ProgressEvent }
  | { readonly event: "item"; readonly id: string; readonly data: ItemEvent }
  | { readonly event: "log"; readonly id: string; readonly data: LogEvent };

export interface WaitOptions extends CallOptions {
  /** How long to wait, in milliseconds; 600,000. The job goes on after it. */
  readonly timeout?: number;
  /** Called whenever the job has changed. */
  readonly onChange?: (job: JobView) => void;
}

/** How to submit. */
export interface SubmitOptions extends CallOptions {
  /** One is made for each call; calls with the same key are one job. */
  readonly idempotencyKey?: string;
}

const LONGEST_POLL = 30;
const NOT_MODIFIED = 304;
const ENDED: ReadonlySet<string> = new Set(["succeeded", "cancelled", "dead_letter"]);

/** A job that was submitted. `R` is what it gives. */
export class Job<R = unknown> {
  readonly #transport: Transport;
  #view: JobView;

  constructor(transport: Transport, view: JobView) {
    this.#transport = transport;
    this.#view = view;
  }

  get id(): string {
    return this.#view.job_id;
  }

  /** The job as it stood when this handle looked last. */
  get view(): JobView {
    return this.#view;
  }

  get ended(): boolean {
    return ENDED.has(this.#view.status);
  }

  /** Look where it stands now. */
  refresh(options: CallOptions = {}): Promise<JobView> {
    return this.#asked({ ...options, path: this.#path("") });
  }

  /** Wait for its end, whatever that is. */
  async wait({ timeout = 600_000, onChange, signal }: WaitOptions = {}): Promise<JobView> {
    const until = Date.now() + timeout;
    while (!this.ended) {
      const left = until - Date.now();
      if (left <= 0) {
        throw new WaitTimeout(`${this.id} has not ended in ${timeout} ms: ${this.#view.status}`);
      }
      const before = this.#view.revision;
      await this.#polled(left, onChange !== undefined, signal);
      if (this.#view.revision !== before) onChange?.(this.#view);
    }
    return this.#view;
  }

  /** Wait for what it gives; throws JobFailed or JobCancelled when it gives nothing. */
  async result(options: WaitOptions = {}): Promise<R> {
    const view = await this.wait(options);
    if (view.status === "cancelled") throw new JobCancelled(view);
    if (view.status !== "succeeded") throw new JobFailed(view);
    if (view.result_url === null) return view.result as R;
    const long = await this.#transport.json<JobResult>({
      path: this.#path("/result"),
      signal: options.signal,
    });
    return long.result as R;
  }

  /** What happens to it, until its end; a stream that breaks is taken up where it broke. */
  async *events(options: FollowOptions = {}): AsyncGenerator<JobEvent> {
    for await (const { event, id, data } of followed(
      this.#transport,
      this.#path("/events"),
      options,
    )) {
      const told = { event, id, data: json(data) } as JobEvent;
      if (told.event === "snapshot" || told.event === "end") this.#view = told.data;
      yield told;
      if (told.event === "end") return;
    }
  }

  /** Cancel it: at once when it waits, soon when it runs. */
  cancel(reason = "", options: CallOptions = {}): Promise<JobView> {
    return this.#asked({
      ...options,
      method: "POST",
      path: this.#path(":cancel"),
      body: { reason },
    });
  }

  /** Pause it; later jobs of its lane wait for it. */
  pause(reason = "", options: CallOptions = {}): Promise<JobView> {
    return this.#asked({
      ...options,
      method: "POST",
      path: this.#path(":pause"),
      body: { reason },
    });
  }

  /** Let it go on. */
  resume(options: CallOptions = {}): Promise<JobView> {
    return this.#asked({ ...options, method: "POST", path: this.#path(":resume") });
  }

  /** Try again now what waits for its next try. */
  retry(options: CallOptions = {}): Promise<JobView> {
    return this.#asked({ ...options, method: "POST", path: this.#path(":retry") });
  }

  /** Take back what it did to memories, as if it had never run. */
  undo(options: CallOptions = {}): Promise<UndoneView> {
    const call = { ...options, method: "POST", path: this.#path(":undo"), repeatable: true };
    return this.#transport.json(call);
  }

  /** What it did to memories. */
  async effects(options: CallOptions = {}): Promise<EffectView[]> {
    return (await this.#get<JobEffects>("/effects", options)).effects;
  }

  /** Its tries, newest first. */
  async attempts(options: CallOptions = {}): Promise<AttemptView[]> {
    return (await this.#get<AttemptList>("/attempts", options)).attempts;
  }

  /** Why it waits: for its time, its lane, its queue, a worker; nothing once it has ended. */
  async waits(options: CallOptions = {}): Promise<WaitView[]> {
    return (await this.#get<WaitList>("/waits", options)).waits;
  }

  /** What it said on its way. */
  async logs(options: CallOptions = {}): Promise<LogLine[]> {
    return (await this.#get<LogList>("/logs", options)).logs;
  }

  /** How each item of a batch went. */
  async *items(options: CallOptions = {}): AsyncGenerator<ItemView> {
    for await (const page of this.#transport.pages<ItemPage>(this.#path("/items"), {}, options)) {
      yield* page.items;
    }
  }

  /** Erase its record, once it has ended; what it did stays. */
  async erase(options: CallOptions = {}): Promise<void> {
    await this.#transport.send({ ...options, method: "DELETE", path: this.#path("") });
  }

  #path(what: string): string {
    return path("/v1/jobs/{}", this.id) + what;
  }

  #get<T>(what: string, options: CallOptions): Promise<T> {
    return this.#transport.json({ ...options, path: this.#path(what) });
  }

  async #asked(call: Call): Promise<JobView> {
    const answer = await this.#transport.send(call);
    if (answer.status !== NOT_MODIFIED) this.#view = json(answer.text);
    return this.#view;
  }

  /** Ask for the end, or for a change, and let the service wait before it answers. */
  async #polled(left: number, changes: boolean, signal?: AbortSignal): Promise<void> {
    const wait = Math.min(Math.floor(left / 1000), LONGEST_POLL);
    if (wait === 0) await sleep(left, signal); // less than the service can wait
    const headers = changes ? { "If-None-Match": `"${this.#view.revision}"` } : {};
    const call = { path: this.#path(""), query: { wait }, headers, signal };
    await this.#asked({ ...call, wait: wait * 1000, retryFor: left });
  }
}

/** Submit a job. The key makes a repeat harmless, so it is sent again where that may help. */
export async function submitted<R>(
  transport: Transport,
  path: string,
  body: object,
  options: SubmitOptions = {},
): Promise<Job<R>> {
  return submittedCall<R>(transport, { path, body }, options);
}

export async function submittedCall<R>(
  transport: Transport,
  asked: Call,
  { idempotencyKey = crypto.randomUUID(), signal }: SubmitOptions = {},
): Promise<Job<R>> {
  const headers = { "Idempotency-Key": idempotencyKey };
  const call = { ...asked, method: "POST", headers, signal, repeatable: true };
  return new Job<R>(transport, await transport.json<JobView>(call));
}
