"""Many memories of one user: what ingesting and searching them takes, in one process.

    make bench-memory_scale [MEMORIES=50000]

Private servers, no HTTP, one thread. Turns are ingested by the pipeline for a user who is new and
for one who has MEMORIES already; those are made by the pipeline's own steps and written in bulk,
with random vectors, which take a search as long as real ones. Each turn states one fact, so it is
two documents. Writes bench/results/memory_scale.json.
"""

import os
import random
import resource
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np

from bench import figures
from bench.figures import Finding
from bench.servers import farm
from memory.embedding import DIMENSIONS
from memory.extracting.classify import classify
from memory.extracting.extract import extract
from memory.indexes import MEMORIES, USERS
from memory.judging.judge import Moment, judge
from memory.models import Scope, Turn
from memory.searching.search import Query
from memory.service import MemoryService
from memory.storing.documents import owned
from memory.storing.weave import Origin, texts, weave
from storage.mongo import Document, Documents, connect

NEW, OLD = Scope("bench", "new"), Scope("bench", "old")
INGESTED, SEARCHES = 500, 100
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
    """Write a user's memories as the pipeline makes them, many at a time."""
    chance = np.random.default_rng(1)
    waiting: list[Document] = []
    for number, turn in enumerate(turns(0, memories // 2), 1):
        waiting += _made(turn, number, chance)
        if len(waiting) >= _TOGETHER:
            database[MEMORIES].insert_many(waiting)
            waiting = []
    if waiting:
        database[MEMORIES].insert_many(waiting)
    user = {**owned(OLD), "revision": memories // 2, "epoch": 0}
    database[USERS].insert_one(user)


def _made(turn: Turn, number: int, chance: np.random.Generator) -> list[Document]:
    said_at = turn.said_at or _BEGAN
    origin = Origin(f"fill{number}", 0, turn, said_at)
    candidates = extract(turn, classify(turn), said_at.date())
    operations = judge(candidates, [], Moment(said_at, origin.job_id, origin.prefix))
    vectors = chance.normal(size=(len(texts(turn, operations)), DIMENSIONS)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    placed = {**owned(OLD), "rev": number, "order": number, "created_at": said_at}
    return [{**document, **placed} for document in weave(origin, operations, vectors).begun]


def ingested(service: MemoryService, scope: Scope, first: int) -> dict[str, Any]:
    """What a turn takes, with its embedding."""
    took = []
    for position, turn in enumerate(turns(first, INGESTED)):
        began = time.perf_counter()
        service.pipeline.ingest(scope, turn, job_id=scope.user_id, position=position)
        took.append(1000 * (time.perf_counter() - began))
    return {"turns_per_second": round(1000 * len(took) / sum(took), 1), **_percentiles(took)}


def built(service: MemoryService) -> dict[str, Any]:
    """The first search, which builds the index, and the memory that it takes."""
    service.search.find(Scope("bench", "nobody"), Query(query="load the model"))
    before, began = _resident_mb(), time.perf_counter()
    service.search.find(OLD, Query(query="what do I play?"))
    return {
        "seconds": round(time.perf_counter() - began, 2),
        "peak_mb_more": round(_resident_mb() - before),
        "index_mb": round(service.search.size_bytes / 1e6),
    }


def searched(service: MemoryService) -> dict[str, dict[str, Any]]:
    """New queries, and the same again, whose vectors are kept; the difference is the model's."""
    queries = [f"Do I like {kind} {thing}?" for kind in _KINDS for thing in _THINGS][:SEARCHES]
    return {name: _percentiles([_search_ms(service, query) for query in queries])
            for name in ("new queries", "repeated queries")}  # fmt: skip


def followed(service: MemoryService, first: int) -> dict[str, Any]:
    """A search right after each ingest, which takes in what was written."""
    took = []
    for position, turn in enumerate(turns(first, SEARCHES)):
        service.pipeline.ingest(OLD, turn, job_id="after", position=position)
        took.append(_search_ms(service, "what do I play?"))
    return _percentiles(took)


def _search_ms(service: MemoryService, query: str) -> float:
    began = time.perf_counter()
    service.search.find(OLD, Query(query=query))
    return 1000 * (time.perf_counter() - began)


def _percentiles(took: list[float]) -> dict[str, Any]:
    return {f"p{share}_ms": round(figures.percentile(took, share / 100), 1) for share in (50, 99)}


def _resident_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def measured(database: Documents, memories: int) -> dict[str, Any]:
    """All figures."""
    service = MemoryService.over(database)
    built(service)  # indexes in MongoDB, the model
    rows = {"ingest, new user": ingested(service, NEW, 0)}
    fill(database, memories)
    rows |= {"ingest, full user": ingested(service, OLD, memories),
             "first search": built(service), **searched(service),
             "after each ingest": followed(service, 2 * memories)}  # fmt: skip
    return rows


def findings(rows: dict[str, Any], memories: int) -> list[Finding]:
    """The lines of the README."""
    new, full, asked = rows["ingest, new user"], rows["ingest, full user"], rows["new queries"]
    index = rows["first search"]
    return [
        Finding(f"Memory, ingest into {memories:,} memories of one user",
                f"{full['turns_per_second']} turns/s", f"a new user {new['turns_per_second']}/s",
                round(full["turns_per_second"] / new["turns_per_second"], 2)),
        Finding(f"Memory, search in {memories:,} memories, p50 / p99",
                f"{asked['p50_ms']} / {asked['p99_ms']} ms"),
        Finding(f"Memory, index of {memories:,} memories",
                f"{index['index_mb']} MB, built in {index['seconds']} s"),
    ]  # fmt: skip


def main() -> None:
    """Fill, ingest, search."""
    memories = int(os.environ.get("MEMORIES") or 50_000)
    with farm():
        rows = measured(connect(), memories)
        for what, row in rows.items():
            print(what, row)
        figures.keep("memory_scale", rows, findings(rows, memories), {"memories": memories})


if __name__ == "__main__":
    main()
