// The client against a real web server and worker.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { env } from "node:process";
import { suite, test } from "node:test";
import { inspect } from "node:util";
import {
  Forbidden,
  InvalidRequest,
  JobCancelled,
  JobNotFound,
  Keepsake,
  KeepsakeError,
  NotIndexed,
  PROBLEMS,
  Unauthorized,
  WaitTimeout,
  type JobEvent,
  type JobView,
} from "../src/index.ts";
import { paused } from "./jobs.ts";
import { SERVER } from "./proxy.ts";

const KEY = env["KEEPSAKE_API_KEY"]!;
const REPOSITORY = "acme/shop";
const keepsake = new Keepsake({ baseUrl: SERVER, apiKey: KEY });

async function all<T>(values: AsyncIterable<T>): Promise<T[]> {
  return Array.fromAsync(values);
}

suite("jobs", () => {
  test("a turn is remembered, and found", async () => {
    const user_id = randomUUID();
    const job = await keepsake.memory.add({ user_query: "I live in Lisbon.", user_id });
    const result = await job.result();
    const hits = await keepsake.memory.search({ query: "Where do I live?", user_id });

    assert.equal(job.view.status, "succeeded");
    assert.ok("profile" in result);
    assert.match(hits[0]!.content, /Lisbon/);
  });

  test("events are told from where it stands to its end", async () => {
    const job = await keepsake.memory.add({ user_query: "I ski.", user_id: randomUUID() });
    const told: JobEvent[] = await all(job.events());
    const again: JobEvent[] = await all(job.events({ lastEventId: told.at(-1)!.id }));

    assert.equal(told[0]!.event, "snapshot");
    assert.deepEqual([told.at(-1)!.event, job.view.status], ["end", "succeeded"]);
    assert.deepEqual(again, []);
  });

  test("who waits hears of changes", async () => {
    const job = await paused(keepsake, randomUUID());
    const seen: string[] = [];
    await job.resume();
    await job.wait({ onChange: (view: JobView) => seen.push(view.status) });

    assert.equal(seen.at(-1), "succeeded");
  });

  test("a wait that is over leaves the job as it is", async () => {
    const job = await paused(keepsake, randomUUID());

    await assert.rejects(job.wait({ timeout: 1 }), WaitTimeout);
    assert.equal((await job.refresh()).status, "paused");
  });

  test("a job that was cancelled gives nothing", async () => {
    const job = await paused(keepsake, randomUUID());
    await job.cancel("sent by mistake");

    await assert.rejects(job.result(), (error: JobCancelled) => error.job.status === "cancelled");
  });

  test("a signal ends waits and streams with its reason", async () => {
    const job = await paused(keepsake, randomUUID());
    const controller = new AbortController();
    const { signal } = controller;
    const waiting = assert.rejects(job.wait({ signal }), /enough/);
    const events = job.events({ signal });
    await events.next();
    const following = assert.rejects(events.next(), /enough/);
    controller.abort(new Error("enough"));

    await Promise.all([waiting, following]);
    await assert.rejects(job.refresh({ signal }), /enough/);
  });

  test("jobs are listed and taken up by their id", async () => {
    const { id } = await keepsake.memory.add({ user_query: "I ski.", user_id: randomUUID() });
    const newest = await keepsake.jobs.list({ page_size: 2 }).next();
    const counted = await keepsake.jobs.cancelMany({ dry_run: true });

    assert.equal(newest.value?.view.type.split(".")[0], "memory");
    assert.equal((await keepsake.jobs.get(id)).id, id);
    assert.equal(counted.dry_run, true);
  });

  test("what a job did is shown, and taken back", async () => {
    const user_id = randomUUID();
    const job = await keepsake.memory.add({ user_query: "I live in Faro.", user_id });
    await job.wait();
    const effects = await job.effects();
    await job.undo();

    assert.ok(effects.some(({ content }) => content.includes("Faro")));
    assert.deepEqual(await all(keepsake.memory.list({ user_id })), []);
    assert.equal((await job.attempts())[0]!.outcome, "succeeded");
  });
});

suite("of all jobs", () => {
  test("events are told of each, and a reconnect goes on after the last id", async () => {
    const controller = new AbortController();
    const events = keepsake.jobs.events({ signal: controller.signal });
    const snapshot = await events.next();
    const { id } = await keepsake.memory.add({ user_query: "I ski.", user_id: randomUUID() });
    let last = "";
    for await (const event of events) {
      last = event.id || last;
      if (event.event === "end" && event.data.job_id === id) break;
    }
    const later = await keepsake.memory.add({ user_query: "I sail.", user_id: randomUUID() });
    const first = await keepsake.jobs
      .events({ lastEventId: last, signal: controller.signal })
      .next();
    controller.abort();

    assert.equal(snapshot.value?.event, "snapshot");
    assert.ok(first.value?.event !== "snapshot");
    assert.ok(later.id);
  });

  test("what may be done to many is counted first", async () => {
    const { retryMany, replayMany } = keepsake.jobs;
    for (const many of [retryMany, replayMany]) {
      assert.equal((await many.call(keepsake.jobs, { dry_run: true })).dry_run, true);
    }
    assert.deepEqual(await all(keepsake.jobs.deadLetters.list()), []);
  });
});

suite("operators", () => {
  const operator = new Keepsake({ baseUrl: SERVER, apiKey: env["KEEPSAKE_OPERATOR_KEY"]! });

  test("they see queues, workers and acts, and make keys", async () => {
    await operator.admin.pauseQueue("keepsake.scanner", "to see it");
    const queues = await operator.admin.queues();
    await operator.admin.resumeQueue("keepsake.scanner");
    const { key, about } = await operator.admin.createKey({ owner: "kim" });
    await new Keepsake({ baseUrl: SERVER, apiKey: key }).jobs.list().next();
    await operator.admin.revokeKey(about.key_id);
    const [act] = await all(operator.admin.audit());

    assert.ok(queues.some(({ name, paused }) => name === "keepsake.scanner" && paused));
    assert.ok((await operator.admin.keys("kim"))[0]!.revoked_at);
    assert.equal((await operator.admin.workers())[0]!.alive, true);
    assert.equal((await operator.admin.divergence()).indexes, 0);
    assert.deepEqual([act!.action, act!.target], ["key.revoke", about.key_id]);
  });

  test("others are not let in", async () => {
    await assert.rejects(keepsake.admin.queues(), Forbidden);
  });
});

suite("memory", () => {
  test("a batch says how each item went", async () => {
    const user_id = randomUUID();
    const items = ["I like figs.", "I dislike olives."].map((user_query) => ({
      user_query,
      user_id,
    }));
    const job = await keepsake.memory.addMany(items);
    await job.wait();

    assert.deepEqual(
      (await all(job.items())).map(({ status }) => status),
      ["succeeded", "succeeded"],
    );
  });

  test("a transcript is remembered, and its lines are logged", async () => {
    const transcript = "User: I ski.\nAssistant: Nice.";
    const job = await keepsake.memory.import({ transcript, user_id: randomUUID() });
    await job.result();

    assert.match((await job.logs())[0]!.message, /read/);
  });

  test("a file is uploaded, and counted while it is stored", async () => {
    const chats = ["I ski.", "I swim."].map((content) => ({
      messages: [{ role: "user", content }],
    }));
    const file = new Blob([JSON.stringify(chats)]);
    const job = await keepsake.memory.upload(file, { user_id: randomUUID(), label: ["from:us"] });

    assert.equal((await job.result()).conversations, 2);
    assert.ok((await keepsake.usage()).stored_bytes > 0);
  });

  test("memories are listed, mended, exported and erased", async () => {
    const user_id = randomUUID();
    await (await keepsake.memory.add({ user_query: "I own a boat.", user_id })).wait();
    const [memory] = await all(keepsake.memory.list({ user_id, domains: ["profile"] }));
    const edited = await keepsake.memory.update(memory!.id, "I own two boats.", { user_id });
    const whole = await keepsake.memory.get(edited.id, { user_id });
    const exported = await all(keepsake.memory.export({ user_id }));
    const answer = await keepsake.memory.answer({ query: "Do I own a boat?", user_id });

    assert.equal(whole.history.length, 2);
    assert.ok(exported.some(({ content }) => content === "I own two boats."));
    assert.equal(answer.known, true);
    assert.equal(await keepsake.memory.delete(edited.id, { user_id }), 1);
    assert.equal((await keepsake.users.erase(user_id)).after["turns"], 0);
  });

  test("what is known of a user is put together, and a fact is stated by hand", async () => {
    const user_id = randomUUID();
    await (await keepsake.memory.add({ user_query: "I live in Faro.", user_id })).wait();
    await (
      await keepsake.memory.state({ content: "Porto", attribute: "lives_in", user_id })
    ).wait();
    const context = await keepsake.memory.context({ user_id, max_tokens: 500 });
    const [changed, began] = await all(keepsake.memory.timeline({ user_id }));
    const [user] = await all(keepsake.users.list({ prefix: user_id }));

    assert.match(context.markdown, /lives in: "Porto"/);
    assert.deepEqual([changed?.kind, changed?.before?.content], ["changed", "I live in Faro."]);
    assert.equal(began?.kind, "set");
    assert.equal(user?.memories, 1);
  });
});

suite("code", () => {
  test("a repository is scanned and searched", async () => {
    const job = await keepsake.code.scan({ url: env["KEEPSAKE_REPOSITORY"]! });
    await job.result();
    const found = await keepsake.code.search(REPOSITORY, "what things cost");
    const [definition] = await keepsake.code.definition(REPOSITORY, "price");
    const { uses } = await keepsake.code.callers(REPOSITORY, "price");
    const values = await keepsake.code.references(REPOSITORY, "price", { kind: ["value"] });
    const { nodes } = await keepsake.code.tree(REPOSITORY);
    const { source } = await keepsake.code.source(REPOSITORY, "app/price.py", { symbol: "price" });
    const { impacts } = await keepsake.code.impact(REPOSITORY, "app/price.py");

    assert.equal(found.hits[0]!.path, "app/price.py");
    assert.equal(definition!.line, 1);
    assert.equal(uses[0]!.symbol, "sell");
    assert.deepEqual(values.uses, []);
    assert.deepEqual((await keepsake.code.subclasses(REPOSITORY, "Shop")).uses, []);
    assert.deepEqual((await keepsake.code.implementations(REPOSITORY, "Shop")).uses, []);
    assert.deepEqual(
      nodes.map(({ path }) => path),
      ["app"],
    );
    assert.deepEqual(source.lines[0], [1, "def price():"]);
    assert.equal(impacts[0]!.path, "app/shop.py");
    assert.equal((await keepsake.code.repository(REPOSITORY)).phase1.status, "complete");
    assert.equal((await all(keepsake.code.repositories())).length, 1);
    const shared = await keepsake.code.share(REPOSITORY, { owners: ["eve"] });
    assert.deepEqual(shared.sharing?.owners, ["eve"]);
  });

  test("what is not indexed is a problem of its own", async () => {
    await assert.rejects(keepsake.code.search("no/where", "x"), NotIndexed);
  });
});

suite("errors", () => {
  test("every kind of problem has its class", async () => {
    const kinds = (await (await fetch(`${SERVER}/problems`)).json()) as object;

    assert.deepEqual(Object.keys(PROBLEMS).sort(), Object.keys(kinds).sort());
  });

  test("a problem says what the service says", async () => {
    await assert.rejects(keepsake.jobs.get("job_nowhere"), (error: JobNotFound) => {
      assert.deepEqual(
        [error.name, error.status, error.kind],
        ["JobNotFound", 404, "job-not-found"],
      );
      return error instanceof JobNotFound && error.requestId.length > 0;
    });
    await assert.rejects(keepsake.memory.add({ user_query: "" }), (error: InvalidRequest) =>
      JSON.stringify(error.members["errors"]).includes("/user_query"),
    );
  });

  test("an id that is empty or dots alone is asked for nowhere", async () => {
    for (const id of ["", ".", ".."]) {
      await assert.rejects(keepsake.jobs.get(id), /^KeepsakeError: an id may not be empty$/);
    }
  });

  test("no error and no client shows the key", async () => {
    const secret = "ksk_never-to-be-seen";
    const other = new Keepsake({ baseUrl: SERVER, apiKey: secret });
    const away = new Keepsake({ baseUrl: "http://127.0.0.1:1", apiKey: secret, retryFor: 0 });
    const errors = await Promise.all(
      [other, away].map((client) => client.jobs.get("job_x").catch((error: unknown) => error)),
    );
    const shown = [...errors, other].map((value) => inspect(value, { depth: 9, showHidden: true }));

    assert.ok(errors[0] instanceof Unauthorized && errors[1] instanceof KeepsakeError);
    assert.ok(!shown.join().includes("never-to-be-seen"));
    for (const apiKey of [`${secret}\n`, `${secret} é`, ""]) {
      assert.throws(
        () => new Keepsake({ baseUrl: SERVER, apiKey }),
        /^KeepsakeError: apiKey is no API key$/,
      );
    }
    assert.throws(
      () => new Keepsake({ baseUrl: `http://u:${secret}@h`, apiKey: "k" }),
      (error: Error) => !error.message.includes(secret),
    );
  });
});
