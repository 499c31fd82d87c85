"""What a scan does: fetching (resolve, fetch, diff), indexing (parse, publish, tidy), enriching.

Each stage takes a run and a checkpoint, and yields the checkpoints after it. This module holds what
all of them need: the tools of the process, and whose scan of what it is.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from pydantic import SecretStr
from pymongo.database import Database

from keepsake.inference import Embedder
from keepsake.scanner.checkpoint import Checkpoint, Stage
from keepsake.scanner.errors import RefMoved
from keepsake.scanner.eta import Eta, History
from keepsake.scanner.git.mirror import Mirror
from keepsake.scanner.git.working_tree import WorkingTree
from keepsake.scanner.models import Repository, ScanRequest
from keepsake.scanner.parse.pool import ParserPool
from keepsake.scanner.settings import ScannerSettings
from keepsake.scanner.store.blobs import Blobs
from keepsake.scanner.store.files import Files
from keepsake.scanner.store.published import PublishedIndexes, index_id
from keepsake.scanner.store.usage import CodeUsage
from keepsake.scanner.store.vectors import SummaryStore, VectorStore
from keepsake.scanner.summariser import Summariser
from keepsake.storage import Document, Fence

Checkpoints = Iterator[Checkpoint | str]
"""A checkpoint after each batch; a note while a child process works that has no checkpoint."""


@dataclass(frozen=True)
class ScanTools:
    """What a process keeps between scans; threads share it."""

    database: Database[Document]
    settings: ScannerSettings
    parsers: ParserPool
    embedder: Embedder | None = None
    embedding_model: str = "all-MiniLM-L6-v2"
    summariser: Summariser | None = None

    @cached_property
    def indexes(self) -> PublishedIndexes:
        """Repositories and current generations."""
        return PublishedIndexes(self.database)

    @cached_property
    def files(self) -> Files:
        """File rows."""
        return Files(self.database)

    @cached_property
    def blobs(self) -> Blobs:
        """Parsed blobs."""
        return Blobs(self.database)

    @cached_property
    def usage(self) -> CodeUsage:
        """What indexes take."""
        return CodeUsage(self.database)

    @cached_property
    def history(self) -> History:
        """What scans cost."""
        return History(self.database)


@dataclass(frozen=True)
class ScanRun:
    """One attempt at a scan."""

    tools: ScanTools
    repository: Repository
    request: ScanRequest
    mirror: Mirror
    token: SecretStr | None
    fence: Fence
    degrade: bool = False
    """An index does without summaries when no language model answers."""

    def index(self, checkpoint: Checkpoint) -> str:
        """The id of the index that the scan makes."""
        return index_id(self.repository, checkpoint.resolved_ref.branch)

    @cached_property
    def stages(self) -> frozenset[Stage]:
        """The stages that take longer the more there is, and are not skipped."""
        tools, options = self.tools, self.request.options
        stages = {Stage.DIFF, Stage.PARSE}
        if tools.embedder and options.embed:
            stages.add(Stage.EMBED)
        if tools.summariser and options.enrich:
            stages.add(Stage.ENRICH)
        return frozenset(stages)

    @cached_property
    def eta(self) -> Eta:
        """How fast former scans were."""
        return Eta.of(self.tools.history.recent())

    @cached_property
    def vectors(self) -> VectorStore:
        """The vectors of this repository."""
        return VectorStore(self.tools.database, self.repository.id, self.tools.embedding_model)

    def summaries(self, summariser: Summariser) -> SummaryStore:
        """The summaries of this repository."""
        return SummaryStore(self.tools.database, self.repository.id, summariser.model)

    def fetched(self, checkpoint: Checkpoint) -> Iterator[str]:
        """Make sure that the mirror has what is scanned: another machine may have fetched it."""
        if self.mirror.tree(checkpoint.resolved_ref.commit) is None:
            yield from self.mirror.fetch(checkpoint.resolved_ref, self.token)
        taken = checkpoint.tree if self.request.working_tree else ""
        if taken and self.mirror.tree(taken) is None and self.working_tree(checkpoint) != taken:
            raise RefMoved("the working tree changed while it was read")

    def working_tree(self, checkpoint: Checkpoint) -> str:
        """The id of the tree of the folder's files as they are."""
        return WorkingTree(self.mirror).taken(checkpoint.resolved_ref.commit)
