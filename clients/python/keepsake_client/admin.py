"""For operators: queues, workers, keys, and what operators did."""

from collections.abc import AsyncIterator, Sequence
from datetime import datetime

from keepsake_client.admin_jobs import AdminJobs, AsyncAdminJobs
from keepsake_client.models.admin import (
    Act,
    ActPage,
    ApiKey,
    ApiKeys,
    NewApiKey,
    Queue,
    Queues,
    StoredBytes,
    Worker,
    Workers,
)
from keepsake_client.models.memory import Memory, MemoryPage
from keepsake_client.models.operating import Minute, Minutes, OwnerFigures, OwnerRule
from keepsake_client.session import Request, Resource, Session, get, given, path
from keepsake_client.surfaces import Awaiting, Blocking, operation, stream

_ADMIN = "/v1/admin"


class AdminCalls(Resource):
    """What can be asked with a key of an operator."""

    @operation
    async def queues(self) -> list[Queue]:
        """Each queue: what waits, what runs, how long the oldest has waited.

        >>> "keepsake.memory" in [queue.name for queue in operator.admin.queues()]
        True
        """
        return (await self._session.fetch(get(_ADMIN + "/queues"), Queues)).queues

    @operation
    async def pause_queue(self, name: str, reason: str = "") -> None:
        """Let no further job of a queue start; workers hear of it within seconds.

        >>> operator.admin.pause_queue("keepsake.scanner", "disk is full")
        >>> operator.admin.resume_queue("keepsake.scanner")
        """
        url = path(_ADMIN + "/queues/{}:pause", name)
        await self._session.answer(Request("POST", url, body={"reason": reason}, repeatable=True))

    @operation
    async def resume_queue(self, name: str) -> None:
        """Let a queue's jobs start again.

        >>> operator.admin.resume_queue("keepsake.scanner")
        """
        url = path(_ADMIN + "/queues/{}:resume", name)
        await self._session.answer(Request("POST", url, repeatable=True))

    @operation
    async def workers(self) -> list[Worker]:
        """The worker processes of the last day, newest heartbeat first.

        >>> all(worker.about["pid"] for worker in operator.admin.workers() if worker.alive)
        True
        """
        return (await self._session.fetch(get(_ADMIN + "/workers"), Workers)).workers

    @operation
    async def drain_worker(self, worker: str, reason: str = "") -> None:
        """Let a worker claim nothing more: it finishes what it runs, and waits to be stopped.

        Raises:
            WorkerNotFound: There is no such worker.

        >>> [worker.status for worker in operator.admin.workers() if worker.drain]
        []
        """
        url = path(_ADMIN + "/workers/{}:drain", worker)
        await self._session.answer(Request("POST", url, body={"reason": reason}, repeatable=True))

    @operation
    async def timeline(
        self, minutes: int | None = None, *, step: int | None = None
    ) -> list[Minute]:
        """Jobs by state and minute, oldest first, the minute that is not over included.

        step: how many minutes are added up to one.

        >>> len(operator.admin.timeline(5))
        5
        """
        request = get(_ADMIN + "/timeline", given(minutes=minutes, step=step))
        return (await self._session.fetch(request, Minutes)).points

    @operation
    async def owners(
        self, *, minutes: int | None = None, sort: str | None = None, limit: int | None = None
    ) -> OwnerFigures:
        """The owners with most jobs, by `backlog` or another figure, over the last minutes.

        >>> operator.admin.owners(sort="dead_letter", limit=3).owners
        []
        """
        params = given(minutes=minutes, sort=sort, limit=limit)
        return await self._session.fetch(get(_ADMIN + "/owners", params), OwnerFigures)

    @stream
    async def memories(
        self,
        owner: str,
        user_id: str | None = None,
        reason: str | None = None,
        page_size: int | None = None,
    ) -> AsyncIterator[Memory]:
        """What is remembered of one of an owner's users; needs the scope `operator:content`.

        >>> job = client.memory.add("I like tea.", user_id="ana")
        >>> job.wait(60).status
        'succeeded'
        >>> len(list(operator.admin.memories("ann", "ana", "a complaint"))) > 0
        True
        """
        params = given(user_id=user_id, reason=reason, page_size=page_size)
        request = get(path(_ADMIN + "/owners/{}/memories", owner), params)
        async for page in self._session.pages(request, MemoryPage):
            for memory in page.memories:
                yield memory

    @operation
    async def owner_rule(self, owner: str) -> OwnerRule:
        """How many of an owner's jobs may run at once, and their priority.

        >>> operator.admin.owner_rule("nobody").max_running is None
        True
        """
        return await self._session.fetch(get(path(_ADMIN + "/owners/{}", owner)), OwnerRule)

    @operation
    async def set_owner_rule(
        self, owner: str, *, max_running: int | None = None, priority: str | None = None
    ) -> OwnerRule:
        """Set both; what is left out is lifted.

        >>> operator.admin.set_owner_rule("busy", max_running=2).max_running
        2
        >>> operator.admin.set_owner_rule("busy").max_running is None
        True
        """
        body = given(max_running=max_running, priority=priority)
        url = path(_ADMIN + "/owners/{}", owner)
        request = Request("PUT", url, body=body, repeatable=True)
        return await self._session.fetch(request, OwnerRule)

    @operation
    async def owner_usage(self, owner: str) -> StoredBytes:
        """How much an owner stores, by kind, and how much it may by the settings.

        >>> operator.admin.owner_usage("nobody").stored_bytes
        0
        """
        url = path(_ADMIN + "/owners/{}/usage", owner)
        return await self._session.fetch(get(url), StoredBytes)

    @operation
    async def divergence(self) -> dict[str, int]:
        """How many records differ from reality, by kind; all zero in a healthy system.

        >>> "unpublished" in operator.admin.divergence()
        True
        """
        counted: dict[str, int] = (await self._session.answer(get(_ADMIN + "/divergence"))).json()
        return counted

    @operation
    async def keys(self, owner: str | None = None) -> list[ApiKey]:
        """The newest 500 keys, of one owner or of all.

        >>> operator.admin.keys("nobody")
        []
        """
        return (await self._session.fetch(get(_ADMIN + "/keys", given(owner=owner)), ApiKeys)).keys

    @operation
    async def create_key(
        self,
        owner: str,
        *,
        role: str | None = None,
        scopes: Sequence[str] | None = None,
        expires_at: datetime | str | None = None,
        requests_per_second: float | None = None,
        backlog: int | None = None,
        stored_bytes: int | None = None,
        organisations: Sequence[str] | None = None,
        name: str | None = None,
    ) -> NewApiKey:
        """Make a key; the service answers it this once, and keeps a hash.

        >>> operator.admin.create_key("carl", name="laptop").about.owner
        'carl'
        """
        limits = given(requests_per_second=requests_per_second, backlog=backlog,
                       stored_bytes=stored_bytes)  # fmt: skip
        body = given(owner=owner, role=role, scopes=scopes, expires_at=expires_at,
                     limits=limits or None, organisations=organisations, name=name)  # fmt: skip
        return await self._session.fetch(Request("POST", _ADMIN + "/keys", body=body), NewApiKey)

    @operation
    async def revoke_key(self, key_id: str) -> ApiKey:
        """Revoke a key; it is refused from now on.

        >>> key = operator.admin.create_key("carl")
        >>> operator.admin.revoke_key(key.about.key_id).revoked_at is None
        False
        """
        request = Request("POST", path(_ADMIN + "/keys/{}:revoke", key_id), repeatable=True)
        return await self._session.fetch(request, ApiKey)

    @stream
    async def audit(self, *, page_size: int | None = None) -> AsyncIterator[Act]:
        """What operators did, newest first.

        >>> key = operator.admin.create_key("carl")
        >>> next(operator.admin.audit()).action
        'key.create'
        """
        request = get(_ADMIN + "/audit", given(page_size=page_size))
        async for page in self._session.pages(request, ActPage):
            for act in page.acts:
                yield act


class Admin(AdminCalls, Blocking):
    """What operators do, for code that blocks."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.jobs = AdminJobs(session)


class AsyncAdmin(AdminCalls, Awaiting):
    """What operators do, for coroutines."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.jobs = AsyncAdminJobs(session)
