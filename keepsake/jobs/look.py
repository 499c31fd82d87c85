"""A look: where jobs stand now, counted once for all who ask.

It reads along indexes: what has not ended, and of that what waits by the relay's index and what
runs by that of lanes. Records are read where there are few, or a bounded number of them.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict

from keepsake.jobs.expressions import ERROR_TYPE
from keepsake.jobs.indexes import (
    DEAD_LETTERS,
    DEADLINES_BY_TYPE,
    LANE_HOLDER,
    LETTERS,
    OF_UNFINISHED,
    SCHEDULED_JOBS,
    WAITING_JOBS,
)
from keepsake.jobs.queues import Overview, QueueSwitches
from keepsake.jobs.records import RUNNING, UNENDED, Records
from keepsake.jobs.states import State
from keepsake.storage import Document, translated

_OWNERS_KEPT, _CAUSES_KEPT = 500, 100
"""Those with most unfinished jobs, and with most dead letters."""
_LETTERS_READ = 10_000
_SCHEDULED: Document = {"state": State.SCHEDULED}
_WAITING: Document = {"notify_at": {"$type": "date"}}


class Look:
    """Counts what has not ended, and what was given up and is still open."""

    def __init__(self, records: Records) -> None:
        self._jobs = records.jobs
        self._letters = records.database[DEAD_LETTERS]
        self._queues = records.types.queues
        self._overview = Overview(records)
        self._switches = QueueSwitches(records)

    def take(self) -> Document:
        """What is counted, as fields of a row. A field's name may be no client's word.

        Raises:
            StorageUnavailable: MongoDB does not answer.
        """
        with translated("looking at jobs"):
            waiting = self._grouped(("queue", "type", "state"), _WAITING, WAITING_JOBS.name)
            running = self._grouped(("queue", "type", "state", "owner"), RUNNING, LANE_HOLDER.name)
            scheduled = self._grouped(("type", "state"), _SCHEDULED, SCHEDULED_JOBS.name)
            types = self._with_paused([*waiting, *running, *scheduled])
            return {
                "states": {state: jobs for (state,), jobs in _sums(types, "state").items()},
                "types": types,
                "queues": self._by_queue(_sums(waiting, "queue"), _sums(running, "queue")),
                "owners": self._backlogs(_sums(running, "owner")),
                "letters": self._causes(),
                "divergence": asdict(self._overview.divergence()),
            }

    def _grouped(self, names: tuple[str, ...], which: Document, index: str) -> list[Document]:
        """How many jobs there are of each kind: rows of these fields, and `jobs`."""
        group = {"_id": {name: f"${name}" for name in names}, "jobs": {"$sum": 1}}
        rows = self._jobs.aggregate([{"$match": which}, {"$group": group}], hint=index)
        return [
            {**{name: str(row["_id"].get(name)) for name in names}, "jobs": row["jobs"]}
            for row in rows
        ]

    def _with_paused(self, rows: list[Document]) -> list[Document]:
        """The jobs by type and state; paused ones are what the index of all has besides."""
        known, elsewhere = _sums(rows, "type", "state"), _sums(rows, "type")
        for row in self._grouped(("type",), UNENDED, DEADLINES_BY_TYPE.name):
            paused = row["jobs"] - elsewhere[row["type"],]
            known[row["type"], State.PAUSED] = max(paused, 0)
        return [
            {"type": name, "state": state, "jobs": jobs} for (name, state), jobs in known.items()
        ]

    def _by_queue(
        self, waiting: Mapping[tuple[str, ...], int], running: Mapping[tuple[str, ...], int]
    ) -> list[Document]:
        """Each queue of this version, and those of others in which something is."""
        paused = self._switches.paused()
        return [
            {
                "queue": name,
                "waiting": waiting.get((name,), 0),
                "running": running.get((name,), 0),
                "due_since": self._overview.due_since(name) if name in self._queues else None,
                "paused": name in paused,
            }
            for name in sorted({*self._queues, *(name for (name,) in (*waiting, *running))})
        ]

    def _backlogs(self, running: Mapping[tuple[str, ...], int]) -> list[Document]:
        """The owners with most unfinished jobs."""
        stages: list[Document] = [
            {"$match": UNENDED},
            {"$group": {"_id": "$owner", "jobs": {"$sum": 1}}},
            {"$sort": {"jobs": -1, "_id": 1}},
            {"$limit": _OWNERS_KEPT},
        ]
        rows = self._jobs.aggregate(stages, hint=OF_UNFINISHED.name)
        backlogs = {str(row["_id"]): row["jobs"] for row in rows}
        return [
            {"owner": owner, "backlog": jobs, "running": running.get((owner,), 0)}
            for owner, jobs in backlogs.items()
        ]

    def _causes(self) -> list[Document]:
        """What the newest open dead letters died of."""
        stages: list[Document] = [
            {"$match": {"status": "open"}},
            {"$sort": {"died_at": -1, "_id": -1}},
            {"$limit": _LETTERS_READ},
            {"$group": {"_id": {"type": "$type", "error_type": ERROR_TYPE}, "n": {"$sum": 1}}},
            {"$sort": {"n": -1, "_id": 1}},
            {"$limit": _CAUSES_KEPT},
        ]
        rows = self._letters.aggregate(stages, hint=LETTERS.name)
        return [
            {
                "type": str(row["_id"].get("type")),
                "error_type": str(row["_id"].get("error_type")),
                "letters": row["n"],
            }
            for row in rows
        ]


def _sums(rows: Iterable[Document], *names: str) -> Counter[tuple[str, ...]]:
    """The jobs of rows by some of their fields."""
    sums = Counter[tuple[str, ...]]()
    for row in rows:
        sums[tuple(row[name] for name in names)] += row["jobs"]
    return sums
