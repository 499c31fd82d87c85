// The client through a proxy that breaks connections to the real server.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { env } from "node:process";
import { test, type TestContext } from "node:test";
import { ConnectionFailed, Keepsake, TooManyRequests, type Settings } from "../src/index.ts";
import { paused } from "./jobs.ts";
import { proxy, type Fault } from "./proxy.ts";

async function through(
  t: TestContext,
  fault: Fault,
  settings: Partial<Settings> = {},
  cut?: (text: string, number: number) => boolean,
) {
  const between = await proxy(fault, cut);
  t.after(between.close);
  const client = new Keepsake({
    baseUrl: between.url,
    apiKey: env["KEEPSAKE_API_KEY"]!,
    ...settings,
  });
  return { client, passed: between.passed };
}

const first =
  (fault: Fault): Fault =>
  (response, request, number) =>
    number === 0 && (fault(response, request, number), true);
const busy: Fault = (response) =>
  response
    .writeHead(429, { "Retry-After": "7", "Content-Type": "application/problem+json" })
    .end('{"type": "/problems#too-many-requests", "detail": "Too many."}');

test("a submission whose answer is lost is sent again, as the same job", async (t) => {
  const user_id = randomUUID();
  const { client, passed } = await through(
    t,
    () => false,
    {},
    (_, number) => number === 0,
  );
  const job = await client.memory.add({ user_query: "I live in Lisbon.", user_id });
  await job.wait();

  const keys = passed
    .filter(({ method }) => method === "POST")
    .map(({ headers }) => headers["idempotency-key"]);
  assert.equal(keys.length, 2);
  assert.ok(keys[0] && keys[0] === keys[1]);
  assert.equal((await Array.fromAsync(client.memory.list({ user_id, kinds: ["turn"] }))).length, 1);
});

test("Retry-After is waited for, and some jitter", async (t) => {
  const { client, passed } = await through(t, first(busy));
  const pauses: number[] = [];
  const timer = globalThis.setTimeout;
  t.mock.method(globalThis, "setTimeout", (run: () => void, milliseconds: number, ...given: []) => {
    const isPause = milliseconds >= 7_000 && milliseconds < 7_200;
    if (isPause) pauses.push(milliseconds);
    return timer(run, isPause ? 0 : milliseconds, ...given);
  });
  await assert.rejects(client.jobs.get("job_nowhere"), /no such job/);

  assert.deepEqual([pauses.length, passed.length], [1, 2]);
});

test("what may not help in time is not waited for", async (t) => {
  const { client, passed } = await through(t, busy, { retryFor: 5_000 });

  await assert.rejects(
    client.jobs.get("job_x"),
    (error: TooManyRequests) => error.retryAfter === 7,
  );
  assert.equal(passed.length, 1);
});

test("what might be done twice is sent once", async (t) => {
  const { client, passed } = await through(
    t,
    (response, { path }) => path.endsWith(":pause") && response.destroy(),
  );
  const job = await client.memory.add({ user_query: "I ski.", user_id: randomUUID() });

  await assert.rejects(job.pause(), ConnectionFailed);
  assert.equal(passed.filter(({ path }) => path.endsWith(":pause")).length, 1);
});

test("a server that never answers is given up after the timeout", async (t) => {
  const { client } = await through(t, () => true, { timeout: 50, retryFor: 0 });

  await assert.rejects(client.jobs.get("job_x"), /no answer in time/);
});

test("a stream that is cut goes on where it was, and tells nothing twice", async (t) => {
  const user_id = randomUUID();
  const cut = (text: string, number: number) =>
    streams.has(number) && text.includes("event: snapshot");
  const streams = new Set<number>();
  const { client, passed } = await through(
    t,
    (_, { path, headers }, number) => {
      if (path.endsWith("/events") && !headers["last-event-id"]) streams.add(number);
      return false;
    },
    {},
    cut,
  );
  const job = await paused(client, user_id);

  const told: string[] = [];
  for await (const event of job.events()) {
    if (event.event === "snapshot") await job.resume();
    told.push(event.event === "state" ? event.data.status : event.event);
  }

  const ids = passed
    .filter(({ path }) => path.endsWith("/events"))
    .map(({ headers }) => headers["last-event-id"]);
  assert.equal(ids[0], undefined);
  assert.ok(Number(ids[1]) > 0);
  assert.deepEqual(told, [...new Set(told)]);
  assert.deepEqual([told[0], told.at(-1)], ["snapshot", "end"]);
  assert.ok(told.includes("pending") && told.includes("succeeded"));
});

test("a stream that falls silent is connected anew", async (t) => {
  const direct = new Keepsake({
    baseUrl: env["KEEPSAKE_URL"]!,
    apiKey: env["KEEPSAKE_API_KEY"]!,
  });
  let resumed: Promise<unknown> | undefined;
  const { client } = await through(t, (_, { headers }) => {
    if (headers["last-event-id"])
      resumed ??= direct.jobs.get(job.id).then((again) => again.resume());
    return false;
  });
  const job = await paused(client, randomUUID());
  const timer = globalThis.setTimeout;
  t.mock.method(globalThis, "setTimeout", (run: () => void, milliseconds: number, ...given: []) =>
    timer(run, milliseconds === 45_000 ? 500 : milliseconds, ...given),
  );

  const told = (await Array.fromAsync(job.events())).map(({ event }) => event);

  assert.deepEqual([told[0], told.at(-1)], ["snapshot", "end"]);
  assert.ok(resumed);
});

test("an export that is cut off says so", async (t) => {
  const user_id = randomUUID();
  const { client } = await through(
    t,
    () => false,
    {},
    (text) => text.includes("boat"),
  );
  const direct = new Keepsake({ baseUrl: env["KEEPSAKE_URL"]!, apiKey: env["KEEPSAKE_API_KEY"]! });
  await (await direct.memory.add({ user_query: "I own a boat.", user_id })).wait();

  await assert.rejects(Array.fromAsync(client.memory.export({ user_id })), /cut off/);
});
