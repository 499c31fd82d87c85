"""Memories get vectors of the present model when the model was changed, a user at a time.

Nothing else of a document changes, and none comes back: what was deleted meanwhile is not written.
"""

import threading
import time
from collections import OrderedDict
from collections.abc import Iterator

import numpy as np
from pymongo import UpdateOne
from pymongo.client_session import ClientSession
from pymongo.database import Database

from keepsake.inference import Embedder
from keepsake.jobs import Acceptance, JobSettings, NewJob, Records, Registry, lane_name
from keepsake.memory.job_types import EMBED
from keepsake.memory.models import MemoryScope
from keepsake.memory.storing.documents import (
    MEMORIES,
    READ,
    USERS,
    embedded,
    not_by,
    owned,
    vector_count,
)
from keepsake.memory.storing.weave import stored_texts
from keepsake.storage import Document, Fence, translated

_TOGETHER = 64
"""Documents of one transaction: about two seconds of work."""
_FIELDS = {"kind": 1, "content": 1, "response": 1, "vector": 1}


class Reembedding:
    """Embeds the documents of a user whose vectors are of another model than the present one."""

    def __init__(self, database: Database[Document], embedder: Embedder) -> None:
        self._client = database.client
        self._memories = database[MEMORIES]
        self._users = database[USERS]
        self._embedder = embedder

    @property
    def model(self) -> str:
        """The name of the present model."""
        return self._embedder.model.name

    def count(self, scope: MemoryScope) -> int:
        """How many documents wait."""
        with translated("counting vectors"):
            return self._memories.count_documents(self._waiting(scope))

    def embed(self, scope: MemoryScope, done: int, fence: Fence) -> Iterator[int]:
        """Embed them, some at a time; how many are done is told after each.

        Searches read a user's vectors anew at each doubling and at the end, not after each batch.

        done: how many were embedded before, by earlier attempts.

        Raises:
            StorageUnavailable: MongoDB does not answer; asking again goes on.
        """
        after = ""
        while batch := self._next(scope, after):
            after = batch[-1]["_id"]
            more = done + len(batch)
            seen = more.bit_length() > done.bit_length() or len(batch) < _TOGETHER
            self._write(scope, batch, fence, seen=seen)
            done = more
            yield done

    def _waiting(self, scope: MemoryScope) -> Document:
        return {**READ, **owned(scope), **not_by(self.model)}

    def _next(self, scope: MemoryScope, after: str) -> list[Document]:
        with translated("reading memories"):
            waiting = {**self._waiting(scope), "_id": {"$gt": after}}
            rest = self._memories.find(waiting, _FIELDS).hint("by_id").sort("_id", 1)
            return list(rest.limit(_TOGETHER))

    def _write(
        self, scope: MemoryScope, batch: list[Document], fence: Fence, *, seen: bool
    ) -> None:
        """Write a batch's vectors. seen: searches are to read all of the user's anew."""
        updates = [
            UpdateOne({"_id": document["_id"], **owned(scope)}, {"$set": fields})
            for document, fields in zip(batch, self._embedded(batch), strict=True)
        ]

        def together(session: ClientSession) -> None:
            fence.assert_owned(session)
            self._memories.bulk_write(updates, ordered=False, session=session)
            if seen:
                self._users.update_one(owned(scope), {"$inc": {"epoch": 1}}, session=session)

        with translated("writing vectors"), self._client.start_session() as session:
            session.with_transaction(together)

    def _embedded(self, batch: list[Document]) -> Iterator[Document]:
        texts = [
            stored_texts(document["kind"], document["content"], document.get("response") or "",
                         vector_count(document["vector"]))
            for document in batch
        ]  # fmt: skip
        vectors = self._embedder.embed([text for some in texts for text in some])
        ends = np.cumsum([len(some) for some in texts])
        for mine in np.split(vectors, ends[:-1]):
            yield embedded(mine, self.model)


_ASKED_AGAIN_SECONDS, _MOST_ASKED = 600, 1_000


class ReembeddingJobs:
    """Asks for a job that embeds a user's memories anew; of each user there is at most one."""

    def __init__(self, database: Database[Document], model: str) -> None:
        records = Records(database, Registry((EMBED,)), JobSettings())
        self._acceptance = Acceptance(records)
        self._model = model
        self._asked: OrderedDict[MemoryScope, float] = OrderedDict()
        self._lock = threading.Lock()

    def ask(self, scope: MemoryScope) -> None:
        """Ask for it, unless this process did lately; one that has not ended answers for a new one.

        Raises:
            StorageUnavailable: MongoDB does not answer.
        """
        now = time.monotonic()
        with self._lock:
            if self._asked.get(scope, -_ASKED_AGAIN_SECONDS) > now - _ASKED_AGAIN_SECONDS:
                return
            self._asked[scope] = now
            self._asked.move_to_end(scope)
            while len(self._asked) > _MOST_ASKED:
                self._asked.popitem(last=False)
        self._acceptance.accept(
            NewJob(
                type=EMBED.name, owner=scope.owner, anew=True,
                payload={"user_id": scope.user_id, "model": self._model},
                lane=lane_name(EMBED.name, scope.owner, scope.user_id),
            )
        )  # fmt: skip
