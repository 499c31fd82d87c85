/** Requests, sent again where that is safe and may help. */
import { ConnectionFailed, KeepsakeError, UnexpectedAnswer } from "./errors.ts";
import { problemOf } from "./problems.ts";

export interface Settings {
  /** Where the service is, such as `https://keepsake.example`. */
  readonly baseUrl: string;
  /** An API key: `ksk_…`. */
  readonly apiKey: string;
  /** How long one try may take, in milliseconds; 30,000. */
  readonly timeout?: number;
  /** How long to go on trying what may succeed later, in milliseconds; 60,000. */
  readonly retryFor?: number;
  /** What sends requests; the platform's `fetch`. */
  readonly fetch?: typeof fetch;
}

/** What every call takes. */
export interface CallOptions {
  /** Ends the call, its retries and its streams; its reason is thrown. */
  readonly signal?: AbortSignal | undefined;
}

export interface Call extends CallOptions {
  readonly method?: string;
  readonly path: string;
  readonly query?: object | undefined;
  readonly body?: unknown;
  /** A body that is sent as it is; a blob of a file is read meanwhile. */
  readonly content?: Blob | undefined;
  readonly headers?: Readonly<Record<string, string>>;
  /** Whether a second sending does no harm; a GET's, PUT's and DELETE's does none. */
  readonly repeatable?: boolean;
  /** Milliseconds for which the service is asked to wait before it answers. */
  readonly wait?: number;
  /** Milliseconds to go on trying, where not as the settings say. */
  readonly retryFor?: number;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

/** An answer that is read as it comes. */
export interface StreamAnswer {
  readonly status: number;
  readonly body: ReadableStream<Uint8Array> | null;
  /** The caller's, which ends it. */
  readonly signal: AbortSignal | undefined;
  /** Let go of the connection. */
  close(): void;
}

const HARMLESS = new Set(["GET", "PUT", "DELETE"]);
const NOT_MODIFIED = 304;
const FIRST_PAUSE = 100;
const LONGEST_PAUSE = 10_000;
/** Bytes of a file that are sent in a millisecond, at the slowest that the service takes. */
const SLOWEST_SENT = 100;

export class Transport {
  readonly #base: string;
  readonly #key: string;
  readonly #timeout: number;
  readonly #retryFor: number;
  readonly #fetch: typeof fetch;

  constructor(settings: Settings) {
    this.#base = checkedUrl(settings.baseUrl);
    this.#key = checkedKey(settings.apiKey);
    this.#timeout = settings.timeout ?? 30_000;
    this.#retryFor = settings.retryFor ?? 60_000;
    this.#fetch = settings.fetch ?? ((...request) => fetch(...request));
  }

  /** A success, sooner or later. */
  async send(call: Call): Promise<Answer> {
    return this.#tried(call, async (response, close) => {
      const { status, headers } = response;
      const text = await response.text();
      close();
      return { status, headers, text };
    });
  }

  /** The JSON of a success. */
  async json<T>(call: Call): Promise<T> {
    return json<T>((await this.send(call)).text);
  }

  /** A success whose body is read as it comes; the caller closes it. */
  async stream(call: Call): Promise<StreamAnswer> {
    const { signal } = call;
    return this.#tried(call, async ({ status, body }, close) => ({ status, body, signal, close }));
  }

  /** All pages of a list, asked for one by one. */
  async *pages<T extends { next_page_token: string | null }>(
    path: string,
    query: object,
    options: CallOptions,
  ): AsyncGenerator<T> {
    let page_token: string | null = "";
    do {
      const asked = { ...query, page_token: page_token || undefined };
      const page: T = await this.json<T>({ ...options, path, query: asked });
      yield page;
      page_token = page.next_page_token;
    } while (page_token !== null);
  }

  async #tried<T>(
    call: Call,
    read: (response: Response, close: () => void) => Promise<T>,
  ): Promise<T> {
    const until = Date.now() + (call.retryFor ?? this.#retryFor);
    for (let tries = 0; ; tries += 1) {
      const answered = await this.#once(call, read);
      if (!(answered instanceof KeepsakeError)) return answered;
      const pause = pauseAfter(answered, tries);
      if (!mayRepeat(call, answered) || Date.now() + pause > until) throw answered;
      await sleep(pause, call.signal);
    }
  }

  async #once<T>(
    call: Call,
    read: (response: Response, close: () => void) => Promise<T>,
  ): Promise<T | KeepsakeError> {
    call.signal?.throwIfAborted();
    const controller = new AbortController();
    const abort = () => controller.abort(call.signal?.reason);
    const sending = (call.content?.size ?? 0) / SLOWEST_SENT;
    const timer = setTimeout(() => controller.abort(), this.#timeout + (call.wait ?? 0) + sending);
    const close = () => {
      call.signal?.removeEventListener("abort", abort);
      controller.abort();
    };
    call.signal?.addEventListener("abort", abort, { once: true });
    try {
      const response = await this.#fetch(...this.#request(call, controller.signal));
      if (response.ok || response.status === NOT_MODIFIED) return await read(response, close);
      const text = await response.text();
      close();
      return problemOf(response.status, response.headers, text);
    } catch (error) {
      close();
      call.signal?.throwIfAborted();
      return this.#failed(error);
    } finally {
      clearTimeout(timer);
    }
  }

  #failed(error: unknown): ConnectionFailed {
    const { name, cause } = error as { name?: string; cause?: { code?: string } };
    const why = name === "AbortError" ? "no answer in time" : (cause?.code ?? "it broke");
    return new ConnectionFailed(`no connection to ${this.#base}: ${why}`);
  }

  #request(call: Call, signal: AbortSignal): [string, RequestInit] {
    const headers = new Headers({ ...call.headers, Authorization: `Bearer ${this.#key}` });
    const text = call.body === undefined ? null : JSON.stringify(call.body);
    if (text !== null) headers.set("Content-Type", "application/json");
    if (call.content) headers.set("Content-Type", "application/octet-stream");
    const body = call.content ?? text;
    const url = `${this.#base}${call.path}${queryOf(call.query)}`;
    return [url, { method: call.method ?? "GET", headers, body, signal, redirect: "manual" }];
  }
}

/** JSON of the service. */
export function json<T>(text: string): T {
  try {
    return JSON.parse(text) as T;
  } catch {
    throw new UnexpectedAnswer("not an answer of this service: no JSON");
  }
}

/** Wait, or throw the reason of a signal that is aborted meanwhile. */
export function sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const abort = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", abort);
      resolve();
    }, milliseconds);
    signal?.addEventListener("abort", abort, { once: true });
  });
}

/** A path with its parts made fit for a URL; one that is empty or only dots would name another. */
export function path(template: string, ...parts: string[]): string {
  if (parts.some((part) => /^\.*$/.test(part))) throw new KeepsakeError("an id may not be empty");
  return template.replaceAll("{}", () => encodeURIComponent(parts.shift() ?? ""));
}

function mayRepeat(call: Call, error: KeepsakeError): boolean {
  const harmless = call.repeatable ?? HARMLESS.has(call.method ?? "GET");
  return error.passing && (harmless || error.untouched);
}

/** What the service asks for, and full jitter. */
function pauseAfter(error: KeepsakeError, tries: number): number {
  const most = Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** tries);
  return (error.retryAfter ?? 0) * 1000 + Math.random() * most;
}

function queryOf(query: object = {}): string {
  const pairs = Object.entries(query).flatMap(([name, value]) =>
    [value]
      .flat()
      .filter((each) => each != null)
      .map((each) => [name, String(each)]),
  );
  return pairs.length ? `?${new URLSearchParams(pairs)}` : "";
}

function checkedUrl(baseUrl: string): string {
  const url = URL.canParse(baseUrl) ? new URL(baseUrl) : undefined;
  if (!url?.protocol.startsWith("http") || url.username || url.password) {
    throw new KeepsakeError("baseUrl is no http(s) URL without a login");
  }
  return url.origin + url.pathname.replace(/\/+$/, "");
}

function checkedKey(apiKey: string): string {
  if (!/^[\x21-\x7e]+$/.test(apiKey)) throw new KeepsakeError("apiKey is no API key");
  return apiKey;
}
