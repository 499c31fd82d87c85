/** Streams of lines and of server-sent events, read by `fetch`: an EventSource sends no key. */
import { ConnectionFailed } from "./errors.ts";
import type { CallOptions, StreamAnswer, Transport } from "./transport.ts";
import { sleep } from "./transport.ts";

/** One server-sent event. */
export interface SentEvent {
  readonly event: string;
  readonly data: string;
  /** Empty unless the event has one of its own. */
  readonly id: string;
}

/** The service sends something every 15 seconds; a stream that is silent for longer is dead. */
const SILENCE = 45_000;
const RECONNECT = 2_000;
const NOTHING_MORE = 204;

/** The lines of a stream, without their ends; it throws if the stream is cut off. */
export async function* lines(answer: StreamAnswer): AsyncGenerator<string> {
  if (answer.body === null) return;
  const decoder = new TextDecoder();
  const reader = answer.body.getReader();
  let rest = "";
  try {
    for (;;) {
      const timer = setTimeout(answer.close, SILENCE);
      const { done, value } = await reader
        .read()
        .catch(() => cutOff(answer))
        .finally(() => clearTimeout(timer));
      rest += decoder.decode(value, { stream: !done });
      const whole = rest.split(/\r\n|\n|\r(?!$)/);
      rest = whole.pop() ?? "";
      yield* whole;
      if (done) break;
    }
    if (rest) yield rest;
  } finally {
    answer.close();
  }
}

function cutOff({ signal }: StreamAnswer): never {
  signal?.throwIfAborted();
  throw new ConnectionFailed("a stream was cut off");
}

/** The events in lines; `onRetry` hears how long to wait before a reconnect. */
export async function* eventsIn(
  text: AsyncIterable<string>,
  onRetry: (milliseconds: number) => void = () => {},
): AsyncGenerator<SentEvent> {
  let [event, id, data] = ["message", "", [] as string[]];
  for await (const line of text) {
    if (line === "") {
      if (data.length || id) yield { event, id, data: data.join("\n") };
      [event, id, data] = ["message", "", []];
      continue;
    }
    const [, name, value] = /^([^:]*):? ?(.*)$/s.exec(line) ?? [];
    if (name === "event") event = value ?? "";
    else if (name === "data") data.push(value ?? "");
    else if (name === "id") id = value ?? "";
    else if (name === "retry" && /^\d+$/.test(value ?? "")) onRetry(Number(value));
  }
}

/** Where to begin, and when to be done. */
export interface FollowOptions extends CallOptions {
  /** The last id that the caller has; events after it are sent. */
  readonly lastEventId?: string;
}

/** The events of a stream, connected again wherever it breaks; nothing is left out or sent twice. */
export async function* followed(
  transport: Transport,
  path: string,
  { signal, lastEventId = "" }: FollowOptions,
): AsyncGenerator<SentEvent> {
  let lastId = lastEventId;
  let pause = RECONNECT;
  const since = new Set<string>();
  for (;;) {
    const headers = { Accept: "text/event-stream", ...(lastId ? { "Last-Event-ID": lastId } : {}) };
    const answer = await transport.stream({ path, headers, signal });
    if (answer.status === NOTHING_MORE) return answer.close();
    const events = eventsIn(lines(answer), (milliseconds) => (pause = milliseconds));
    try {
      for await (const sent of events) {
        const content = `${sent.event} ${sent.data}`;
        const isNew = !since.has(content);
        if (sent.id && sent.id !== lastId) {
          lastId = sent.id;
          since.clear();
        } else {
          since.add(content);
        }
        if (isNew && sent.data) yield sent;
      }
    } catch (error) {
      if (!(error instanceof ConnectionFailed)) throw error; // else go on where it broke
    } finally {
      answer.close();
    }
    await sleep(Math.random() * pause, signal);
  }
}
