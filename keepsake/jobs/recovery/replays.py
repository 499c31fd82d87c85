"""Dead letters in the hands of their owner: read, replay, discard."""

from typing import Any

from pymongo import ReturnDocument
from pymongo.client_session import ClientSession

from keepsake.jobs.accepting.acceptance import Acceptance
from keepsake.jobs.errors import DeadLetterClosed, JobNotFound
from keepsake.jobs.expressions import NOW
from keepsake.jobs.indexes import DEAD_LETTERS
from keepsake.jobs.job import Job, NewJob
from keepsake.jobs.known import SCHEMAS
from keepsake.jobs.records import Records, scoped
from keepsake.storage.errors import Unreadable, translated
from keepsake.storage.mongo import Document, literals


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
            found = self._letters.find_one(scoped(owner, job_id))
        if found is None:
            raise JobNotFound(job_id)
        return found

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
            if letter["type"] not in self._records.policies:
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
        """Close a dead letter for good; its payload is erased.

        Raises:
            JobNotFound: There is no such dead letter for this owner.
            DeadLetterClosed: It was replayed or discarded before.
            Unreadable: It is another version's.
        """
        with translated("discarding"):
            letter = self._close(owner, job_id, "discarded", by, None)
            self._letters.update_one({"_id": job_id}, {"$unset": {"payload": "", "checkpoint": ""}})
            closed = {"discarded_at": letter["closed_at"]}
            self._records.jobs.update_one(
                {"_id": job_id}, {"$set": closed, "$inc": {"revision": 1}}
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
        credential=letter.get("credential"),
        attempt_seconds=letter["limits"]["attempt_seconds"],
        total_seconds=letter["limits"]["total_seconds"],
        replay_of=letter["_id"],
        force=True,
    )
