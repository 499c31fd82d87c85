/** Memory: turns in, memories and answers out. `user_id` says whose; the owner's own without one. */
import type {
  BatchIngest,
  BatchItem,
  ContextView,
  Deleted,
  ErasureView,
  HitList,
  HitView,
  MemoriesListData,
  MemoriesTimelineData,
  MemoriesUsersData,
  MemoryAnswer,
  MemoryContextData,
  MemoryList,
  MemoryQuestion,
  MemoryUploadData,
  MemoryView,
  MemoryWithHistory,
  NewFact,
  Restore,
  Scrape,
  SearchRequest,
  StrictIngest,
  TimelineItem,
  TimelineList,
  UserList,
  UserView,
} from "./generated/types.gen.ts";
import { submitted, submittedCall, type Job, type SubmitOptions } from "./job.ts";
import { lines } from "./streams.ts";
import { json, path, type CallOptions, type Transport } from "./transport.ts";

/** Whose memory. */
export interface OfUser extends CallOptions {
  readonly user_id?: string;
}

/** What became of a turn, by domain. */
export type Remembered = Record<string, unknown>;

/** What became of an upload: its conversations, and their turns. */
export interface Uploaded {
  readonly conversations: number;
  /** In how many nobody said anything. */
  readonly empty: number;
  /** How many were not remembered, or not wholly; the first hundred are `named`. */
  readonly unread: number;
  readonly named: readonly { readonly conversation: string; readonly error: string }[];
  readonly turns: number;
  readonly succeeded: number;
  readonly skipped: number;
  readonly failed: number;
}

export class Memory {
  readonly #transport: Transport;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /** Remember a turn: what the user said, and what was answered. */
  add(turn: StrictIngest, options?: SubmitOptions): Promise<Job<Remembered>> {
    return submitted(this.#transport, "/v2/memory/ingest", turn, options);
  }

  /** Remember a fact by hand; it takes the place of another value of its attribute. */
  state(fact: NewFact, options?: SubmitOptions): Promise<Job<Record<string, unknown>>> {
    return submitted(this.#transport, "/v2/memory/memories", fact, options);
  }

  /** Remember 1 to 100 turns as one job, of which `job` says more; those of a user in order. */
  addMany(
    items: BatchItem[],
    options?: SubmitOptions,
    job: Omit<BatchIngest, "items"> = {},
  ): Promise<Job<{ results: Remembered[] }>> {
    return submitted(this.#transport, "/v2/memory/batch-ingest", { ...job, items }, options);
  }

  /** Remember a conversation: its `transcript`, or the `url` of a shared one. */
  import(conversation: Scrape, options?: SubmitOptions): Promise<Job> {
    return submitted(this.#transport, "/v2/memory/scrape", conversation, options);
  }

  /** Remember an export of another product, such as a blob of its file: `fs.openAsBlob(path)`. */
  upload(
    content: Blob,
    query: MemoryUploadData["query"] = {},
    options?: SubmitOptions,
  ): Promise<Job<Uploaded>> {
    return submittedCall(this.#transport, { path: "/v2/memory/uploads", query, content }, options);
  }

  /** Bring back lines of an export, with ids, history and provenance; what is there is skipped. */
  restore(wanted: Restore, options?: SubmitOptions): Promise<Job> {
    return submitted(this.#transport, "/v2/memory/import", wanted, options);
  }

  /** What is remembered of a user, for a prompt: `markdown`, within `max_tokens`. */
  context(
    wanted: MemoryContextData["query"] = {},
    options: CallOptions = {},
  ): Promise<ContextView> {
    return this.#transport.json({ ...options, path: "/v2/memory/context", query: wanted });
  }

  /** Find memories and turns by words and by meaning, best first. */
  async search(wanted: SearchRequest, options: CallOptions = {}): Promise<HitView[]> {
    const call = { ...options, method: "POST", body: wanted, repeatable: true };
    return (await this.#transport.json<HitList>({ ...call, path: "/v2/memory/search" })).hits;
  }

  /** Answer a question with citations of what holds, or held at `as_of`. */
  answer(question: MemoryQuestion, options: CallOptions = {}): Promise<MemoryAnswer> {
    const call = { ...options, method: "POST", body: question, repeatable: true };
    return this.#transport.json({ ...call, path: "/v2/memory/retrieve" });
  }

  /** Memories that hold now; with `history` also those that hold no longer. */
  async *list(
    filter: MemoriesListData["query"] = {},
    options: CallOptions = {},
  ): AsyncGenerator<MemoryView> {
    for await (const page of this.#transport.pages<MemoryList>(
      "/v2/memory/memories",
      filter,
      options,
    )) {
      yield* page.memories;
    }
  }

  /** One memory with its provenance and all of its versions. */
  get(id: string, { signal, ...query }: OfUser = {}): Promise<MemoryWithHistory> {
    return this.#transport.json({ path: path("/v2/memory/memories/{}", id), query, signal });
  }

  /** Say it anew: the new memory is answered, the old one becomes its history. */
  update(
    id: string,
    content: string,
    { signal, ...query }: OfUser = {},
  ): Promise<MemoryWithHistory> {
    const call = { method: "PATCH", path: path("/v2/memory/memories/{}", id), query, signal };
    return this.#transport.json({ ...call, body: { content } });
  }

  /** Delete a memory or a turn for good; how many went, since a turn takes some along. */
  async delete(id: string, { signal, ...query }: OfUser = {}): Promise<number> {
    const call = { method: "DELETE", path: path("/v2/memory/memories/{}", id), query, signal };
    return (await this.#transport.json<Deleted>(call)).deleted;
  }

  /** What happened to a user and what changed in what is known, the latest first. */
  async *timeline(
    filter: MemoriesTimelineData["query"] = {},
    options: CallOptions = {},
  ): AsyncGenerator<TimelineItem> {
    for await (const page of this.#transport.pages<TimelineList>(
      "/v2/memory/timeline",
      filter,
      options,
    )) {
      yield* page.entries;
    }
  }

  /** All turns and memories of a user, ended ones too; throws if it is cut off before its end. */
  async *export({ signal, ...query }: OfUser = {}): AsyncGenerator<MemoryView> {
    const answer = await this.#transport.stream({ path: "/v2/memory/export", query, signal });
    for await (const line of lines(answer)) yield json<MemoryView>(line);
  }
}

/** The owner's users. */
export class Users {
  readonly #transport: Transport;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /** The users of whom something was remembered, in the order of their ids. */
  async *list(
    filter: MemoriesUsersData["query"] = {},
    options: CallOptions = {},
  ): AsyncGenerator<UserView> {
    for await (const page of this.#transport.pages<UserList>("/v2/memory/users", filter, options)) {
      yield* page.users;
    }
  }

  /** Erase all that is kept of a user, with counts before and after. */
  erase(user_id: string, options: CallOptions = {}): Promise<ErasureView> {
    const call = { ...options, method: "DELETE" };
    return this.#transport.json({ ...call, path: path("/v2/memory/users/{}", user_id) });
  }
}
