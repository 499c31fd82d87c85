"""What an owner changes by hand: edit a memory, delete one, erase a user."""

from dataclasses import dataclass

from pymongo import ReturnDocument
from pymongo.client_session import ClientSession
from pymongo.database import Database

from keepsake.inference.embedding import Embedder
from keepsake.memory.domains.profile import read_facts
from keepsake.memory.errors import Contended, NoSuchMemory
from keepsake.memory.models import Candidate, Invalidation, Kind, MemoryScope, Report, Slot
from keepsake.memory.storing import documents
from keepsake.memory.storing.archive import Archive
from keepsake.memory.storing.documents import LEDGER, LLM_CALLS, MEMORIES, USERS, owned
from keepsake.memory.storing.repository import MemoryRepository, TurnEffects
from keepsake.memory.storing.weave import TurnWrites
from keepsake.storage.errors import translated
from keepsake.storage.mongo import Document, Unfenced, new_id

_TRIES = 8
_EDITED = "edited"


@dataclass(frozen=True, slots=True)
class ErasureProof:
    """What was kept of a user before, and is after: the proof of an erasure."""

    before: dict[str, int]
    after: dict[str, int]


class Changes:
    """Everything is scoped by owner and user."""

    def __init__(
        self, database: Database[Document], repository: MemoryRepository, embedder: Embedder
    ) -> None:
        self._database = database
        self._memories = database[MEMORIES]
        self._users = database[USERS]
        self._repository = repository
        self._embedder = embedder
        self._archive = Archive(database)

    def edit(self, scope: MemoryScope, memory_id: str, content: str) -> str:
        """Replace what a memory says by a new one, whose id is returned; the old one is history.

        Raises:
            NoSuchMemory: The user has no memory of that id that holds now.
            Contended: Other writers kept changing this user's memories.
        """
        edit_id = new_id("edit")
        vectors = self._embedder.embed([content])
        for _ in range(_TRIES):
            known = self._repository.known(scope, "", ())
            old = self._held(scope, memory_id)
            now = max(self._repository.now(), old["valid_from"])
            candidate = Candidate(old["domain"], content, _slot(old, content), model=_EDITED)
            origin = {"job_id": edit_id, "position": 0, "turn_id": "", "source_id": ""}
            new = documents.memory(f"mem_{edit_id}", candidate, vectors, origin, now)
            new |= {"supersedes": memory_id, "support": old["support"]}
            invalidation = Invalidation(memory_id, new["_id"], edit_id, now)
            woven = TurnWrites(
                [new], {memory_id: documents.invalidations_of([invalidation], memory_id)}, {}
            )
            effects = TurnEffects(scope, edit_id, 0, known.revision, woven, Report(()))
            if self._repository.commit(effects, Unfenced()):
                return str(new["_id"])
        raise Contended("this user's memories kept changing")

    def delete(self, scope: MemoryScope, memory_id: str) -> int:
        """Delete a memory, or a turn with the memories that only it supports, for good.

        How many documents went is returned. What a deleted memory had superseded stays history.

        Raises:
            NoSuchMemory: The user has none of that id.
        """

        def together(session: ClientSession) -> int:
            revision = self._advance(scope, session)
            whose = owned(scope)
            document = self._memories.find_one({**whose, "_id": memory_id}, session=session)
            if document is None:
                raise NoSuchMemory("the user has no memory of that id")
            gone = [memory_id]
            if document["kind"] == Kind.TURN:
                gone += self._only_from(scope, memory_id, session)
                self._unsupport(scope, memory_id, revision, session)
            return self._memories.delete_many({"_id": {"$in": gone}}, session=session).deleted_count

        with translated("deleting"), self._database.client.start_session() as session:
            return session.with_transaction(together)

    def erase(self, scope: MemoryScope) -> ErasureProof:
        """Delete all that is kept of a user.

        Raises:
            StorageUnavailable: MongoDB does not answer; asking again finishes it.
        """
        before = self._archive.counts(scope)
        with translated("erasing"):
            for name in (MEMORIES, LEDGER, LLM_CALLS, USERS):
                self._database[name].delete_many(owned(scope))
        return ErasureProof(before, self._archive.counts(scope))

    def _held(self, scope: MemoryScope, memory_id: str) -> Document:
        held = {**owned(scope), "_id": memory_id, "kind": str(Kind.MEMORY), "valid_to": None}
        with translated("reading a memory"):
            document = self._memories.find_one(held)
        if document is None:
            raise NoSuchMemory("the user has no memory of that id that holds now")
        return document

    def _advance(self, scope: MemoryScope, session: ClientSession) -> int:
        user = self._users.find_one_and_update(
            owned(scope), {"$inc": {"revision": 1, "epoch": 1}},
            return_document=ReturnDocument.AFTER, session=session,
        )  # fmt: skip
        return int(user["revision"]) if user else 0

    def _only_from(self, scope: MemoryScope, turn_id: str, session: ClientSession) -> list[str]:
        only = {**owned(scope), "support.turn_id": turn_id, "support": {"$size": 1}}
        return [
            document["_id"] for document in self._memories.find(only, {"_id": 1}, session=session)
        ]

    def _unsupport(
        self, scope: MemoryScope, turn_id: str, revision: int, session: ClientSession
    ) -> None:
        said = {**owned(scope), "support.turn_id": turn_id, "support.1": {"$exists": True}}
        change = {"$pull": {"support": {"turn_id": turn_id}}, "$set": {"rev": revision}}
        self._memories.update_many(said, change, session=session)


def _slot(old: Document, content: str) -> Slot | None:
    """What an edited fact says of the attribute it was about."""
    if not old["slot"]:
        return None
    was = Slot(**old["slot"])
    same = [slot for slot in read_facts(content, was.subject) if slot.attribute == was.attribute]
    return same[0] if same and not same[0].negated else None
