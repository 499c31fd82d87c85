"""Evidence recall of the memory search, turn level, without a language model, over HTTP.

    make bench-memory [DATA=PATH] [CHATS=PATH] [CONVERSATIONS=1]

A web process and two workers run on private servers. Turns go in by `/v2/memory/batch-ingest`,
each conversation as a user of its own; questions go to `/v2/memory/search`. BM25 alone and dense
alone rank the same turns in this process, and so does the ranking with weights that were fitted
without the conversation that they rank (`bench.fit_ranking`; it needs two). DATA is a file in
LoCoMo's form, CHATS one in REALTALK's; they stay where they are. Without any, conversations of our
own are measured. It prints tables and writes bench/results/memory.json: figures, no text. Other
languages follow (`bench.languages`).
"""

import os
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from statistics import fmean
from typing import Any

import httpx
import numpy as np

from bench import figures, languages
from bench.conversations import LOCOMO, REALTALK, Asked, Conversation, Talk, given_talks
from bench.figures import Finding
from bench.fit_ranking import held_out_rankings
from bench.servers import private_servers
from keepsake.inference import Embedder, Postings
from keepsake.launcher import LOOPBACK
from keepsake.memory import MemorySettings, embedding_model
from keepsake.memory.searching.terms import terms

CUTS = (5, 10, 20)
WORKERS, THREADS = 2, 4
OURS, GENERATED = "keepsake", "own"
HELD_OUT = "weights fitted without the conversation"
AIMS = {LOCOMO: 87, REALTALK: 58}
"""Of recall@10, in percent."""
BATCH = 100
_LONGEST_SECONDS = 900
Ranking = Callable[[int, str], list[str]]
"""The ids of the best turns of a talk for a question, best first."""


class MemoryClient:
    """The service's public HTTP API; talks are users, called after their set of data."""

    def __init__(self, base_url: str, key: str, name: str) -> None:
        self._name = name
        headers = {"Authorization": f"Bearer {key}"}
        self._client = httpx.Client(base_url=base_url, headers=headers, timeout=60)
        self.took_ms: dict[str, list[float]] = defaultdict(list)

    def ingest(self, talks: list[Talk]) -> float:
        """Send all turns and wait until they are remembered; the seconds it took.

        Raises:
            RuntimeError: A job did not end well: the figures would mean nothing.
        """
        began = time.perf_counter()
        jobs = [self._send(number, batch)
                for number, talk in enumerate(talks) for batch in _batches(talk)]  # fmt: skip
        for url in jobs:
            while (state := self._get(url)["status"]) != "succeeded":
                if state in {"dead_letter", "cancelled"}:
                    raise RuntimeError(f"{url} ended as {state}")
                if time.perf_counter() - began > _LONGEST_SECONDS:
                    raise RuntimeError(f"not ingested within {_LONGEST_SECONDS} s")
        return time.perf_counter() - began

    def search(self, kinds: tuple[str, ...]) -> Ranking:
        """Searching as clients do."""

        def best(number: int, question: str) -> list[str]:
            body = {"query": question, "user_id": f"{self._name}{number}", "top_k": CUTS[-1],
                    "kinds": kinds}  # fmt: skip
            began = time.perf_counter()
            answer = self._client.post("/v2/memory/search", json=body).raise_for_status()
            self.took_ms["+".join(kinds)].append(1000 * (time.perf_counter() - began))
            hits = answer.json()["hits"]
            return list(dict.fromkeys(source for hit in hits for source in hit["source_ids"]))

        return best

    def _send(self, number: int, batch: list[dict[str, Any]]) -> str:
        items = [{**item, "user_id": f"{self._name}{number}"} for item in batch]
        answer = self._client.post("/v2/memory/batch-ingest", json={"items": items})
        return str(answer.raise_for_status().json()["status_url"])

    def _get(self, url: str) -> Any:
        return self._client.get(url, params={"wait": "20"}).raise_for_status().json()


def _batches(talk: Talk) -> Iterator[list[dict[str, Any]]]:
    turns = [turn.model_dump(exclude_defaults=True) for turn in talk.turns]
    yield from (turns[start : start + BATCH] for start in range(0, len(turns), BATCH))


def bm25(talks: list[Talk]) -> Ranking:
    """Words alone."""
    postings = [Postings() for _ in talks]
    for talk, index in zip(talks, postings, strict=True):
        index.extend([terms(turn.user_query) for turn in talk.turns])
    return lambda number, question: _best(talks[number], postings[number].scores(terms(question)))


def dense(talks: list[Talk], embedder: Embedder) -> Ranking:
    """Meaning alone."""
    vectors = [embedder.embed([turn.user_query for turn in talk.turns]) for talk in talks]
    return lambda number, question: _best(
        talks[number], vectors[number] @ embedder.embed_query(question)
    )


def _best(talk: Talk, scores: Any) -> list[str]:
    rows = np.argsort(-scores, kind="stable")[: CUTS[-1]]
    return [talk.turns[row].source_id for row in rows]


def recalls(talks: list[Talk], ranking: Ranking) -> dict[str, Any]:
    """The mean share of a question's evidence among the first 5, 10 and 20, in percent."""
    ranked: list[tuple[int, Asked, list[str]]] = [
        (number, asked, ranking(number, asked.question))
        for number, talk in enumerate(talks) for asked in talk.questions
    ]  # fmt: skip
    groups: dict[str, dict[str, list[float]]] = {"category": {}, "conversation": {}}
    for number, asked, sources in ranked:
        share = _share(asked, sources, 10)
        groups["category"].setdefault(asked.category, []).append(share)
        groups["conversation"].setdefault(str(number), []).append(share)
    return {
        **{f"recall@{cut}": _mean(_share(asked, sources, cut) for _, asked, sources in ranked)
           for cut in CUTS},
        **{f"recall@10 by {name}": {group: _mean(members[group]) for group in sorted(members)}
           for name, members in groups.items()},
    }  # fmt: skip


def _share(asked: Asked, sources: list[str], cut: int) -> float:
    return 100 * len(asked.evidence & set(sources[:cut])) / len(asked.evidence)


def _mean(values: Iterable[float]) -> float:
    return round(fmean(values), 1)


def data() -> dict[str, list[Talk]]:
    """What is measured, by the name of its set."""
    some = slice(int(os.environ.get("CONVERSATIONS") or 0) or None)
    given = given_talks()
    if not given:
        print("DATA and CHATS name no file: conversations of our own are measured")
        given = {GENERATED: [Conversation(seed).talk for seed in range(5)]}
    return {name: talks[some] for name, talks in given.items()}


def measured(api: MemoryClient, talks: list[Talk], kinds: tuple[str, ...]) -> dict[str, Any]:
    """Recall and latency of the search over HTTP."""
    row = recalls(talks, api.search(kinds))
    took = api.took_ms["+".join(kinds)]
    return row | {
        "search_p50_ms": round(figures.percentile(took, 0.5), 1),
        "search_p99_ms": round(figures.percentile(took, 0.99), 1),
    }


def compare(api: MemoryClient, talks: list[Talk], embedder: Embedder) -> dict[str, Any]:
    """All figures of a set, by method."""
    seconds = api.ingest(talks)
    turns = sum(len(talk.turns) for talk in talks)
    rows = {OURS: measured(api, talks, ("turn", "memory")),
            "keepsake, turns only": measured(api, talks, ("turn",)),
            "bm25 alone": recalls(talks, bm25(talks)),
            "dense alone": recalls(talks, dense(talks, embedder))}  # fmt: skip
    return rows | {"ingest": {"turns": turns, "turns_per_second": round(turns / seconds, 1)}}


def findings(name: str, rows: dict[str, Any]) -> list[Finding]:
    """What is compared with the aims, which are for weights that do not know the conversation."""
    ours, speed = rows[OURS], rows["ingest"]["turns_per_second"]
    best = max(rows[method]["recall@10"] for method in ("bm25 alone", "dense alone"))
    aim = AIMS.get(name)
    recall = (rows.get(HELD_OUT, ours) if aim else ours)["recall@10"]
    which = f", {name}" if name == REALTALK else ""
    return [
        Finding(f"Memory, evidence recall@10, no LLM{which}", f"{recall} %",
                f"the better of BM25 and dense alone, {best} %", round(recall / best, 2),
                f"≥ {aim} %" if aim else "", recall >= aim if aim else None),
        Finding(f"Memory, ingest{which}", f"{speed} turns/s"),
        Finding(f"Memory, search p50 / p99{which}",
                f"{ours['search_p50_ms']} / {ours['search_p99_ms']} ms"),
    ]  # fmt: skip


def show(name: str, rows: dict[str, Any]) -> None:
    """Recalls by cut, then by category and conversation."""
    methods = [method for method in rows if method != "ingest"]
    cuts = [f"recall@{cut}" for cut in CUTS]
    print(figures.table([name, *cuts], ([method, *(f"{rows[method][cut]:.1f}" for cut in cuts)]
                                        for method in methods)))  # fmt: skip
    for group in ("category", "conversation"):
        label = f"recall@10 by {group}"
        members = list(rows[OURS][label])
        print(figures.table([label, *members], ([method, *(f"{rows[method][label][member]:.1f}"
                            for member in members)] for method in methods)))  # fmt: skip


def main() -> None:
    """Ingest, ask, compare."""
    talks, embedder = data(), Embedder(embedding_model(MemorySettings()))
    refitted = held_out_rankings(talks, embedder)
    with private_servers() as servers:
        port = servers.keepsake()
        for _ in range(WORKERS):
            servers.dramatiq("actors", THREADS)
        url, key, rows = f"http://{LOOPBACK}:{port}", servers.key(), {}
        for name, each in talks.items():
            rows[name] = compare(MemoryClient(url, key, name), each, embedder)
            if name in refitted:
                rows[name][HELD_OUT] = recalls(each, refitted[name])
            show(name, rows[name])
        settings = {"conversations": {name: len(each) for name, each in talks.items()},
                    "questions": {name: sum(len(talk.questions) for talk in each)
                                  for name, each in talks.items()},
                    "workers": WORKERS, "threads": THREADS}  # fmt: skip
        lines = [line for name, row in rows.items() for line in findings(name, row)]
        figures.keep("memory", rows, lines, settings)
        languages.report()


if __name__ == "__main__":
    main()
