"""Evidence recall of the search on LoCoMo's conversations, turn level, without a language model.

    python -m bench.memory_recall PATH_TO_LOCOMO_JSON

The data is CC BY-NC 4.0 and stays where it is. Each turn is ingested as `Speaker: text`, each
conversation as a user of its own, into a private mongod.
"""

import json
import re
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import dateparser
import numpy as np

from memory import ranking
from memory.models import Kind, Scope, Turn
from memory.search import Query
from memory.service import MemoryService
from stack.mongod import Mongod
from stack.ports import free_port
from storage.mongo import MongoSettings, connect

CUTS = (5, 10, 20)
METHODS = {"bm25 alone": {"lexical": 1.0}, "dense alone": {"dense": 1.0}, "hybrid": {}}


@dataclass(frozen=True)
class Question:
    """One question and the turns that answer it."""

    text: str
    evidence: frozenset[str]
    category: int


def main() -> None:
    samples = json.loads(Path(sys.argv[1]).read_text())
    with tempfile.TemporaryDirectory() as name:
        mongod = Mongod(Path(name), free_port())
        mongod.start()
        try:
            service = MemoryService.over(connect(MongoSettings(mongo_url=mongod.url)))
            _ingest(service, samples)
            _compare(service, samples)
        finally:
            mongod.stop()


def _ingest(service: MemoryService, samples: list[Any]) -> None:
    began, count = time.perf_counter(), 0
    for number, sample in enumerate(samples):
        for position, turn in enumerate(turns(sample["conversation"])):
            service.pipeline.ingest(_scope(number), turn, job_id=f"c{number}", position=position)
            count += 1
    seconds = time.perf_counter() - began
    print(f"ingested {count} turns in {seconds:.1f} s: {count / seconds:.1f} turns/s, one thread")


def _compare(service: MemoryService, samples: list[Any]) -> None:
    whole = dict(ranking.WEIGHTS)
    for method, weights in METHODS.items():
        for kinds in ((Kind.TURN,), tuple(Kind)):
            ranking.WEIGHTS.update({name: weights.get(name, 0.0) for name in whole} if weights
                                   else whole)  # fmt: skip
            _evaluate(service, samples, method, kinds)


def _evaluate(
    service: MemoryService, samples: list[Any], method: str, kinds: tuple[Kind, ...]
) -> None:
    recalls: dict[int, list[float]] = defaultdict(list)
    by_category: dict[int, list[float]] = defaultdict(list)
    by_sample: dict[int, list[float]] = defaultdict(list)
    took = []
    for number, sample in enumerate(samples):
        for question in questions(sample):
            began = time.perf_counter()
            query = Query(query=question.text, top_k=max(CUTS), kinds=kinds)
            hits = service.search.find(_scope(number), query)
            took.append(1000 * (time.perf_counter() - began))
            sources = list(dict.fromkeys(source for hit in hits for source in hit.source_ids))
            for cut in CUTS:
                found = question.evidence & set(sources[:cut])
                recalls[cut].append(100 * len(found) / len(question.evidence))
            by_category[question.category].append(recalls[10][-1])
            by_sample[number].append(recalls[10][-1])
    shown = "  ".join(f"R@{cut} {np.mean(recalls[cut]):.1f}" for cut in CUTS)
    print(f"{method}, {'+'.join(kinds)}, {len(took)} questions: {shown}")
    print(f"  R@10 by category {_means(by_category)}, by conversation {_means(by_sample)}")
    print(f"  search p50 {np.percentile(took, 50):.1f} ms, p99 {np.percentile(took, 99):.1f} ms")


def _means(groups: dict[int, list[float]]) -> str:
    return " ".join(f"{name}: {np.mean(groups[name]):.1f}" for name in sorted(groups))


def turns(conversation: dict[str, Any]) -> Iterator[Turn]:
    """The turns of a conversation, in order."""
    for number in range(1, len(conversation)):
        session = conversation.get(f"session_{number}") or []
        said_at = dateparser.parse(conversation.get(f"session_{number}_date_time", ""))
        for said in session:
            caption = said.get("blip_caption")
            shared = f" [shares {caption}]" if caption else ""
            yield Turn(
                user_query=f"{said['speaker']}: {said['text']}{shared}",
                session_datetime=said_at.isoformat() if said_at else "",
                source_id=said["dia_id"],
                session_id=f"session_{number}",
            )


def questions(sample: dict[str, Any]) -> Iterator[Question]:
    """Those with usable evidence."""
    known = {turn.source_id for turn in turns(sample["conversation"])}
    for asked in sample["qa"]:
        places = re.findall(r"D:?(\d+):(\d+)", " ".join(asked["evidence"]))
        evidence = {f"D{session}:{int(turn)}" for session, turn in places} & known
        if evidence:
            yield Question(asked["question"], frozenset(evidence), asked["category"])


def _scope(number: int) -> Scope:
    return Scope("bench", f"conversation{number}")


if __name__ == "__main__":
    main()
