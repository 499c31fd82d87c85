"""The main flow: classify → extract → judge → weave, one turn at a time."""

from datetime import UTC, datetime

from memory.classify import classify
from memory.embedding import Embedder
from memory.errors import Contended
from memory.extract import extract
from memory.judge import judge
from memory.models import Action, Report, Scope, Turn
from memory.repository import Effects, Repository
from memory.weave import weave
from storage.fence import Fence, Unfenced

_TRIES = 5


class Pipeline:
    """Turns what was said into memories, exactly once per (job, position)."""

    def __init__(self, repository: Repository, embedder: Embedder) -> None:
        self._repository = repository
        self._embedder = embedder

    def ingest(
        self,
        scope: Scope,
        turn: Turn,
        *,
        job_id: str,
        position: int = 0,
        fence: Fence | None = None,
    ) -> Report:
        """Remember a turn; a repeat of the same job and position answers what was done then.

        The judge's view and the write are tied by the user's revision: when another writer comes
        between, the turn is judged again.

        Raises:
            Contended: That happened too often.
            StorageUnavailable: MongoDB does not answer.
        """
        done = self._repository.done(job_id, position)
        if done is not None:
            return done
        said_at = turn.said_at or datetime.now(UTC)
        candidates = extract(turn, classify(turn), said_at.date())
        for _ in range(_TRIES):
            revision, stored = self._repository.known(scope)
            operations = judge(candidates, stored)
            report = Report(tuple(operations))
            added = [one for one in operations if one.action in {Action.ADD, Action.UPDATE}]
            vectors = self._embedder.embed([one.candidate.content for one in added])
            documents = weave(scope, job_id, position, operations, vectors, said_at)
            effects = Effects(scope, job_id, position, revision, documents, report)
            if self._repository.commit(effects, fence or Unfenced()):
                return report
        raise Contended("this user's memories kept changing")
