"""Memory: turns are remembered, found and taken back."""

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import aclosing
from datetime import datetime
from typing import Any, TypedDict

from keepsake_client.imports import ImportCalls
from keepsake_client.models.memory import (
    Deleted,
    ManyRemembered,
    Memory,
    MemoryPage,
    Remembered,
    Stated,
    Version,
)
from keepsake_client.recalling import RecallCalls
from keepsake_client.session import Request, get, given, parsed, path
from keepsake_client.submitting import Submitted, submission, submitted
from keepsake_client.surfaces import Awaiting, Blocking, operation, stream

_MEMORIES = "/v2/memory/memories"


class _Said(TypedDict):
    user_query: str


class Turn(_Said, total=False):
    """A turn of several: what `add` takes; all but `user_query` may be left out."""

    user_id: str
    agent_response: str
    session_datetime: datetime | str
    session_id: str
    source_id: str
    image_url: str
    effort_level: str
    speaker: str
    agent_id: str
    run_id: str
    metadata: Mapping[str, str | float | bool]
    expires_at: datetime | str


class MemoryCalls(RecallCalls, ImportCalls):
    """What can be asked of memory. user_id says whose; the owner's own when it is left out."""

    @submission
    async def add(
        self,
        user_query: str | None = None,
        *,
        messages: Sequence[Mapping[str, Any]] | None = None,
        user_id: str | None = None,
        agent_response: str | None = None,
        session_datetime: datetime | str | None = None,
        session_id: str | None = None,
        source_id: str | None = None,
        image_url: str | None = None,
        effort_level: str | None = None,
        speaker: str | None = None,
        agent_id: str | None = None,
        run_id: str | None = None,
        metadata: Mapping[str, str | float | bool] | None = None,
        expires_at: datetime | str | None = None,
        labels: Mapping[str, str] | None = None,
        run_at: datetime | str | None = None,
        priority: str | None = None,
        idempotency_key: str | None = None,
    ) -> Submitted[Remembered]:
        """Remember a turn: what the user said, and what was answered; or a list of `messages`.

        Messages of several turns are remembered as a batch, in their order. speaker: who said it,
        if not the user. agent_id, run_id, session_id, metadata: what it belongs to, to find it by.
        expires_at: from then on it is in no answer. source_id: your id of the turn; sent again, it
        adds nothing. labels: words of your own to find the job by. run_at: when to run it, within
        30 days. priority: `bulk` starts after what is `interactive`. idempotency_key: one is made
        for each call; give your own to make calls of
        several processes one job.

        >>> client.memory.add("I am allergic to peanuts.", user_id="ana").wait(60).status
        'succeeded'
        """
        turn = given(
            user_query=user_query, user_id=user_id, agent_response=agent_response,
            session_datetime=session_datetime, session_id=session_id, source_id=source_id,
            image_url=image_url, effort_level=effort_level, labels=labels, run_at=run_at,
            priority=priority, messages=messages, speaker=speaker, agent_id=agent_id, run_id=run_id,
            metadata=metadata, expires_at=expires_at,
        )  # fmt: skip
        return await submitted(
            self._session, "/v2/memory/ingest", turn, Remembered, idempotency_key
        )

    @submission
    async def state(
        self,
        content: str,
        *,
        attribute: str | None = None,
        user_id: str | None = None,
        subject: str | None = None,
        domain: str | None = None,
        single: bool | None = None,
        valid_from: datetime | str | None = None,
        expires_at: datetime | str | None = None,
        agent_id: str | None = None,
        run_id: str | None = None,
        session_id: str | None = None,
        metadata: Mapping[str, str | float | bool] | None = None,
        labels: Mapping[str, str] | None = None,
        run_at: datetime | str | None = None,
        priority: str | None = None,
        idempotency_key: str | None = None,
    ) -> Submitted[Stated]:
        """Remember a fact by hand, outside of any conversation: a sentence, or a value.

        It takes the place of another value of its attribute, which is read from the sentence
        unless it is named. single: whether the attribute has one value at a time. valid_from: since
        when it is so. The others are those of `add`.

        >>> client.memory.state("Lyon", attribute="lives_in", user_id="lo").wait(60).status
        'succeeded'
        >>> client.memory.answer("Where do I live?", user_id="lo").sources[0].content
        'Lyon'
        """
        fact = given(
            content=content, attribute=attribute, user_id=user_id, subject=subject, domain=domain,
            single=single, valid_from=valid_from, expires_at=expires_at, agent_id=agent_id,
            run_id=run_id, session_id=session_id, metadata=metadata, labels=labels, run_at=run_at,
            priority=priority,
        )  # fmt: skip
        return await submitted(self._session, _MEMORIES, fact, Stated, idempotency_key)

    @submission
    async def add_many(
        self,
        turns: Iterable[Turn],
        *,
        labels: Mapping[str, str] | None = None,
        run_at: datetime | str | None = None,
        priority: str | None = None,
        idempotency_key: str | None = None,
    ) -> Submitted[ManyRemembered]:
        """Remember 1 to 100 turns as one job; each has the fields that `add` takes.

        Turns of one user are remembered in their order. `job.items()` says how each went.

        >>> turns = [{"user_query": "I like figs."}, {"user_query": "I dislike olives."}]
        >>> client.memory.add_many(turns).result(60).succeeded
        2
        """
        body = {
            "items": [given(**turn) for turn in turns],
            **given(labels=labels, run_at=run_at, priority=priority),
        }
        return await submitted(
            self._session, "/v2/memory/batch-ingest", body, ManyRemembered, idempotency_key
        )

    @operation
    async def get(self, memory_id: str, *, user_id: str | None = None) -> Memory:
        """One memory, with its provenance and all of its versions.

        >>> client.memory.add("I own a boat.", user_id="bo").wait(60).status
        'succeeded'
        >>> memory = next(client.memory.list(user_id="bo"))
        >>> client.memory.get(memory.id, user_id="bo").content == memory.content
        True
        """
        return await self._session.fetch(self._of(memory_id, user_id), Memory)

    @operation
    async def history(self, memory_id: str, *, user_id: str | None = None) -> list[Version]:
        """All versions of a memory, the oldest first.

        >>> client.memory.add("I own a boat.", user_id="bo").wait(60).status
        'succeeded'
        >>> memory = next(client.memory.list(user_id="bo"))
        >>> new = client.memory.update(memory.id, "I own two boats.", user_id="bo")
        >>> [version.content for version in client.memory.history(new.id, user_id="bo")]
        ['I own a boat.', 'I own two boats.']
        """
        return (await self._session.fetch(self._of(memory_id, user_id), Memory)).history

    @operation
    async def update(self, memory_id: str, content: str, *, user_id: str | None = None) -> Memory:
        """Say it anew: the new memory is answered, the old one becomes its history.

        >>> client.memory.add("I own a boat.", user_id="bo").wait(60).status
        'succeeded'
        >>> memory = next(client.memory.list(user_id="bo"))
        >>> client.memory.update(memory.id, "I own two boats.", user_id="bo").content
        'I own two boats.'
        """
        url, params = path(_MEMORIES + "/{}", memory_id), given(user_id=user_id)
        request = Request("PATCH", url, params, {"content": content})
        return await self._session.fetch(request, Memory)

    @operation
    async def delete(self, memory_id: str, *, user_id: str | None = None) -> int:
        """Delete a memory or a turn for good; how many went, since a turn takes some along.

        >>> client.memory.add("I own a boat.", user_id="bo").wait(60).status
        'succeeded'
        >>> memory = next(client.memory.list(user_id="bo"))
        >>> client.memory.delete(memory.id, user_id="bo")
        1
        """
        url, params = path(_MEMORIES + "/{}", memory_id), given(user_id=user_id)
        return (await self._session.fetch(Request("DELETE", url, params), Deleted)).deleted

    @stream
    async def export(
        self,
        *,
        user_id: str | None = None,
        agent_id: str | None = None,
        run_id: str | None = None,
        session_id: str | None = None,
        metadata: Sequence[str] | None = None,
    ) -> AsyncIterator[Memory]:
        """All turns and memories of a user, ended ones too, oldest first.

        metadata: `name:value`, each of which one has to have.

        Raises:
            ConnectionFailed: It was cut off; what came so far is not all.

        >>> client.memory.add("I own a boat.", user_id="bo").wait(60).status
        'succeeded'
        >>> next(client.memory.export(user_id="bo")).content
        'I own a boat.'
        """
        tags = given(agent_id=agent_id, run_id=run_id, session_id=session_id, metadata=metadata)
        request = get("/v2/memory/export", given(user_id=user_id) | tags)
        async with aclosing(self._session.lines(request)) as lines:
            async for line in lines:
                yield parsed(Memory, line)

    def _of(self, memory_id: str, user_id: str | None) -> Request:
        return get(path(_MEMORIES + "/{}", memory_id), given(user_id=user_id))

    @stream
    async def list(
        self,
        *,
        user_id: str | None = None,
        kinds: Sequence[str] | None = None,
        domains: Sequence[str] | None = None,
        history: bool | None = None,
        agent_id: str | None = None,
        run_id: str | None = None,
        session_id: str | None = None,
        metadata: Sequence[str] | None = None,
        page_size: int | None = None,
    ) -> AsyncIterator[Memory]:
        """Memories that hold now; with `history` also those that hold no longer.

        metadata: `name:value`, each of which one has to have.

        >>> client.memory.add("I own a boat.", user_id="bo").wait(60).status
        'succeeded'
        >>> [memory.content for memory in client.memory.list(user_id="bo", domains=["profile"])]
        ['I own a boat.']
        """
        params = given(user_id=user_id, kinds=kinds, domains=domains, history=history,
                       agent_id=agent_id, run_id=run_id, session_id=session_id, metadata=metadata,
                       page_size=page_size)  # fmt: skip
        async for page in self._session.pages(get(_MEMORIES, params), MemoryPage):
            for memory in page.memories:
                yield memory


class Memories(MemoryCalls, Blocking):
    """Memory, for code that blocks."""


class AsyncMemories(MemoryCalls, Awaiting):
    """Memory, for coroutines."""
