"""The roll-up: what happened in each minute and what waits, counted once for all who ask.

So no dashboard ever counts jobs. What happened is counted from the records once a minute is over,
along the ids for what was accepted and along the expiry for what ended. So it is exact, and made up
for after an outage of up to an hour. What waited in a minute is as it was at the last look in it,
and nobody can look afterwards.
"""

import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from pymongo.errors import DuplicateKeyError

from keepsake.jobs.expressions import NOW, after
from keepsake.jobs.indexes import RETENTION, TIMELINE
from keepsake.jobs.look import Look
from keepsake.jobs.records import Records
from keepsake.jobs.states import ENDED, State
from keepsake.storage import DatabaseClock, Document, first_id, translated

LATEST = "latest"
"""The id of the row that has what waits now."""
OWNERS_KEPT = 100
"""Owners of a minute, those with most jobs."""
STAMPED = ("types", "letters")
"""What versions before 0.1.0 do not write there."""
_TURN = "turn"
_MINUTE = timedelta(minutes=1)
_KEPT_SECONDS = 86_400
_MADE_UP = 60
"""Minutes back that are made up for."""
LATENCY_STEPS = 4
"""Latencies are counted by classes of a fourth of an octave of milliseconds: within a tenth."""
_ENTERED: Document = {
    "$cond": [
        {"$eq": [{"$first": "$state_history.state"}, State.SCHEDULED]},
        {"$arrayElemAt": ["$state_history.at", 1]},
        "$created_at",
    ]
}
"""When a job could first run: a scheduled one when it was let in."""
_MILLISECONDS: Document = {"$max": [{"$subtract": ["$ended_at", _ENTERED]}, 1]}
_LATENCY: Document = {
    "$cond": [
        {"$eq": ["$state", State.SUCCEEDED]},
        {"$toInt": {"$multiply": [LATENCY_STEPS, {"$log": [_MILLISECONDS, 2]}]}},
        None,
    ]
}
_AT_ONCE = 10
"""Minutes that one look counts."""
_LATE = timedelta(seconds=5)
"""Records of a minute are on disk by then."""
_PAUSE_SECONDS, PAUSE_MOST_SECONDS = 5.0, 60.0
_PAUSE_SHARE = 50
"""A look that takes long is rare, so that looking takes a fiftieth of the time at most."""


class RollUp:
    """Any number of processes may look; whose turn it is, one does. Two at once do no harm."""

    def __init__(self, records: Records) -> None:
        self._records = records
        self._jobs = records.jobs
        self._rows = records.database[TIMELINE]
        self._look = Look(records)
        self._clock = DatabaseClock()
        self._asleep_until = 0.0

    def run_once(self) -> bool:
        """Look and count, if it is time; whether it was.

        Raises:
            StorageUnavailable: MongoDB does not answer.
        """
        if time.monotonic() < self._asleep_until:
            return False
        self._asleep_until = time.monotonic() + _PAUSE_SECONDS
        self._records.prepare()
        with translated("taking turns"):
            if not self._is_my_turn():
                return False
        began = time.monotonic()
        with translated("rolling up"):
            now = self._clock.time(self._records.database).now
            self._note(now)
            for minute in self._uncounted(now)[:_AT_ONCE]:
                self._count(minute)
            took = time.monotonic() - began
            pause = min(max(_PAUSE_SHARE * took, _PAUSE_SECONDS), PAUSE_MOST_SECONDS)
            self._rows.update_one({"_id": _TURN}, [{"$set": {"due_at": after(pause)}}])
        return True

    def _is_my_turn(self) -> bool:
        """Whether a look is due and nobody else took it; one that dies at it is waited for."""
        later = {"_id": _TURN, "$expr": {"$gt": ["$due_at", NOW]}}
        if self._rows.find_one(later, {"_id": 1}) is not None:
            return False
        seen = (self._rows.find_one({"_id": _TURN}) or {}).get("due_at")
        try:
            taken = self._rows.update_one(
                {"_id": _TURN, "due_at": seen},
                [{"$set": {"due_at": after(PAUSE_MOST_SECONDS)}}],
                upsert=True,
            )
        except DuplicateKeyError:
            return False
        return bool(taken.modified_count or taken.upserted_id)

    def _note(self, now: datetime) -> None:
        """Look, and write down what is seen: as the latest, and of this minute.

        Of the latest row nothing is left that another version saw. Former ones write over their own
        fields alone: rows that they do not know say of which look they are.
        """
        seen = {"looked_at": now, **self._look.take()}
        stamped = {name: [{**row, "seen_at": now} for row in seen[name]] for name in STAMPED}
        self._rows.replace_one({"_id": LATEST}, {**seen, **stamped}, upsert=True)
        kept = ("looked_at", "states", "queues")
        self._store(_floor(now), {name: seen[name] for name in kept})

    def _uncounted(self, now: datetime) -> list[datetime]:
        """The minutes that are over and not counted, the newest first."""
        last = _floor(now - _LATE) - _MINUTE
        wanted = [last - n * _MINUTE for n in range(_MADE_UP)]
        counted = {"_id": {"$gte": wanted[-1], "$lte": last}, "counts": {"$exists": True}}
        there = {row["_id"] for row in self._rows.find(counted, {"_id": 1})}
        return [minute for minute in wanted if minute not in there]

    def _count(self, minute: datetime) -> None:
        """Count what happened in a minute, in all and by owner, and how long it took."""
        owners = defaultdict[str, Counter[str]](Counter)
        latencies = Counter[str]()
        for row in self._accepted(minute):
            owners[row["_id"]]["accepted"] = row["jobs"]
        for row in self._ended(minute):
            owners[row["_id"]["owner"]][row["_id"]["state"]] += row["jobs"]
            owners[row["_id"]["owner"]]["failed_attempts"] += row["failures"]
            if row["_id"]["latency"] is not None:
                latencies[str(row["_id"]["latency"])] += row["jobs"]
        counts = sum(owners.values(), Counter[str]())
        top = dict(sorted(owners.items(), key=lambda item: -item[1].total())[:OWNERS_KEPT])
        happened = {"counts": dict(counts), "latencies": dict(latencies)}
        self._store(minute, {**happened, "owners": _listed("owner", top)})

    def _accepted(self, minute: datetime) -> Iterable[Document]:
        """By owner, those with an id of that minute."""
        ids = {"$gte": first_id("job", minute), "$lt": first_id("job", minute + _MINUTE)}
        group = {"_id": "$owner", "jobs": {"$sum": 1}}
        return self._jobs.aggregate([{"$match": {"_id": ids}}, {"$group": group}], hint="_id_")

    def _ended(self, minute: datetime) -> Iterable[Document]:
        """By owner, state and latency, those that expire as long after it as such are kept."""
        for seconds in sorted({self._records.kept_seconds(state) for state in ENDED}):
            begin = minute + timedelta(seconds=seconds)
            ended = sorted(s for s in ENDED if self._records.kept_seconds(s) == seconds)
            expiry = {"$gte": begin, "$lt": begin + _MINUTE, "$type": "date"}
            which = {"expire_at": expiry, "state": {"$in": ended}}
            group = {
                "_id": {"owner": "$owner", "state": "$state", "latency": _LATENCY},
                "jobs": {"$sum": 1},
                "failures": {"$sum": "$failures"},
            }
            stages = [{"$match": which}, {"$group": group}]
            yield from self._jobs.aggregate(stages, hint=RETENTION.name)

    def _store(self, minute: datetime, fields: Document) -> None:
        expiry = {"expire_at": minute + timedelta(seconds=_KEPT_SECONDS)}
        self._rows.update_one({"_id": minute}, {"$set": {**fields, **expiry}}, upsert=True)


def _floor(at: datetime) -> datetime:
    return at.replace(second=0, microsecond=0)


def _listed(name: str, counted: Mapping[str, Counter[str]]) -> list[Document]:
    """Rows with their names as values: a field's name may be no client's word."""
    return [{name: key, **counts} for key, counts in counted.items()]
