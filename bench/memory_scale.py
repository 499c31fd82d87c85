"""Many memories of one user: what ingesting and searching them takes, in one process.

    make bench-memory_scale [MEMORIES="50000 100000"]

Private servers, no HTTP, one thread but for the clients beside each other. Turns are ingested by
the pipeline for a user who is new and for one who has so many memories already. Those are not
ingested one by one, which would take 40 minutes: the pipeline's own steps make them, and they are
written in bulk, with random vectors, which take a search as long as real ones. Each turn states one
fact, so it is two documents. Writes bench/results/memory_scale.json.
"""

import os
import random
import resource
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np

from bench import figures
from bench.figures import Finding
from bench.servers import private_servers
from keepsake.inference import DIMENSIONS
from keepsake.memory import (
    MEMORIES,
    MemoryQuery,
    MemoryScope,
    MemoryService,
    MemorySettings,
    Turn,
)
from keepsake.memory.domains.registry import classify, extract
from keepsake.memory.judge import judge
from keepsake.memory.models import JudgedTurn
from keepsake.memory.service import embedding_model
from keepsake.memory.storing.documents import USERS, owned
from keepsake.memory.storing.weave import TurnOrigin, texts, weave
from keepsake.storage import Document, Documents, connect

NEW, OLD = MemoryScope("bench", "new"), MemoryScope("bench", "old")
INGESTED, SEARCHES, CLIENTS = 300, 100, 8
_MODEL = embedding_model(MemorySettings()).name
_TOGETHER = 1_000
_BEGAN = datetime(2020, 1, 1, tzinfo=UTC)
_STATES = ["like", "use", "speak about", "play", "study", "own a book on", "work on", "enjoy"]
_KINDS = ["old", "red", "quiet", "northern", "tiny", "famous", "lost", "wooden", "new", "blue"]
_THINGS = ["rivers", "jazz", "maps", "chess", "glass", "bees", "trains", "poems", "bread", "kites"]


def turns(first: int, count: int) -> Iterator[Turn]:
    """Turns that each state one fact, in sessions of twenty, an hour apart."""
    choose = random.Random(first)
    for number in range(first, first + count):
        words = (choose.choice(_STATES), choose.choice(_KINDS), choose.choice(_THINGS))
        yield Turn(
            user_query=f"I {words[0]} {words[1]} {words[2]} number {number}.",
            session_id=f"s{number // 20}", source_id=f"t{number}",
            session_datetime=(_BEGAN + timedelta(hours=number)).isoformat(),
        )  # fmt: skip


def fill(database: Documents, memories: int) -> None:
    """Write memories as the pipeline makes them, many at a time, until a user has so many."""
    there = database[MEMORIES].count_documents(owned(OLD))
    user = database[USERS].find_one(owned(OLD)) or {"revision": 0}
    first = user["revision"] + 1
    chance = np.random.default_rng(first)
    waiting: list[Document] = []
    for number, turn in enumerate(turns(1_000_000 + first, (memories - there) // 2), first):
        waiting += _made(turn, number, chance)
        if len(waiting) >= _TOGETHER:
            database[MEMORIES].insert_many(waiting)
            waiting = []
    if waiting:
        database[MEMORIES].insert_many(waiting)
    changes = {"$set": {"revision": user["revision"] + (memories - there) // 2, "epoch": 0}}
    database[USERS].update_one(owned(OLD), changes, upsert=True)


def _made(turn: Turn, number: int, chance: np.random.Generator) -> list[Document]:
    said_at = turn.said_at or _BEGAN
    origin = TurnOrigin(f"fill{number}", 0, turn, said_at)
    candidates = extract(turn, classify(turn), said_at.date())
    operations = judge(candidates, [], JudgedTurn(said_at, origin.job_id, origin.prefix))
    vectors = chance.normal(size=(len(texts(turn, operations)), DIMENSIONS)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    placed = {**owned(OLD), "rev": number, "order": number, "created_at": said_at}
    return [{**document, **placed} for document in weave(origin, operations, vectors, _MODEL).begun]


def ingested(service: MemoryService, scope: MemoryScope, first: int) -> dict[str, Any]:
    """What a turn takes, with its embedding."""
    took = []
    for turn in turns(first, INGESTED):
        began = time.perf_counter()
        service.pipeline.ingest(scope, turn, job_id=turn.source_id)
        took.append(1000 * (time.perf_counter() - began))
    return {"turns_per_second": round(1000 * len(took) / sum(took), 1), **_percentiles(took)}


def built(service: MemoryService) -> dict[str, Any]:
    """The first search, which builds the index, and the memory that it takes."""
    service.search.find(MemoryScope("bench", "nobody"), MemoryQuery(query="load the model"))
    before, began = _resident_mb(), time.perf_counter()
    service.search.find(OLD, MemoryQuery(query="what do I play?"))
    return {
        "seconds": round(time.perf_counter() - began, 2),
        "peak_mb_more": round(_resident_mb() - before),
        "index_mb": round(service.search.size_bytes / 1e6),
    }


def searched(service: MemoryService) -> dict[str, dict[str, Any]]:
    """New queries, and the same again, whose vectors are kept; the difference is the model's."""
    queries = [f"Do I like {kind} {subject}?" for kind in _KINDS for subject in _THINGS][:SEARCHES]
    return {name: _percentiles([_search_ms(service, query) for query in queries])
            for name in ("new queries", "repeated queries")}  # fmt: skip


def put_together(service: MemoryService) -> dict[str, dict[str, Any]]:
    """Contexts for a prompt without a query: new ones, of another length each, and one again."""
    lengths = {"contexts": range(2_000, 2_000 + SEARCHES), "the same context": [2_000] * SEARCHES}
    return {name: _percentiles([_context_ms(service, most) for most in some])
            for name, some in lengths.items()}  # fmt: skip


def _context_ms(service: MemoryService, most: int) -> float:
    began = time.perf_counter()
    service.contexts.of(OLD, max_tokens=most)
    return 1000 * (time.perf_counter() - began)


def followed(service: MemoryService, first: int) -> dict[str, Any]:
    """A search right after each ingest, which takes in what was written."""
    took = []
    for turn in turns(first, SEARCHES):
        service.pipeline.ingest(OLD, turn, job_id=turn.source_id)
        took.append(_search_ms(service, "what do I play?"))
    return _percentiles(took)


def beside(service: MemoryService) -> dict[str, Any]:
    """New queries by clients beside each other, and by one alone."""
    rows = {}
    for clients, about in ((1, "alone"), (CLIENTS, "together")):
        queries = [f"What {about} of {kind} {subject}?" for kind in _KINDS for subject in _THINGS]
        began = time.perf_counter()
        with ThreadPoolExecutor(clients) as pool:
            took = list(pool.map(lambda query: _search_ms(service, query), queries))
        per_second = round(len(queries) / (time.perf_counter() - began), 1)
        rows[str(clients)] = {"searches_per_second": per_second, **_percentiles(took)}
    return rows


def _search_ms(service: MemoryService, query: str) -> float:
    began = time.perf_counter()
    service.search.find(OLD, MemoryQuery(query=query))
    return 1000 * (time.perf_counter() - began)


def _percentiles(took: list[float]) -> dict[str, Any]:
    return {f"p{share}_ms": round(figures.percentile(took, share / 100), 1) for share in (50, 99)}


def _resident_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def measured(database: Documents, sizes: list[int]) -> dict[str, dict[str, Any]]:
    """All figures, by how many memories there are; before all, a new user's."""
    service = MemoryService.over(database)
    built(service)  # indexes in MongoDB, the model
    rows: dict[str, dict[str, Any]] = {"0": {"ingest": ingested(service, NEW, 0)}}
    for memories in sizes:
        fill(database, memories)
        fresh = MemoryService.over(database)
        rows[str(memories)] = {
            "ingest": ingested(fresh, OLD, memories), "first search": built(fresh),
            **searched(fresh), **put_together(fresh), "clients beside each other": beside(fresh),
            "after each ingest": followed(fresh, memories + INGESTED),
        }  # fmt: skip
        for what, figure in rows[str(memories)].items():
            print(f"{memories:,}", what, figure, flush=True)
    return rows


def findings(rows: dict[str, dict[str, Any]]) -> list[Finding]:
    """The lines of the table of results."""
    new = rows["0"]["ingest"]["turns_per_second"]
    return [finding for memories in rows if memories != "0"
            for finding in _findings(rows[memories], f"{int(memories):,}", new)]  # fmt: skip


def _findings(rows: dict[str, Any], memories: str, new: float) -> list[Finding]:
    full, asked, index = rows["ingest"], rows["new queries"], rows["first search"]
    clients = rows["clients beside each other"].values()
    alone, together = (row["searches_per_second"] for row in clients)
    return [
        Finding(f"Memory, ingest into {memories} memories of one user",
                f"{full['turns_per_second']} turns/s", f"a new user {new}/s",
                round(full["turns_per_second"] / new, 2)),
        Finding(f"Memory, search in {memories} memories, p50 / p99",
                f"{asked['p50_ms']} / {asked['p99_ms']} ms"),
        Finding(f"Memory, {CLIENTS} clients in {memories} memories of one user",
                f"{together} searches/s", f"one {alone}/s",
                round(together / alone, 2)),
        Finding(f"Memory, index of {memories} memories",
                f"{index['index_mb']} MB, built in {index['seconds']} s"),
    ]  # fmt: skip


def main() -> None:
    """Fill, ingest, search."""
    sizes = [int(size) for size in os.environ.get("MEMORIES", "50000 100000").split()]
    with private_servers():
        rows = measured(connect(), sizes)
        print("The memories that were there were written in bulk, not ingested.")
        figures.keep("memory_scale", rows, findings(rows), {"memories": sizes})


if __name__ == "__main__":
    main()
