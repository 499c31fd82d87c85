"""What operators set for owners: how many of their jobs run at once, and their priority."""

import time
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from pymongo.database import Database
from pymongo.read_concern import ReadConcern

from keepsake.jobs.expressions import NOW
from keepsake.jobs.indexes import JOBS, OWNERS
from keepsake.jobs.job_types import Priority
from keepsake.storage import Document, literals, translated

_KNOWN_SECONDS = 2.0
_SLOT = "slot"


@dataclass(frozen=True, slots=True)
class OwnerRule:
    """What is set for an owner, None where nothing is; by whom and when."""

    max_running: int | None = None
    priority: Priority | None = None
    by: str | None = None
    at: datetime | None = None


class OwnerRules:
    """Processes look now and then, so that no job of any owner costs a question.

    A job of an owner with a bound holds one of the owner's slots while it runs. A slot is a name
    among its lanes, which no two jobs that run share. What ran before there was a bound holds none.
    """

    def __init__(self, database: Database[Document]) -> None:
        self._rules = database[OWNERS]
        self._jobs = database[JOBS].with_options(read_concern=ReadConcern("local"))
        self._known: Mapping[str, OwnerRule] = {}
        self._looked_at: float | None = None
        self.free: Mapping[str, int] = {}
        """How many slots owners with a bound had free at the last look."""

    def look(self) -> None:
        """See what is set, and which slots are free.

        Raises:
            StorageUnavailable: MongoDB does not answer.
        """
        with translated("reading owners' rules"):
            known = {row["_id"]: _rule(row) for row in self._rules.find()}
            self._known, self._looked_at = known, time.monotonic()
            used = self.used(self.bounds) if self.bounds else Counter[str]()
        self.free = {owner: most - used[owner] for owner, most in self.bounds.items()}

    def look_if_old(self) -> None:
        """Look, unless that was a moment ago.

        Raises:
            StorageUnavailable: MongoDB does not answer.
        """
        if self._looked_at is None or time.monotonic() - self._looked_at > _KNOWN_SECONDS:
            self.look()

    @property
    def bounds(self) -> dict[str, int]:
        """How many jobs may run at once, of owners for whom that is set."""
        rules = self._known.items()
        return {owner: rule.max_running for owner, rule in rules if rule.max_running is not None}

    @property
    def full(self) -> frozenset[str]:
        """The owners who had no slot free at the last look."""
        return frozenset(owner for owner, free in self.free.items() if free <= 0)

    def bounds_for_claims(self) -> dict[str, int]:
        """The bounds; the first claim of a process asks MongoDB.

        Raises:
            StorageUnavailable: MongoDB does not answer.
        """
        if self._looked_at is None:
            self.look()
        return self.bounds

    def of(self, owner: str) -> OwnerRule:
        """What is set for an owner, as far as this process knows."""
        return self._known.get(owner, OwnerRule())

    def read(self, owner: str) -> OwnerRule:
        """What is set for an owner.

        Raises:
            StorageUnavailable: MongoDB does not answer.
        """
        with translated("reading an owner's rule"):
            return _rule(self._rules.find_one({"_id": owner}) or {})

    def put(self, owner: str, rule: OwnerRule, *, by: str) -> OwnerRule:
        """Set both; None lifts.

        Raises:
            StorageUnavailable: MongoDB does not answer.
        """
        priority = None if rule.priority is None else str(rule.priority)
        fields = {**literals(max_running=rule.max_running, priority=priority, by=by), "at": NOW}
        with translated("setting an owner's rule"):
            self._rules.update_one({"_id": owner}, [{"$set": fields}], upsert=True)
        return self.read(owner)

    def used(self, bounds: Mapping[str, int]) -> Counter[str]:
        """How many slots of each owner are taken."""
        names = {slot: owner for owner, most in bounds.items() for slot in slots(owner, most)}
        return Counter(names[slot] for slot in self.taken(names))

    def taken(self, names: Iterable[str]) -> set[str]:
        """Which of some slots jobs hold that run."""
        wanted = set(names)
        running = self._jobs.find({"running_lane": {"$in": sorted(wanted)}}, {"running_lane": 1})
        return {lane for job in running for lane in job["running_lane"] if lane in wanted}


def slots(owner: str, most: int) -> list[str]:
    """The names of an owner's slots; no lane has such a name."""
    return [f"{_SLOT} {number} {owner}" for number in range(most)]


def _rule(row: Document) -> OwnerRule:
    priority = row.get("priority")
    known = Priority(priority) if priority in set(Priority) else None
    return OwnerRule(row.get("max_running"), known, row.get("by"), row.get("at"))
