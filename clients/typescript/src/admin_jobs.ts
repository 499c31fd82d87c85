/** The jobs of all owners, for operators. */
import type {
  AdminJob,
  AdminJobDetails,
  AdminJobPage,
  AdminListJobsData,
} from "./generated/types.gen.ts";
import { path, type CallOptions, type Transport } from "./transport.ts";

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
}
