"""Dead letters: what is kept of jobs that were given up; lists, replay and discard."""

from dataclasses import dataclass
from datetime import datetime
from heapq import merge
from itertools import islice
from typing import Any

from pymongo import ReturnDocument
from pymongo.client_session import ClientSession
from pymongo.cursor import Cursor

from keepsake.jobs.acceptance import Acceptance
from keepsake.jobs.errors import DeadLetterClosed, JobNotFound
from keepsake.jobs.expressions import ERROR_PLACE, ERROR_TYPE, NOW, closed_attempt, dated
from keepsake.jobs.indexes import DEAD_LETTERS, LETTERS, LETTERS_OF_OWNER
from keepsake.jobs.job import UNSEEN, Claim, Job, NewJob
from keepsake.jobs.job_types import Priority
from keepsake.jobs.known import SCHEMA, SCHEMAS
from keepsake.jobs.listing import EXAMINED, Place, Wanted
from keepsake.jobs.records import Records, leased_by, scoped
from keepsake.jobs.states import GIVE_UP, Move
from keepsake.jobs.subjects import subjects_of
from keepsake.storage import NEWEST, OLDEST, Document, Unreadable, literals, read_along, translated

_COPIED = (
    *("type", "owner", "queue", "lane", "further_lanes", "payload", "lineage", "limits"),
    *("labels", "label_pairs", "priority", "idempotency", "credential", "checkpoint", "attempts"),
    *("failures", "crashes", "error", "created_at", "started_at", "ended_at"),
)


class DeadLetterStore:
    """What is kept of jobs that were given up. The payload holds references, never secrets."""

    def __init__(self, records: Records) -> None:
        self._records = records
        self._settings = records.settings
        self._letters = records.database[DEAD_LETTERS]

    def give_up(self, claim: Claim, error: Document) -> Job | None:
        """End a running job for good; None when the claim is stale."""
        changes = {
            "failures": {"$add": ["$failures", 1]},
            "attempts": closed_attempt("failed", error),
        }
        return self.bury(GIVE_UP, leased_by(claim), error, changes)

    def bury(self, move: Move, which: Document, error: Document, changes: Document) -> Job | None:
        """Make a move into `dead_letter`; both documents change, or neither.

        Raises:
            StorageUnavailable: MongoDB does not answer.
        """

        def both(session: Any) -> Job | None:
            moved = self._records.move(
                move, which, {"error": dated(error), **changes}, session=session
            )
            if moved is not None:
                self._letters.insert_one(self._letter(moved), session=session)
            return moved

        with translated(move.name), self._records.database.client.start_session() as session:
            return session.with_transaction(both)

    def _letter(self, job: Job) -> Document:
        copied = {name: job.record[name] for name in _COPIED if name in job.record}
        return {
            "_id": job.id,
            "schema": SCHEMA,
            **copied,
            "status": "open",
            "died_at": job.record["ended_at"],
            "expire_at": job.record["expire_at"],
        }


STATUSES = ("open", "replayed", "discarded")
OPEN_MOST = 100_000
"""Open letters, the newest, among which a filter looks."""


_GROUPS = 100


@dataclass(frozen=True, slots=True)
class LetterGroup:
    """Open letters of one job type that died of the same error at the same place.

    error_place: None where it was not asked for. job_id: of the newest.
    """

    type: str
    error_type: str
    error_place: str | None
    letters: int
    owners: int
    oldest_at: datetime
    newest_at: datetime
    job_id: str


class Letters:
    """None as the owner is an operator's view of all."""

    def __init__(self, records: Records) -> None:
        self._letters = records.database[DEAD_LETTERS]
        self._prepare = records.prepare

    def page(
        self, owner: str | None, status: str | None, begin: Place | None, size: int
    ) -> list[Document]:
        """Dead letters without their payloads, the newest first, from a place on.

        Raises:
            StorageUnavailable: MongoDB does not answer.
        """
        self._prepare()
        with translated("listing dead letters"):
            lists = [
                list(self._newest(owner, each, begin, size))
                for each in ([status] if status else STATUSES)
            ]
        newest = merge(*lists, key=lambda letter: (letter["died_at"], letter["_id"]), reverse=True)
        return list(islice(newest, size))

    def groups(self, owner: str | None, *, by_place: bool) -> list[LetterGroup]:
        """The newest 2,000 open letters by what they died of; the 100 with most, these first.

        Raises:
            StorageUnavailable: MongoDB does not answer.
        """
        cause = {
            "type": "$type",
            "error_type": ERROR_TYPE,
            "error_place": ERROR_PLACE if by_place else None,
        }
        grouped = {
            "_id": cause,
            "letters": {"$sum": 1},
            "owners": {"$addToSet": "$owner"},
            "newest_at": {"$first": "$died_at"},
            "oldest_at": {"$last": "$died_at"},
            "job_id": {"$first": "$_id"},
        }
        rows = self._open(owner, Wanted(), [
            {"$limit": EXAMINED},
            {"$group": grouped},
            {"$addFields": {"owners": {"$size": "$owners"}}},
            {"$sort": {"letters": -1, "newest_at": -1, "job_id": -1}},
            {"$limit": _GROUPS},
        ])  # fmt: skip
        return [LetterGroup(**row.pop("_id"), **row) for row in rows]

    def count_open(self, owner: str | None, wanted: Wanted) -> int:
        """How many open letters are of wanted jobs.

        Raises:
            StorageUnavailable: MongoDB does not answer.
        """
        counted = self._open(owner, wanted, [{"$count": "letters"}])
        return int(counted[0]["letters"]) if counted else 0

    def newest_open(self, owner: str | None, wanted: Wanted, size: int) -> list[str]:
        """The ids of the wanted jobs whose letters are open.

        Raises:
            StorageUnavailable: MongoDB does not answer.
        """
        newest = self._open(owner, wanted, [{"$limit": size}, {"$project": {"_id": 1}}])
        return [letter["_id"] for letter in newest]

    def _newest(
        self, owner: str | None, status: str, begin: Place | None, size: int
    ) -> Cursor[Document]:
        letters = self._letters.find({}, UNSEEN).limit(size)
        if owner is None:
            return read_along(LETTERS, [status], begin or NEWEST, OLDEST, letters)
        return read_along(LETTERS_OF_OWNER, [owner, status], begin or NEWEST, OLDEST, letters)

    def _open(self, owner: str | None, wanted: Wanted, then: list[Document]) -> list[Document]:
        self._prepare()
        owned, index = ({}, LETTERS) if owner is None else ({"owner": owner}, LETTERS_OF_OWNER)
        stages: list[Document] = [
            {"$match": {**owned, "status": "open"}},
            {"$sort": {"died_at": -1, "_id": -1}},
            {"$limit": OPEN_MOST},
            {"$match": wanted.besides_state()},
            *then,
        ]
        with translated("reading dead letters"):
            return list(self._letters.aggregate(stages, hint=index.name))


class Replays:
    """Every call is scoped by the owner; None as the owner is an operator's view of all."""

    def __init__(self, records: Records, acceptance: Acceptance) -> None:
        self._records = records
        self._acceptance = acceptance
        self._letters = records.database[DEAD_LETTERS]

    def get(self, owner: str | None, job_id: str) -> Document:
        """One dead letter.

        Raises:
            JobNotFound: There is none for this owner.
        """
        with translated("reading a dead letter"):
            letter = self._letters.find_one(scoped(owner, job_id))
        if letter is None:
            raise JobNotFound(job_id)
        return letter

    def replay(self, owner: str | None, job_id: str, *, by: str) -> Job:
        """Make a new job from a dead letter; the two know each other.

        The letter closes, the new job appears and the old one names it, in one transaction.

        Raises:
            JobNotFound: There is no such dead letter for this owner.
            DeadLetterClosed: It was replayed or discarded before.
            Unreadable: It is another version's.
        """

        def together(session: ClientSession) -> Job:
            letter = self._close(owner, job_id, "replayed", by, session)
            if letter["type"] not in self._records.types:
                raise Unreadable("a dead letter of a type that this version does not know")
            job = self._acceptance.accept(_again(letter), session).job
            lineage = {"$set": {"lineage.replayed_as": job.id}}
            self._letters.update_one({"_id": job_id}, lineage, session=session)
            again = {**lineage, "$inc": {"revision": 1}, "$currentDate": {"updated_at": True}}
            self._records.jobs.update_one({"_id": job_id}, again, session=session)
            return job

        with translated("replaying"), self._records.database.client.start_session() as session:
            return session.with_transaction(together)

    def discard(self, owner: str | None, job_id: str, *, by: str) -> Document:
        """Close a dead letter for good; its payload is erased, the job's too, but for whose it was.

        Raises:
            JobNotFound: There is no such dead letter for this owner.
            DeadLetterClosed: It was replayed or discarded before.
            Unreadable: It is another version's.
        """
        with translated("discarding"):
            letter = self._close(owner, job_id, "discarded", by, None)
            left = subjects_of(letter.get("payload") or {}, self._records.types.subjects)
            erased: Document = {"$set": {"payload": left}, "$unset": {"checkpoint": ""}}
            self._letters.update_one({"_id": job_id}, erased)
            closed = {**erased["$set"], "discarded_at": letter["closed_at"]}
            self._records.jobs.update_one(
                {"_id": job_id}, {**erased, "$set": closed, "$inc": {"revision": 1}}
            )
        return letter

    def _close(
        self, owner: str | None, job_id: str, status: str, by: str, session: ClientSession | None
    ) -> Document:
        closed: dict[str, Any] = {**literals(status=status, closed_by=by), "closed_at": NOW}
        letter = self._letters.find_one_and_update(
            {**scoped(owner, job_id), **SCHEMAS, "status": "open"},
            [{"$set": closed}],
            return_document=ReturnDocument.AFTER,
            session=session,
        )
        if letter is None:
            status = self.get(owner, job_id)["status"]
            if status == "open":
                raise Unreadable("a dead letter of a schema that this version does not know")
            raise DeadLetterClosed(status)
        return letter


def _again(letter: Document) -> NewJob:
    """The same request, under no idempotency key."""
    unordered = letter["lane"] == letter["_id"]
    return NewJob(
        type=letter["type"],
        owner=letter["owner"],
        payload=letter["payload"],
        lane=None if unordered else letter["lane"],
        further_lanes=letter.get("further_lanes", ()),
        labels=letter["labels"],
        priority=Priority(letter.get("priority", Priority.INTERACTIVE)),
        credential=letter.get("credential"),
        attempt_seconds=letter["limits"]["attempt_seconds"],
        total_seconds=letter["limits"]["total_seconds"],
        replay_of=letter["_id"],
        force=True,
    )
