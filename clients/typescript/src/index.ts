/** The client of Keepsake: durable memory and code search for AI agents. */
import { Code } from "./code.ts";
import { Admin } from "./admin.ts";
import { Jobs } from "./jobs.ts";
import { Memory, Users } from "./memory.ts";
import type { ConsoleLink, UsageView } from "./generated/types.gen.ts";
import { Transport, type CallOptions, type Settings } from "./transport.ts";
import { Webhooks } from "./webhooks.ts";

/** A client. It keeps no connection of its own, and shows its key to nobody. */
export class Keepsake {
  readonly memory: Memory;
  readonly code: Code;
  readonly jobs: Jobs;
  readonly users: Users;
  readonly webhooks: Webhooks;
  readonly admin: Admin;
  readonly #transport: Transport;

  constructor(settings: Settings) {
    const transport = new Transport(settings);
    this.#transport = transport;
    this.memory = new Memory(transport);
    this.code = new Code(transport);
    this.jobs = new Jobs(transport);
    this.users = new Users(transport);
    this.webhooks = new Webhooks(transport);
    this.admin = new Admin(transport);
  }

  /** How much the key's owner stores, by kind, and how much it may. */
  usage(options: CallOptions = {}): Promise<UsageView> {
    return this.#transport.json({ ...options, path: "/v2/usage" });
  }

  /** A link to the console that signs in as this key, once and within a minute. */
  consoleLink(options: CallOptions = {}): Promise<ConsoleLink> {
    return this.#transport.json({ ...options, method: "POST", path: "/v1/console/links" });
  }
}

export * from "./errors.ts";
export * from "./problems.ts";
export type * from "./generated/types.gen.ts";
export { Job, type JobEvent, type SubmitOptions, type WaitOptions } from "./job.ts";
export type { OwnerEvent } from "./jobs.ts";
export type { OfUser, Remembered, Uploaded } from "./memory.ts";
export type { Passage, Snippets, Which } from "./code.ts";
export type { FollowOptions } from "./streams.ts";
export type { CallOptions, Settings } from "./transport.ts";
