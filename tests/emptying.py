"""Empties the run's database between tests, by what MongoDB's oplog says was written to it."""

from typing import Any

from bson import Timestamp
from pymongo.database import Database

from keepsake.jobs.indexes import JOBS
from keepsake.launcher.administration import ensure_indexes

_TAKES_INDEXES_AWAY = ("drop", "dropDatabase", "dropIndexes", "collMod", "renameCollection")


class Emptying:
    """One database. To drop it would cost 100 ms, to empty all its collections 40, this 5."""

    def __init__(self, database: Database[Any]) -> None:
        self._database = database
        self._since: Timestamp | None = None
        self._indexed = False

    def empty(self) -> None:
        """Delete all documents; MongoDB's own stay.

        Jobs go first, which waits for what an attempt is about to write: an earlier test may have
        left one running, which writes nothing without its job.
        """
        self._database[JOBS].delete_many({})
        for name in self._written():
            if not name.startswith("system."):
                self._database[name].delete_many({})

    def index(self) -> None:
        """Make all indexes, if any may be missing; call it after `empty`."""
        if not self._indexed:
            ensure_indexes(self._database)
            self._indexed = True

    def _written(self) -> list[str]:
        """The collections with documents of this test; at first, all."""
        oplog = self._database.client["local"]["oplog.rs"]
        if self._since is None:
            (newest,) = oplog.find().sort("$natural", -1).limit(1)
            self._since = newest["ts"]
            return self._database.list_collection_names()
        since = {"ts": {"$gt": self._since}, "op": {"$in": ["i", "c"]}}
        what = {"_id": {"ns": "$ns", "within": "$o.applyOps.ns"}, "ts": {"$max": "$ts"}}
        names, prefix = set[str](), f"{self._database.name}."
        for entry in oplog.aggregate([{"$match": since}, {"$group": what}]):
            names |= {entry["_id"]["ns"], *entry["_id"].get("within", ())}
            self._since = max(self._since, entry["ts"])  # the oplog shows entries in their order
        if f"{prefix}$cmd" in names:
            commands = {**since, "ns": f"{prefix}$cmd"}
            self._indexed &= not any(
                name in entry["o"] for entry in oplog.find(commands)
                for name in _TAKES_INDEXES_AWAY
            )  # fmt: skip
        return [name.removeprefix(prefix) for name in names
                if name.startswith(prefix) and name != f"{prefix}$cmd"]  # fmt: skip
