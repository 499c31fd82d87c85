/** Memory: turns in, memories and answers out. `user_id` says whose; the owner's own without one. */
import type {
  BatchIngest,
  BatchItem,
  Deleted,
  ErasureView,
  HitList,
  HitView,
  MemoriesListData,
  MemoryAnswer,
  MemoryList,
  MemoryQuestion,
  MemoryView,
  MemoryWithHistory,
  Restore,
  Scrape,
  SearchRequest,
  StrictIngest,
} from "./generated/types.gen.ts";
import { submitted, type Job, type SubmitOptions } from "./job.ts";
import { lines } from "./streams.ts";
import { json, path, type CallOptions, type Transport } from "./transport.ts";

/** Whose memory. */
export interface OfUser extends CallOptions {
  readonly user_id?: string;
}

/** What became of a turn, by domain. */
export type Remembered = Record<string, unknown>;

export class Memory {
  readonly #transport: Transport;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /** Remember a turn: what the user said, and what was answered. */
  add(turn: StrictIngest, options?: SubmitOptions): Promise<Job<Remembered>> {
    return submitted(this.#transport, "/v2/memory/ingest", turn, options);
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

  /** Bring back lines of an export, with ids, history and provenance; what is there is skipped. */
  restore(wanted: Restore, options?: SubmitOptions): Promise<Job> {
    return submitted(this.#transport, "/v2/memory/import", wanted, options);
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

  /** Erase all that is kept of a user, with counts before and after. */
  erase(user_id: string, options: CallOptions = {}): Promise<ErasureView> {
    const call = { ...options, method: "DELETE" };
    return this.#transport.json({ ...call, path: path("/v2/memory/users/{}", user_id) });
  }
}
