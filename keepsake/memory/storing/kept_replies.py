"""Replies of language models as they came: a step that is repeated never pays twice."""

from dataclasses import asdict, dataclass

from pymongo.collection import Collection
from pymongo.database import Database
from pymongo.errors import DuplicateKeyError

from keepsake.inference import ModelReply
from keepsake.memory.models import MemoryScope
from keepsake.memory.settings import LONGEST_SECONDS
from keepsake.memory.storing.documents import LLM_CALLS, owned
from keepsake.storage import Document, literals, translated


@dataclass(frozen=True, slots=True)
class KeptStep:
    """The replies to one step of one turn of a job, such as `extract`; a round each.

    The answer to a repaired request is a round of its own.
    """

    collection: Collection[Document]
    scope: MemoryScope
    job_id: str
    position: int
    name: str
    kept_seconds: int

    def find(self, round_number: int) -> ModelReply | None:
        """The reply that was paid for already."""
        mine = {"_id": self._key(round_number), **owned(self.scope)}
        with translated("reading replies"):
            kept = self.collection.find_one(mine)
        if kept is None:
            return None
        return ModelReply(**{**kept["reply"], "context": tuple(kept["reply"]["context"])})

    def keep(self, round_number: int, reply: ModelReply) -> None:
        """Keep a reply; the first one stays."""
        new = literals(**owned(self.scope), job_id=self.job_id, reply=asdict(reply))
        until = {"$dateAdd": {"startDate": "$$NOW", "unit": "second", "amount": self.kept_seconds}}
        times = {"kept_at": "$$NOW", "expires_at": until}
        with translated("keeping a reply"):
            try:
                self.collection.update_one(
                    {"_id": self._key(round_number)},
                    [{"$replaceWith": {"$mergeObjects": [{**new, **times}, "$$ROOT"]}}],
                    upsert=True,
                )
            except DuplicateKeyError:  # another attempt was first to insert
                return

    def _key(self, round_number: int) -> str:
        return f"{self.job_id}:{self.position}:{self.name}:{round_number}"


class KeptReplies:
    """The store of replies. They go with their user, or by themselves."""

    def __init__(self, database: Database[Document], kept_seconds: int = LONGEST_SECONDS) -> None:
        self._replies = database[LLM_CALLS]
        self._kept_seconds = kept_seconds

    def step(self, scope: MemoryScope, job_id: str, position: int, name: str) -> KeptStep:
        """Those to one step of one turn."""
        return KeptStep(self._replies, scope, job_id, position, name, self._kept_seconds)
