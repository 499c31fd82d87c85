"""What clients order, what jobs did, and whether the two agree.

The effects of each job are known beforehand. A *ledger* is what the jobs of one lane did, in order.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from enum import StrEnum
from itertools import pairwise
from random import Random
from typing import Any

from keepsake.jobs import Job, State
from keepsake.memory import MEMORIES
from keepsake.storage import Document, Documents


class Way(StrEnum):
    """How a job goes."""

    STEPS = "steps"
    FAILS_ONCE = "fails once"
    DIES_ONCE = "dies once"
    GIVEN_UP = "given up"
    REMEMBERS = "remembers"
    """Real turns, ingested by the real actors."""


_INGEST, _BATCH = "/v2/memory/ingest", "/v2/memory/batch-ingest"
_WEIGHTS = {Way.STEPS: 80, Way.FAILS_ONCE: 10, Way.DIES_ONCE: 2, Way.GIVEN_UP: 8}


@dataclass(frozen=True, slots=True)
class Plan:
    """One job: `steps` effects, `pause_seconds` of thought before each; turns have none.

    A job that is given up has its effects only when it is replayed.
    """

    way: Way
    steps: int
    pause_seconds: float

    @classmethod
    def drawn(cls, chance: Random, pause_seconds: float) -> "Plan":
        """A plan by chance; its thoughts take `pause_seconds` on average."""
        way = chance.choices(list(_WEIGHTS), list(_WEIGHTS.values()))[0]
        return cls(way, chance.randint(1, 4), round(chance.uniform(0, 2 * pause_seconds), 3))

    @classmethod
    def remembering(cls, chance: Random) -> "Plan":
        """Some turns of one user."""
        return cls(Way.REMEMBERS, chance.randint(1, 3), 0)

    @classmethod
    def read(cls, text: str) -> "Plan":
        """The plan that a job's text holds."""
        fields = json.loads(text)
        return cls(Way(fields["way"]), fields["steps"], fields["pause_seconds"])

    def request(self, salt: str, lane: int) -> tuple[str, dict[str, Any]]:
        """The path and the body to post; the salt keeps two equal plans apart."""
        if self.way is not Way.REMEMBERS:
            return _INGEST, {"user_query": self._text(salt), "user_id": f"lane-{lane}"}
        turns: list[dict[str, Any]]
        turns = [{"user_query": f"I live in Town{salt}x{step}.", "user_id": f"user-{lane}"}
                 for step in range(self.steps)]  # fmt: skip
        return (_INGEST, turns[0]) if self.steps == 1 else (_BATCH, {"items": turns})

    def _text(self, salt: str) -> str:
        return json.dumps({**asdict(self), "salt": salt})


LEDGER = "chaos_ledger"
DEATHS = "chaos_deaths"


@dataclass(slots=True)
class Order:
    """A job that a client was told is accepted."""

    plan: Plan
    cancelled: bool = False
    replay: bool = False

    @property
    def ends(self) -> set[State]:
        """How it may end."""
        given_up = self.plan.way is Way.GIVEN_UP and not self.replay
        well = State.DEAD_LETTER if given_up else State.SUCCEEDED
        return {well, State.CANCELLED} if self.cancelled else {well}


@dataclass(slots=True)
class Count:
    """What the ledgers show. The lists name the jobs at fault."""

    accepted: int = 0
    recovered: int = 0
    cancelled: int = 0
    replayed: int = 0
    remembered: int = 0
    lost: list[str] = field(default_factory=list)
    duplicated: list[str] = field(default_factory=list)
    disordered: list[str] = field(default_factory=list)
    recovery_seconds: list[float] = field(default_factory=list)

    @property
    def sound(self) -> bool:
        """Whether every promise was kept, and there was something to keep."""
        return self.accepted > 0 and not (self.lost or self.duplicated or self.disordered)


def unfinished(database: Documents) -> int:
    """The jobs that have not ended."""
    return database["jobs"].count_documents({"open_lane": {"$exists": True}})


def audited(
    database: Documents, orders: Mapping[str, Order], falls: Mapping[int, list[datetime]]
) -> Count:
    """Compare every accepted job and every effect with what was ordered.

    falls: when each process was killed or stopped.
    """
    count = Count(accepted=len(orders))
    jobs = {doc["_id"]: Job(doc) for doc in database["jobs"].find()}
    ledgers = [*database[LEDGER].find(), *_remembered(database)]
    effects = Counter((e["job"], e["step"]) for ledger in ledgers for e in ledger["entries"])
    deaths = {doc["_id"]: doc["at"] for doc in database[DEATHS].find()}
    for job_id, order in orders.items():
        if fault := _fault(jobs.get(job_id), order, job_id, effects):
            count.lost.append(f"{job_id} ({fault})")
    count.duplicated = [job_id for (job_id, _), times in effects.items() for _ in range(times - 1)]
    count.duplicated += _twice_recorded(jobs.values()) + _twice_known(database)
    count.cancelled = sum(job.state is State.CANCELLED for job in jobs.values())
    count.replayed = sum(order.replay for order in orders.values())
    count.remembered = sum(order.plan.way is Way.REMEMBERS for order in orders.values())
    for job in jobs.values():
        gaps = recoveries(job, falls, deaths.get(job.id))
        count.recovery_seconds += gaps
        count.recovered += job.id in orders and job.record["crashes"] > 0 and bool(gaps)
    for ledger in ledgers:
        count.disordered += _out_of_order(ledger, jobs)
    return count


def _remembered(database: Documents) -> list[Document]:
    """Each user's turns as a ledger, in the order in which they were committed."""
    users: defaultdict[str, list[Document]] = defaultdict(list)
    for turn in database[MEMORIES].find({"kind": "turn"}, {"vector": 0}).sort("order"):
        origin = turn["provenance"]
        users[turn["user_id"]].append({"job": origin["job_id"], "step": origin["position"]})
    return [{"entries": entries} for entries in users.values()]


def _twice_known(database: Documents) -> list[str]:
    """Jobs of memories that were made twice from one turn."""
    memories = Counter(
        (memory["provenance"]["job_id"], memory["provenance"]["position"], memory["content"])
        for memory in database[MEMORIES].find({"kind": "memory"}, {"vector": 0})
    )
    return [job_id for (job_id, _, _), times in memories.items() for _ in range(times - 1)]


def _fault(job: Job | None, order: Order, job_id: str, effects: Counter[tuple[str, int]]) -> str:
    """What is wrong with a job; empty when nothing is."""
    if job is None:
        return "no record"
    planned, done = order.plan.steps, [s for s in range(order.plan.steps) if effects[job_id, s]]
    whole = {str(State.SUCCEEDED): planned, str(State.DEAD_LETTER): 0}.get(job.state, len(done))
    if job.state in order.ends and done == list(range(whole)):
        return ""
    return f"{job.state} with {len(done)} of {planned} effects"


def _twice_recorded(jobs: Iterable[Job]) -> list[str]:
    """Jobs that share a client's key: a request that was repeated became two."""
    seen: set[str] = set()
    twice = []
    for job in jobs:
        key = job.record["idempotency"]["key"]
        if key is not None and "replay_of" not in job.record["lineage"]:
            if key in seen:
                twice.append(job.id)
            seen.add(key)
    return twice


def _out_of_order(ledger: Document, jobs: Mapping[str, Job]) -> list[str]:
    """Entries that come before an entry of a job that was accepted earlier, or of a lower step."""
    places = [
        (jobs[e["job"]].record["accepted"], e["job"], e["step"])
        for e in ledger["entries"]
        if e["job"] in jobs
    ]
    return [late[1] for early, late in pairwise(places) if late < early]


def recoveries(
    job: Job, falls: Mapping[int, list[datetime]], death: datetime | None
) -> list[float]:
    """Seconds from the fall of a worker to the start of the job's next attempt."""
    rows = list(reversed(job.record["attempts"]))
    gaps = []
    for row, following in pairwise(rows):
        if row.get("outcome") != "lost_worker":
            continue
        pid = int(row["worker"].rpartition(":")[2].partition("-")[0])
        fell = [at for at in [*falls.get(pid, []), *([death] if death else [])]
                if row["started_at"] <= at <= following["started_at"]]  # fmt: skip
        if fell:
            gaps.append((following["started_at"] - max(fell)).total_seconds())
    return gaps
