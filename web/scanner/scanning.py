"""From a repository's URL to a scan, and to where its index stands: for `/v1` and `/v2` alike."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any, TypeVar

from fastapi import Depends, Request
from fastapi.concurrency import run_in_threadpool
from pydantic import SecretStr

from keepsake.access import Principal
from keepsake.inference import LanguageModel
from keepsake.jobs import Engine, Job, NewJob, Vault, checked_key, lane_name
from keepsake.scanner import (
    SCAN,
    CodeSearch,
    Credentials,
    ForbiddenSource,
    Hooks,
    ListedRepository,
    Repository,
    ResolvedRef,
    ScanError,
    ScannerSettings,
    ScanRequest,
    parse_source,
    resolve_ref,
)
from keepsake.storage import Unfenced, each_readable
from web.deadline_pool import DeadlinePool
from web.problems import Problem, misfit
from web.scanner.phases import Phases, phases
from web.settings import WebSettings

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class RepositoryStatus:
    """A repository, its newest scan, and the phases that follow from both."""

    repository: ListedRepository
    job: Job | None
    phases: Phases

    def get(self, name: str, /) -> Any:
        """A field of the repository's record."""
        return self.repository.get(name)

    @property
    def branch(self) -> str:
        """The branch of the newest scan, else the one that was published last."""
        indexes = self.repository.indexes
        return _branch(self.job) or (str(indexes[0]["branch"]) if indexes else "")


class Scanning:
    """What a request about scans needs."""

    def __init__(self, request: Request) -> None:
        state = request.app.state
        self.settings: ScannerSettings = state.scanner_settings
        self.engine: Engine = state.engine
        self.search: CodeSearch = state.code_search
        self.model: LanguageModel | None = state.model
        self.credentials: Credentials = state.credentials
        self.hooks: Hooks = state.hooks
        self._vault: Vault = state.vault
        self._lookups: DeadlinePool = state.lookups
        web: WebSettings = state.settings
        self._seconds = web.lookup_timeout_seconds

    def source(self, url: str, owner: str) -> Repository:
        """The repository that a client's URL names.

        Raises:
            ForbiddenSource: A protocol, host or form that is not allowed.
        """
        return parse_source(url, owner, self.settings)

    def requested(self, body: ScanRequest, owner: str) -> Repository:
        """The repository that is to be scanned.

        Raises:
            Problem: 422, when it may not be, or has no working tree and that is asked for.
        """
        try:
            repository = self.source(body.url, owner)
        except ForbiddenSource as error:
            raise refused(error) from error
        if body.working_tree and not repository.is_folder:
            raise misfit("body", "/working_tree", "only a folder has one: send its path as `url`")
        return repository

    async def look(self, ask: Callable[[ScannerSettings], T]) -> T:
        """Ask a git host something, with settings that bound the asking.

        Raises:
            ScanError: The host cannot be read.
            Problem: 504, when it does not answer in time.
        """
        seconds = self._seconds
        bounded = self.settings.model_copy(
            update={"scan_connect_timeout_seconds": seconds, "scan_fetch_timeout_seconds": seconds}
        )
        return await self._lookups.run(seconds, lambda _: ask(bounded))

    async def usable(self, repository: Repository, sent: SecretStr) -> SecretStr | None:
        """The token that a scan would use which was sent with this one, empty for none.

        Raises:
            TokenNeeded: The host has refused all there is.
        """
        own = sent if sent.get_secret_value() else None
        return await run_in_threadpool(self.credentials.usable, repository, own)

    async def tip(
        self, repository: Repository, body: ScanRequest, token: SecretStr | None
    ) -> ResolvedRef | None:
        """What would be scanned now; None when the host does not say.

        The scan itself will say why.
        """
        try:
            return await self.look(lambda bounds: resolve_ref(repository, body.ref, token, bounds))
        except (ScanError, Problem):
            return None

    def new_job(
        self,
        caller: Principal,
        repository: Repository,
        body: ScanRequest,
        token: SecretStr,
        *,
        head: ResolvedRef | None,
        key: str | None = None,
        run_at: datetime | None = None,
        after: str | None = None,
    ) -> NewJob:
        """The scan to ask for; the owner has the repository from now on, and the vault the token.

        To be called when there is room for it. A scan of this commit that has ended answers for it
        only while its index is there. after: the running scan that this one is to follow; all that
        follow it are one.

        Raises:
            KeyMalformed: The key is no key.
            VaultClosed: No key is set that the vault could seal with.
        """
        if key is not None:
            checked_key(key)
        wanted = body.model_dump(include=set(ScanRequest.model_fields))
        # So it is listed while its scan waits. The scan writes it only if it was deleted meanwhile,
        # as before a replay.
        default = head.branch if head and body.ref.kind == "default" else None
        self.search.indexes.register(repository, Unfenced(), default)
        return NewJob(
            type=SCAN.name,
            owner=caller.owner,
            payload=wanted,
            key=key,
            identity={
                **wanted,
                "url": repository.identity,
                "commit": head.commit if head else None,
                **({"after": after} if after else {}),
            },
            lane=lane_of(repository.owner, repository.id),
            credential=self.kept(caller.owner, token, SCAN.limits.total_seconds + _waits(run_at)),
            force=body.options.force and key is None,
            anew=not self.indexed(repository, head, body),
        )

    def statuses(
        self, owner: str, repositories: Sequence[ListedRepository]
    ) -> list[RepositoryStatus]:
        """The statuses of repositories; the jobs of all are read at once."""
        lanes = {
            repository.record["_id"]: lane_of(owner, repository.record["_id"])
            for repository in repositories
        }
        jobs = self.engine.lane_jobs.newest(SCAN, owner, list(lanes.values()))

        def status(repository: ListedRepository) -> RepositoryStatus:
            return _status(repository, jobs.get(lanes[repository.record["_id"]]))

        return list(each_readable(status, repositories))

    def indexed(
        self, repository: Repository, head: ResolvedRef | None, request: ScanRequest
    ) -> bool:
        """Whether the commit is published as it is asked for, with all files parsed."""
        return head is not None and self.search.indexes.has(repository, head, request.globs)

    def kept(self, owner: str, token: SecretStr, seconds: float) -> str | None:
        """The reference of a token in the vault, which keeps it for so long; None of no token.

        Raises:
            Problem: 503, when no key is set that the vault could seal with.
        """
        if not token.get_secret_value():
            return None
        return self._vault.put(owner, token, ttl_seconds=seconds)


def _waits(run_at: datetime | None) -> float:
    """Seconds until a job is due."""
    return max((run_at - datetime.now(UTC)).total_seconds(), 0) if run_at else 0


async def _scanning(request: Request) -> Scanning:
    return Scanning(request)


Scans = Annotated[Scanning, Depends(_scanning)]


def lane_of(owner: str, repository: str) -> str:
    """Scans of one repository run one after the other."""
    return lane_name("scanner", owner, repository)


def refused(error: ForbiddenSource, pointer: str = "/url") -> Problem:
    """The answer to a URL that names nothing that may be scanned."""
    return misfit("body", pointer, str(error))


def _status(repository: ListedRepository, job: Job | None) -> RepositoryStatus:
    branch = _branch(job)
    return RepositoryStatus(repository, job, phases(job, repository.of(branch or None).current))


def _branch(job: Job | None) -> str:
    """The branch that a scan is of; empty while it is the default one and not yet resolved."""
    if job is None:
        return ""
    scanned = (job.get("result") or {}).get("branch")
    return str(scanned or job.record["payload"].get("branch") or "")
