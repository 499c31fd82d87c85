// Calls a server with what openapi-ts made: submit, follow, search, stream, problem.
import assert from "node:assert/strict";
import { createClient, createConfig } from "./sdk/client/index.js";
import * as api from "./sdk/index.js";

const client = createClient(
  createConfig({ baseUrl: process.env.KEEPSAKE_URL!, auth: process.env.KEEPSAKE_API_KEY! }),
);

const submitted = await api.memoryIngest({
  client,
  body: { user_query: "I live in Lisbon.", user_id: "ts" },
  headers: { "Idempotency-Key": "generated-ts" },
});
const job_id = submitted.data!.job_id;

const { stream } = await api.eventsOfJob({ client, path: { job_id } });
let last: unknown;
for await (const data of stream) last = data;
assert.equal((last as api.JobView).status, "succeeded");

const ended = await api.jobsRead({ client, path: { job_id }, query: { wait: 30 } });
assert.equal(ended.data?.status, "succeeded");

const found = await api.memorySearch({
  client,
  body: { query: "Where do I live?", user_id: "ts" },
});
assert.match(found.data!.hits[0]!.content, /Lisbon/);

const exported = await api.memoriesExport({ client, query: { user_id: "ts" } });
assert.match(await exported.data!.text(), /Lisbon/);

const file = new Blob(["User: I live in Lisbon.\nAssistant: Noted.\n"]);
const read = await api.memoryV1ParseTranscript({ client, body: { file } });
assert.match(JSON.stringify(read.data?.data), /Lisbon/);

const missing = await api.jobsRead({ client, path: { job_id: "job_nowhere" } });
assert.equal(missing.error?.type, "/problems#job-not-found");
