// Jobs that tests wait for.
import type { Job, Keepsake } from "../src/index.ts";

/** A job that waits, paused, behind a batch of the same user. */
export async function paused(client: Keepsake, user_id: string): Promise<Job> {
  const items = Array.from({ length: 100 }, (_, n) => ({
    user_query: `I own ${n} boats.`,
    user_id,
  }));
  await client.memory.addMany(items);
  const job = await client.memory.add({ user_query: "I live in Lisbon.", user_id });
  await job.pause();
  return job;
}
