/** For operators; every act is audited. */
import { AdminJobs } from "./admin_jobs.ts";
import type {
  ActView,
  AdminOwnerMemoriesData,
  AdminOwnersData,
  Audit,
  DivergenceView,
  KeyList,
  KeyView,
  MadeKey,
  MemoryList,
  MemoryView,
  NewKey,
  QueueList,
  OwnerList,
  OwnerRuleBody,
  OwnerRuleView,
  QueueView,
  TimelinePoint,
  TimelineView,
  UsageView,
  WorkerList,
  WorkerView,
} from "./generated/types.gen.ts";
import { path, type CallOptions, type Transport } from "./transport.ts";

export class Admin {
  readonly jobs: AdminJobs;
  readonly #transport: Transport;

  constructor(transport: Transport) {
    this.#transport = transport;
    this.jobs = new AdminJobs(transport);
  }

  /** Each queue: what waits, what runs, how long the oldest has waited. */
  async queues(options: CallOptions = {}): Promise<QueueView[]> {
    return (await this.#get<QueueList>("/queues", options)).queues;
  }

  /** Let no further job of a queue start. */
  async pauseQueue(name: string, reason = "", options: CallOptions = {}): Promise<void> {
    const call = { ...options, method: "POST", body: { reason }, repeatable: true };
    await this.#transport.send({ ...call, path: path("/v1/admin/queues/{}:pause", name) });
  }

  /** Let a queue's jobs start again. */
  async resumeQueue(name: string, options: CallOptions = {}): Promise<void> {
    const call = { ...options, method: "POST", repeatable: true };
    await this.#transport.send({ ...call, path: path("/v1/admin/queues/{}:resume", name) });
  }

  /** The worker processes of the last day. */
  async workers(options: CallOptions = {}): Promise<WorkerView[]> {
    return (await this.#get<WorkerList>("/workers", options)).workers;
  }

  /** Let a worker claim nothing more: it finishes what it runs, and waits to be stopped. */
  async drainWorker(id: string, reason = "", options: CallOptions = {}): Promise<void> {
    const call = { ...options, method: "POST", body: { reason }, repeatable: true };
    await this.#transport.send({ ...call, path: path("/v1/admin/workers/{}:drain", id) });
  }

  /** Jobs by state and minute, oldest first; `step`: how many minutes are added up to one. */
  async timeline(
    minutes = 60,
    { step = 1, ...options }: CallOptions & { step?: number } = {},
  ): Promise<TimelinePoint[]> {
    const call = { ...options, path: "/v1/admin/timeline", query: { minutes, step } };
    return (await this.#transport.json<TimelineView>(call)).points;
  }

  /** The owners with most jobs. */
  owners(query: AdminOwnersData["query"] = {}, options: CallOptions = {}): Promise<OwnerList> {
    return this.#transport.json({ ...options, path: "/v1/admin/owners", query });
  }

  /** What is remembered of one of an owner's users; needs the scope `operator:content`. */
  async *memories(
    owner: string,
    filter: AdminOwnerMemoriesData["query"] = {},
    options: CallOptions = {},
  ): AsyncGenerator<MemoryView> {
    const url = path("/v1/admin/owners/{}/memories", owner);
    for await (const page of this.#transport.pages<MemoryList>(url, filter, options)) {
      yield* page.memories;
    }
  }

  /** How many of an owner's jobs may run at once, and their priority. */
  ownerRule(owner: string, options: CallOptions = {}): Promise<OwnerRuleView> {
    return this.#transport.json({ ...options, path: path("/v1/admin/owners/{}", owner) });
  }

  /** Set both; what is left out is lifted. */
  setOwnerRule(
    owner: string,
    body: OwnerRuleBody,
    options: CallOptions = {},
  ): Promise<OwnerRuleView> {
    const call = { ...options, method: "PUT", body, repeatable: true };
    return this.#transport.json({ ...call, path: path("/v1/admin/owners/{}", owner) });
  }

  /** How much an owner stores, by kind, and how much it may by the settings. */
  ownerUsage(owner: string, options: CallOptions = {}): Promise<UsageView> {
    return this.#transport.json({ ...options, path: path("/v1/admin/owners/{}/usage", owner) });
  }

  /** Where records and reality differ. */
  divergence(options: CallOptions = {}): Promise<DivergenceView> {
    return this.#get("/divergence", options);
  }

  /** The newest 500 keys, of one owner or of all. */
  async keys(owner = "", options: CallOptions = {}): Promise<KeyView[]> {
    const call = { ...options, path: "/v1/admin/keys", query: { owner } };
    return (await this.#transport.json<KeyList>(call)).keys;
  }

  /** Make a key. It is answered this once; a repeat would make another, so none is sent. */
  createKey(key: NewKey, options: CallOptions = {}): Promise<MadeKey> {
    const call = { ...options, method: "POST", path: "/v1/admin/keys", body: key };
    return this.#transport.json(call);
  }

  /** Revoke a key. */
  revokeKey(id: string, options: CallOptions = {}): Promise<KeyView> {
    const call = { ...options, method: "POST", repeatable: true };
    return this.#transport.json({ ...call, path: path("/v1/admin/keys/{}:revoke", id) });
  }

  /** What operators did, newest first. */
  async *audit(options: CallOptions = {}): AsyncGenerator<ActView> {
    for await (const page of this.#transport.pages<Audit>("/v1/admin/audit", {}, options)) {
      yield* page.acts;
    }
  }

  #get<T>(what: string, options: CallOptions): Promise<T> {
    return this.#transport.json({ ...options, path: `/v1/admin${what}` });
  }
}
