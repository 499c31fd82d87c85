"""Migrations: what former versions wrote gets its present form, by a job, while all is in use.

The room that owns a collection declares one beside it, as a job type. It has two steps. `records`
changes what former versions still read. `finish` does so once more, for what they wrote meanwhile,
and takes away what they alone need: it waits until an operator asks for it.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel
from pymongo import UpdateOne
from pymongo.client_session import ClientSession
from pymongo.database import Database

from keepsake.jobs.attempt import Progress
from keepsake.jobs.indexes import DEAD_LETTERS, JOBS
from keepsake.jobs.job_types import JobType, Limits, Priority, Queue, Resources, loaded
from keepsake.storage import Document, drop_indexes, each_readable, literals, translated

if TYPE_CHECKING:
    from keepsake.jobs.attempt import Attempt

MIGRATIONS = "migrations"
"""One document for each migration, by its job type: which steps are done."""


class MigrationStep(StrEnum):
    """What a job of a migration does."""

    RECORDS = "records"
    FINISH = "finish"


class MigrationPayload(BaseModel):
    """Which step it is."""

    step: MigrationStep


@dataclass(frozen=True, slots=True, kw_only=True)
class Migration:
    """A change of a collection's records, and the work of its job.

    former: the filter of records as former versions wrote them; what was changed fits it no longer,
    and what changes meanwhile is left as it is. None if no record changes.
    change: the update of one record, from its `fields`; as `module:name`, so that web loads nothing
    of it. Until the last step former versions go on reading what it leaves.
    together: how many records are looked at between two checkpoints. former_indexes: those that
    only former versions read by, as `collection.name`.
    """

    collection: str
    former: Mapping[str, Any] | None = None
    change: Callable[[Document], Document] | str | None = None
    fields: tuple[str, ...] = ()
    together: int = 500
    former_indexes: tuple[str, ...] = ()

    def __call__(
        self, attempt: "Attempt", payload: MigrationPayload, resources: Resources
    ) -> dict[str, Any]:
        """Do a step; goes on from where an earlier attempt left it, and a repeat changes nothing.

        Half of the time it rests.
        """
        database = resources.database
        done = dict(attempt.state or {"after": None, "read": 0, "changed": 0})
        if self.former is not None:
            self._walk(database, attempt, done)
        result: dict[str, Any] = {"read": done["read"], "changed": done["changed"]}
        if payload.step is MigrationStep.FINISH:
            attempt.check()
            result["dropped"] = drop_indexes(database, self.former_indexes)
        _note(database, attempt, payload.step, result)
        return result

    def _walk(self, database: Database[Document], attempt: "Attempt", done: Document) -> None:
        with translated("counting records"):
            total = database[self.collection].estimated_document_count()
        while ids := self._next(database, done["after"]):
            began = time.monotonic()
            attempt.check()
            done["changed"] += self._change(database, ids)
            done["read"] += len(ids)
            done["after"] = ids[-1]
            now = Progress(stage="records", done=done["read"], total=max(total, done["read"]),
                           unit="records")  # fmt: skip
            attempt.checkpoint(dict(done), now)
            attempt.wait_stopped(time.monotonic() - began)

    def _next(self, database: Database[Document], after: Any) -> list[Any]:
        """The next ids, from the index of ids alone: a command looks at so many records at most."""
        which = {} if after is None else {"_id": {"$gt": after}}
        with translated("reading records"):
            ids = database[self.collection].find(which, {"_id": 1}).hint("_id_").sort("_id", 1)
            return [document["_id"] for document in ids.limit(self.together)]

    def _change(self, database: Database[Document], ids: list[Any]) -> int:
        """Change those that are of before; how many were."""
        change: Callable[[Document], Document] = loaded(self.change)
        former = dict(self.former or {})

        def update(document: Document) -> UpdateOne:
            return UpdateOne({"_id": document["_id"], **former}, change(document))

        records = database[self.collection]
        fields = dict.fromkeys(("_id", *self.fields), 1)
        with translated("changing records"):
            found = records.find({"_id": {"$gte": ids[0], "$lte": ids[-1]}, **former}, fields)
            updates = list(each_readable(update, found))
            return records.bulk_write(updates, ordered=False).modified_count if updates else 0


def migration_type(name: str, queue: Queue, migration: Migration) -> JobType[MigrationPayload]:
    """The job type of a migration. name: never changed, since what is done is noted under it."""
    return JobType(
        name=name,
        queue=queue,
        payload=MigrationPayload,
        work=migration,
        limits=Limits(
            max_attempts=8, attempt_seconds=600, total_seconds=7 * 86_400, slice_seconds=20
        ),
        scope="admin",
        undo_hint="The former version reads what a migration leaves; see its second step.",
        shown=("step",),
        may_be_overtaken=False,  # the second step comes after the first
        priority=Priority.BULK,
    )


def migrations_of(types: Mapping[str, JobType[Any]]) -> dict[str, Migration]:
    """The migrations among job types, by the names of these."""
    return {
        name: declared.work
        for name, declared in types.items()
        if isinstance(declared.work, Migration)
    }


ENGINE_INDEXES = Migration(
    collection=JOBS,
    former_indexes=tuple(
        f"{collection}.{name}"
        for collection, names in (
            (JOBS, ("overflow", "due", "deadlines", "backlog", "hold", "scans")),
            (DEAD_LETTERS, ("newest", "by_owner")),
        )
        for name in names
    ),
)
"""Indexes that versions of before read by."""


def _note(
    database: Database[Document], attempt: "Attempt", step: MigrationStep, result: Document
) -> None:
    """Note that a step is done, if the attempt still holds its job."""
    done = {**literals(job_id=attempt.job_id, **result), "at": "$$NOW"}

    def together(session: ClientSession) -> None:
        attempt.assert_owned(session)
        which = {"_id": attempt.claim.job.type}
        change = [{"$set": {str(step): done}}]
        database[MIGRATIONS].update_one(which, change, upsert=True, session=session)

    with translated("noting a migration"), database.client.start_session() as session:
        session.with_transaction(
            together, read_concern=database.read_concern, write_concern=database.write_concern
        )
