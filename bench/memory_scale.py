"""Many memories of one user: what ingesting and searching them takes.

    python -m bench.memory_scale [TURNS]

One user, one thread, a private mongod. Each turn states one fact, so a turn is two documents.
"""

import random
import resource
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from memory.models import Scope, Turn
from memory.search import Query
from memory.service import MemoryService
from stack.mongod import Mongod
from stack.ports import free_port
from storage.mongo import MongoSettings, connect

TURNS = 25_000
SCOPE = Scope("bench", "u1")
_STATES = ["like", "use", "speak about", "play", "study", "own a book on", "work on", "drive to"]
_THINGS = ["rivers", "jazz", "maps", "chess", "glass", "bees", "trains", "poems", "bread", "kites"]
_KINDS = ["old", "red", "quiet", "northern", "tiny", "famous", "lost", "wooden", "new", "blue"]


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else TURNS
    with tempfile.TemporaryDirectory() as name:
        mongod = Mongod(Path(name), free_port())
        mongod.start()
        try:
            database = connect(MongoSettings(mongo_url=mongod.url))
            _ingest(MemoryService.over(database), count)
            _search(MemoryService.over(database))
        finally:
            mongod.stop()


def _ingest(service: MemoryService, count: int) -> None:
    began, took = time.perf_counter(), []
    for position, turn in enumerate(_turns(count)):
        at = time.perf_counter()
        service.pipeline.ingest(SCOPE, turn, job_id="bench", position=position)
        took.append(1000 * (time.perf_counter() - at))
        if position + 1 in {1_000, count}:
            recent = took[-1_000:]
            print(f"turn {position + 1}: p50 {np.percentile(recent, 50):.1f} ms, "
                  f"p99 {np.percentile(recent, 99):.1f} ms over the last 1000")  # fmt: skip
    print(f"{count} turns in {time.perf_counter() - began:.0f} s, {service.archive.counts(SCOPE)}")


def _search(service: MemoryService) -> None:
    service.search.find(Scope("bench", "nobody"), Query(query="warm the model"))
    before, began = _rss_mb(), time.perf_counter()
    service.search.find(SCOPE, Query(query="what do I play?"))
    print(f"first search, which builds the index: {time.perf_counter() - began:.2f} s, "
          f"{_rss_mb() - before:.0f} MB more at the peak")  # fmt: skip
    for new in (True, False):
        _repeat(service, "new queries" if new else "queries embedded before")


def _repeat(service: MemoryService, label: str) -> None:
    took = []
    for kind in _KINDS:
        for thing in _THINGS:
            at = time.perf_counter()
            service.search.find(SCOPE, Query(query=f"Do I like {kind} {thing}?"))
            took.append(1000 * (time.perf_counter() - at))
    print(f"{label}: p50 {np.percentile(took, 50):.1f} ms, p99 {np.percentile(took, 99):.1f} ms")


def _turns(count: int) -> Iterator[Turn]:
    choose = random.Random(1)
    for number in range(count):
        words = (choose.choice(_STATES), choose.choice(_KINDS), choose.choice(_THINGS))
        text = f"I {words[0]} {words[1]} {words[2]} number {number}."
        yield Turn(user_query=text, session_id=f"s{number // 20}", source_id=f"t{number}")


def _rss_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
