"""Replies as they came, kept before they are read: a step that is repeated never pays twice."""

from dataclasses import asdict, dataclass

from pymongo.database import Database
from pymongo.errors import DuplicateKeyError

from keepsake.inference.client import Reply
from keepsake.memory.indexes import LLM_CALLS
from keepsake.memory.models import Scope
from keepsake.memory.storing.documents import owned
from keepsake.storage.errors import translated
from keepsake.storage.mongo import Document


@dataclass(frozen=True, slots=True)
class Step:
    """What a call is for: one step of one turn of a job."""

    scope: Scope
    job_id: str
    position: int
    name: str

    def key(self, round_number: int) -> str:
        """The id of a round of it; a repaired answer is a round of its own."""
        return f"{self.job_id}:{self.position}:{self.name}:{round_number}"


class Calls:
    """The store of replies. They go with their user, or after a week: no job lives so long."""

    def __init__(self, database: Database[Document]) -> None:
        self._calls = database[LLM_CALLS]

    def find(self, step: Step, round_number: int) -> Reply | None:
        """The reply that was paid for already."""
        with translated("reading replies"):
            found = self._calls.find_one({"_id": step.key(round_number), **owned(step.scope)})
        if found is None:
            return None
        return Reply(**{**found["reply"], "context": tuple(found["reply"]["context"])})

    def keep(self, step: Step, round_number: int, reply: Reply) -> None:
        """Keep a reply; the first one stays."""
        new = {**owned(step.scope), "job_id": step.job_id, "reply": asdict(reply)}
        change = {"$setOnInsert": new, "$currentDate": {"kept_at": True}}
        with translated("keeping a reply"):
            try:
                self._calls.update_one({"_id": step.key(round_number)}, change, upsert=True)
            except DuplicateKeyError:  # another attempt was first to insert
                return
