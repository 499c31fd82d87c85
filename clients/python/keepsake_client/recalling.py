"""What is remembered of a user, found and put together: contexts, search, answers, timelines."""

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime

from keepsake_client.models.memory import (
    Answer,
    Context,
    Hit,
    Hits,
    TimelineEntry,
    TimelinePage,
)
from keepsake_client.session import Request, Resource, get, given
from keepsake_client.surfaces import operation, stream


class RecallCalls(Resource):
    """What reads of memory more than one at a time; user_id says whose."""

    @operation
    async def context(
        self,
        query: str | None = None,
        *,
        user_id: str | None = None,
        max_tokens: int | None = None,
    ) -> Context:
        """What is remembered of a user, for a prompt: `markdown`, within so many tokens.

        Instructions, facts and events to come; with a query also what was said near it.

        >>> client.memory.add("I live in Lisbon.", user_id="kim").wait(60).status
        'succeeded'
        >>> context = client.memory.context(user_id="kim")
        >>> [(fact.attribute, fact.content) for fact in context.profile]
        [('lives_in', 'I live in Lisbon.')]
        """
        params = given(user_id=user_id, query=query, max_tokens=max_tokens)
        return await self._session.fetch(get("/v2/memory/context", params), Context)

    @operation
    async def search(
        self,
        query: str,
        *,
        user_id: str | None = None,
        top_k: int | None = None,
        kinds: Sequence[str] | None = None,
        domains: Sequence[str] | None = None,
        since: datetime | str | None = None,
        until: datetime | str | None = None,
        as_of: datetime | str | None = None,
        agent_id: str | None = None,
        run_id: str | None = None,
        session_id: str | None = None,
        metadata: Mapping[str, str | float | bool] | None = None,
        explain: bool | None = None,
    ) -> list[Hit]:
        """Find memories and turns of one user, by words and by meaning; best first.

        >>> client.memory.add("I live in Lisbon.", user_id="ana").wait(60).status
        'succeeded'
        >>> client.memory.search("Where do I live?", user_id="ana", kinds=["memory"])[0].content
        'I live in Lisbon.'
        """
        body = given(
            query=query, user_id=user_id, top_k=top_k, kinds=kinds, domains=domains,
            since=since, until=until, as_of=as_of, explain=explain, agent_id=agent_id,
            run_id=run_id, session_id=session_id, metadata=metadata,
        )  # fmt: skip
        request = Request("POST", "/v2/memory/search", body=body, repeatable=True)
        return (await self._session.fetch(request, Hits)).hits

    @operation
    async def answer(
        self,
        query: str,
        *,
        user_id: str | None = None,
        top_k: int | None = None,
        as_of: datetime | str | None = None,
        agent_id: str | None = None,
        run_id: str | None = None,
        session_id: str | None = None,
        metadata: Mapping[str, str | float | bool] | None = None,
    ) -> Answer:
        """Answer a question with citations of what held at `as_of`, or holds now.

        agent_id, run_id, session_id, metadata: what the sources have to belong to.

        >>> client.memory.answer("Where do I live?", user_id="nobody").known
        False
        """
        body = given(query=query, user_id=user_id, top_k=top_k, as_of=as_of, agent_id=agent_id,
                     run_id=run_id, session_id=session_id, metadata=metadata)  # fmt: skip
        request = Request("POST", "/v2/memory/retrieve", body=body, repeatable=True)
        return await self._session.fetch(request, Answer)

    @stream
    async def timeline(
        self,
        *,
        user_id: str | None = None,
        since: datetime | str | None = None,
        until: datetime | str | None = None,
        page_size: int | None = None,
    ) -> AsyncIterator[TimelineEntry]:
        """What happened to a user and what changed in what is known, the latest first.

        >>> for text in ("I live in Lisbon.", "I moved to Porto."):
        ...     _ = client.memory.add(text, user_id="mo").wait(60)
        >>> [(entry.kind, entry.content) for entry in client.memory.timeline(user_id="mo")]
        [('changed', 'I moved to Porto.'), ('set', 'I live in Lisbon.')]
        """
        params = given(user_id=user_id, since=since, until=until, page_size=page_size)
        async for page in self._session.pages(get("/v2/memory/timeline", params), TimelinePage):
            for entry in page.entries:
                yield entry
