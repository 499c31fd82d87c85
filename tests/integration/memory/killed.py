"""Ingests a story and kills itself with -9 at a stage of one of its turns."""

import os
import signal

from keepsake.inference.embedding import Embedder
from keepsake.memory.models import MemoryScope
from keepsake.memory.pipeline import Pipeline, Rules
from keepsake.memory.storing.repository import MemoryRepository
from keepsake.memory.turn import Turn
from keepsake.storage.mongo import Documents, Unfenced, connect

STORY = ["I live in Paris and I like tea.", "I moved to Berlin.", "I hate tea."]
STAGES = ("read", "embed", "transaction", "after")
JOB = "job"
_LOADED_ONCE = Embedder()


class Fate:
    """Ends the process at one stage of one turn."""

    def __init__(self, stage: str, position: int) -> None:
        self.stage, self.at, self.position = stage, position, 0

    def reached(self, stage: str) -> None:
        """Die here, if this is where."""
        if (stage, self.position) == (self.stage, self.at):
            os.kill(os.getpid(), signal.SIGKILL)


class Reading(Rules):
    """The rules, which may be the last that is done."""

    def __init__(self, fate: Fate) -> None:
        super().__init__()
        self._fate = fate

    def read(self, scope, origin, *, degrade):
        read = super().read(scope, origin, degrade=degrade)
        self._fate.reached("read")
        return read


class Embedding(Embedder):
    """The model, which may be the last that is asked."""

    def __init__(self, fate: Fate) -> None:
        super().__init__()
        self._fate = fate

    def embed(self, texts):
        made = _LOADED_ONCE.embed(texts)
        self._fate.reached("embed")
        return made


class Fencing(Unfenced):
    """Dies within the transaction."""

    def __init__(self, fate: Fate) -> None:
        self._fate = fate

    def assert_owned(self, session):
        self._fate.reached("transaction")


def ingest(database: Documents, fate: Fate) -> None:
    """The whole story, as one job."""
    repository = MemoryRepository(database)
    pipeline = Pipeline(repository, Embedding(fate), Reading(fate))
    for position, text in enumerate(STORY):
        fate.position = position
        turn = Turn(user_query=text, session_datetime=f"202{position}-01-01T00:00:00Z")
        scope = MemoryScope("alice", "u1")
        pipeline.ingest(scope, turn, job_id=JOB, position=position, fence=Fencing(fate))
        fate.reached("after")


def die(stage: str, position: int) -> None:
    """What a process of its own does."""
    ingest(connect(), Fate(stage, position))
