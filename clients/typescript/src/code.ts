/** Code: repositories are scanned in the background, and searched. */
import type {
  CodeHit,
  CodeMap,
  Definitions,
  Estimate,
  EstimateBody,
  FolderListing,
  HookBody,
  HookPage,
  HookView,
  ImpactList,
  LineHistory,
  Outline,
  NewHook,
  Removed,
  RepositoryPage,
  RepositorySearchPage,
  RepositoryTextPage,
  RepositoryView,
  Resumed,
  ScanBody,
  ScheduleBody,
  ScheduleList,
  ScheduleView,
  ScannerListRepositoriesData,
  SearchPage,
  Sharing,
  SourceView,
  TextPage,
  UseList,
  UsePage,
} from "./generated/types.gen.ts";
import { submitted, type Job, type SubmitOptions } from "./job.ts";
import { path, type CallOptions, type Transport } from "./transport.ts";

/** What a use of a name is. */
export type UseKind = "call" | "value" | "type" | "inherit" | "import" | "re-export";

/** Which of several repositories of one name is meant: its host, its owner, one branch of it. */
export interface Which extends CallOptions {
  readonly host?: string;
  readonly branch?: string;
  readonly owner?: string;
}

/** How many lines of code come with each hit or use. */
export interface Snippets {
  readonly snippets?: number;
}

/** Lines of a file, or a symbol of it; a symbol without a file is looked for in all of them. */
export interface Passage {
  readonly path?: string;
  readonly symbol?: string;
  readonly from?: number;
  readonly to?: number;
}

/** Which page of lines, and how many lines around each. */
export interface TextOptions {
  readonly context?: number;
  readonly page_size?: number;
  readonly page_token?: string;
}

/** What can be asked of code. `repository` is its name at its host, such as `pallets/click`. */
export class Code {
  readonly #transport: Transport;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /** Make a repository searchable; at most one of branch, tag and commit. */
  scan(what: ScanBody, options?: SubmitOptions): Promise<Job> {
    return submitted(this.#transport, "/v2/scanner/scans", what, options);
  }

  /** Say what a scan would read, and about how long it would take; nothing is kept. */
  estimate(what: EstimateBody, options: CallOptions = {}): Promise<Estimate> {
    const call = { ...options, method: "POST", body: what, repeatable: true };
    return this.#transport.json({ ...call, path: "/v2/scanner/estimates" });
  }

  /** Scan a repository whenever five fields of cron say so, one scan at a time. */
  schedule(what: ScheduleBody, options: CallOptions = {}): Promise<ScheduleView> {
    const call = { ...options, method: "POST", body: what };
    return this.#transport.json({ ...call, path: "/v2/scanner/schedules" });
  }

  /** All schedules, the oldest first. */
  async schedules(options: CallOptions = {}): Promise<ScheduleView[]> {
    const call = { ...options, path: "/v2/scanner/schedules" };
    return (await this.#transport.json<ScheduleList>(call)).schedules;
  }

  /** Let a schedule make no more jobs. */
  pauseSchedule(id: string, options: CallOptions = {}): Promise<ScheduleView> {
    const call = { ...options, method: "POST", repeatable: true };
    return this.#transport.json({ ...call, path: path("/v2/scanner/schedules/{}:pause", id) });
  }

  /** Go on with the next occurrence. */
  resumeSchedule(id: string, options: CallOptions = {}): Promise<ScheduleView> {
    const call = { ...options, method: "POST", repeatable: true };
    return this.#transport.json({ ...call, path: path("/v2/scanner/schedules/{}:resume", id) });
  }

  /** End a schedule; its jobs stay. */
  async deleteSchedule(id: string, options: CallOptions = {}): Promise<void> {
    const call = { ...options, method: "DELETE", path: path("/v2/scanner/schedules/{}", id) };
    await this.#transport.send(call);
  }

  /** Make a hook: a git host tells it of pushes, and what was pushed is scanned. */
  makeHook(what: HookBody, options: CallOptions = {}): Promise<NewHook> {
    const call = { ...options, method: "POST", body: what };
    return this.#transport.json({ ...call, path: "/v2/scanner/hooks" });
  }

  /** The hooks, the oldest first. */
  async *hooks(options: CallOptions = {}): AsyncGenerator<HookView> {
    for await (const page of this.#transport.pages<HookPage>("/v2/scanner/hooks", {}, options)) {
      yield* page.hooks;
    }
  }

  /** End a hook; its host's deliveries are refused from now on. */
  async deleteHook(id: string, options: CallOptions = {}): Promise<void> {
    const call = { ...options, method: "DELETE", path: path("/v2/scanner/hooks/{}", id) };
    await this.#transport.send(call);
  }

  /** A page of symbols and files for a name, a path or a question, best first. */
  search(
    repository: string,
    query: string,
    which: Which & Snippets & { limit?: number; page_token?: string } = {},
  ): Promise<SearchPage> {
    return this.#in(repository, "/search", { query }, which);
  }

  /** The same for a query of words, `"phrases"`, `/expressions/` and filters: `retry lang:go`. */
  searchBy(
    repository: string,
    q: string,
    which: Which & Snippets & { limit?: number; page_token?: string } = {},
  ): Promise<SearchPage> {
    return this.#in(repository, "/search", { q }, which);
  }

  /** A page of symbols and files of all of the owner's own repositories, best first. */
  searchAll(
    query: string,
    { signal, ...options }: CallOptions & { limit?: number; page_token?: string } = {},
  ): Promise<RepositorySearchPage> {
    const path = "/v2/scanner/search";
    return this.#transport.json({ path, query: { query, ...options }, signal });
  }

  /** A page of the lines that match: words, `"phrases"`, `/expressions/` and filters. */
  searchText(
    repository: string,
    query: string,
    which: Which & TextOptions = {},
  ): Promise<TextPage> {
    return this.#in(repository, "/text", { q: query }, which);
  }

  /** A page of the lines that match in all of the owner's own repositories. */
  searchAllText(
    query: string,
    { signal, ...options }: CallOptions & TextOptions = {},
  ): Promise<RepositoryTextPage> {
    return this.#transport.json({
      path: "/v2/scanner/text",
      query: { q: query, ...options },
      signal,
    });
  }

  /** Symbols by name: exact, the beginning of it, words inside it, misspelt. */
  symbols(
    repository: string,
    name: string,
    which: Which & Snippets & { limit?: number; page_token?: string } = {},
  ): Promise<SearchPage> {
    return this.#in(repository, "/symbols", { name }, which);
  }

  /** Where a name is defined: the symbols that have exactly this name. */
  async definition(repository: string, name: string, which: Which = {}): Promise<CodeHit[]> {
    const { hits } = await this.symbols(repository, name, which);
    return hits.filter((hit) => hit.name === name || hit.qualified === name);
  }

  /** What a file defines, from top to bottom. */
  definitions(repository: string, file: string, which: Which = {}): Promise<Definitions> {
    return this.#in(repository, "/definitions", { path: file }, which);
  }

  /** A page of the places that use a name, of all kinds or of some. */
  references(
    repository: string,
    name: string,
    which: Which & Snippets & { kind?: UseKind[]; page_size?: number; page_token?: string } = {},
  ): Promise<UsePage> {
    return this.#in(repository, "/references", { name }, which);
  }

  /** The places where types inherit from one of this name, also through others. */
  subclasses(repository: string, name: string, which: Which & Snippets = {}): Promise<UseList> {
    return this.#in(repository, "/subclasses", { name }, which);
  }

  /** What implements a type, or the definitions that implement a method. */
  implementations(
    repository: string,
    name: string,
    which: Which & Snippets = {},
  ): Promise<UseList> {
    return this.#in(repository, "/implementations", { name }, which);
  }

  /** The places that call a name. */
  callers(repository: string, name: string, which: Which & Snippets = {}): Promise<UseList> {
    return this.#in(repository, "/callers", { name }, which);
  }

  /** The places that import a file or a module. */
  importers(repository: string, file: string, which: Which & Snippets = {}): Promise<UseList> {
    return this.#in(repository, "/importers", { path: file }, which);
  }

  /** What may change when a file, or one of its symbols, changes. */
  impact(
    repository: string,
    file: string,
    which: Which & { symbol?: string; depth?: number } = {},
  ): Promise<ImpactList> {
    return this.#in(repository, "/impact", { path: file }, which);
  }

  /** The files and folders right inside a folder; `unread`: all below it not read whole. */
  tree(
    repository: string,
    folder = "",
    which: Which & { unread?: boolean } = {},
  ): Promise<FolderListing> {
    return this.#in(repository, "/tree", { folder }, which);
  }

  /** The text of a file, of some of its lines, or of a symbol, with its line numbers. */
  source(
    repository: string,
    what: string | Passage,
    which: Which & Passage = {},
  ): Promise<SourceView> {
    return this.#in(repository, "/source", passage(what), which);
  }

  /** The last commits that changed a file, some of its lines or a symbol, if they are there. */
  history(
    repository: string,
    what: string | Passage,
    which: Which & { limit?: number } = {},
  ): Promise<LineHistory> {
    return this.#in(repository, "/history", passage(what), which);
  }

  /** The symbols that most of the code leads to, seen from a query, a file or a folder. */
  map(
    repository: string,
    which: Which & { max_tokens?: number; query?: string; path?: string } = {},
  ): Promise<CodeMap> {
    return this.#in(repository, "/map", {}, which);
  }

  /** The symbols of a file as a tree, with lines and signatures. */
  outline(
    repository: string,
    file: string,
    which: Which & { max_tokens?: number } = {},
  ): Promise<Outline> {
    return this.#in(repository, "/outline", { path: file }, which);
  }

  /** The owner's repositories, or what others share with it. */
  async *repositories(
    filter: ScannerListRepositoriesData["query"] = {},
    options: CallOptions = {},
  ): AsyncGenerator<RepositoryView> {
    for await (const page of this.#transport.pages<RepositoryPage>(
      "/v2/scanner/repositories",
      filter,
      options,
    )) {
      yield* page.repositories;
    }
  }

  /** One repository: how far its scan is, and its indexes. */
  repository(repository: string, which: Which = {}): Promise<RepositoryView> {
    return this.#in(repository, "", {}, which);
  }

  /** Say who else may search a repository. */
  share(
    repository: string,
    sharing: Sharing,
    { signal, ...query }: Which = {},
  ): Promise<RepositoryView> {
    const call = { method: "PUT", path: `${placeOf(repository)}/sharing`, body: sharing };
    return this.#transport.json({ ...call, query, signal });
  }

  /** Give a repository the token that its scans use; those that wait for one begin. */
  keepCredential(
    repository: string,
    token: string,
    { signal, ...query }: Which = {},
  ): Promise<Resumed> {
    const call = { method: "PUT", path: `${placeOf(repository)}/credential`, body: { token } };
    return this.#transport.json({ ...call, query, signal });
  }

  /** Forget a repository's token, and what its host refused: scans ask it without one. */
  forgetCredential(repository: string, { signal, ...query }: Which = {}): Promise<Resumed> {
    const call = { method: "DELETE", path: `${placeOf(repository)}/credential` };
    return this.#transport.json({ ...call, query, signal });
  }

  /** Delete a repository with all of its indexes. */
  delete(repository: string, { signal, ...query }: Which = {}): Promise<Removed> {
    return this.#transport.json({ method: "DELETE", path: placeOf(repository), query, signal });
  }

  /** Delete the index of one branch, tag or commit; the repository's others stay. */
  deleteIndex(
    repository: string,
    branch: string,
    { signal, ...which }: Which = {},
  ): Promise<Removed> {
    const call = { method: "DELETE", path: `${placeOf(repository)}/index` };
    return this.#transport.json({ ...call, query: { ...which, branch }, signal });
  }

  #in<T>(repository: string, what: string, asked: object, { signal, ...which }: Which): Promise<T> {
    const query = { ...asked, ...which };
    return this.#transport.json({ path: placeOf(repository) + what, query, signal });
  }
}

function passage(what: string | Passage): Passage {
  return typeof what === "string" ? { path: what } : what;
}

function placeOf(repository: string): string {
  const slash = repository.lastIndexOf("/");
  const [org, repo] = [repository.slice(0, slash), repository.slice(slash + 1)];
  return path("/v2/scanner/repositories/{}/{}", org, repo);
}
