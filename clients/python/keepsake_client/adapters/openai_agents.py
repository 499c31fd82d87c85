"""OpenAI Agents SDK: a session that keeps its items exactly, and memory as tools."""

import asyncio
import uuid
from typing import Any

from agents import FunctionTool, SessionSettings, function_tool
from agents.memory.session import SessionABC

from keepsake_client.adapters.documents import Documents
from keepsake_client.adapters.messages import requests_of
from keepsake_client.adapters.tools import MemoryTools
from keepsake_client.client import AsyncKeepsake, Keepsake


class KeepsakeSession(SessionABC):
    """A session of a user: its items as they are, in order; what is said is remembered as well.

    The items are documents of the user `{user_id}:sessions`, apart from what is remembered of
    `user_id`. remembers: whether messages of the user become memories.
    """

    def __init__(
        self,
        session_id: str,
        client: Keepsake | None = None,
        *,
        user_id: str,
        remembers: bool = True,
        session_settings: SessionSettings | None = None,
    ) -> None:
        self.session_id = session_id
        self.session_settings = session_settings
        opened = client or Keepsake()
        self._memory = opened.memory
        self._items = Documents(opened, f"{user_id}:sessions")
        self._user_id = user_id
        self._remembers = remembers

    async def get_items(self, limit: int | None = None) -> list[Any]:
        """The items; limit: how many of the last."""
        if limit is None and self.session_settings is not None:
            limit = self.session_settings.limit
        items = [each.value for each in await self._kept()]
        return items if limit is None else items[max(0, len(items) - limit) :]

    async def add_items(self, items: list[Any]) -> None:
        """Keep items behind the others; memory is told in the background."""
        if not items:
            return
        batch = uuid.uuid4().hex
        keyed = {f"{number:08d}-{batch}": item for number, item in enumerate(items)}
        await asyncio.to_thread(self._items.put, [self.session_id], keyed)
        if self._remembers:
            await asyncio.to_thread(self._remember, items)

    async def pop_item(self) -> Any:
        """Take the last item away; None if there is none. What was remembered stays."""
        kept = await self._kept()
        if not kept:
            return None
        await asyncio.to_thread(self._items.delete, [self.session_id], kept[-1].key)
        return kept[-1].value

    async def clear_session(self) -> None:
        """Delete all items; what was remembered stays."""
        await asyncio.to_thread(self._items.delete, [self.session_id])

    async def _kept(self) -> Any:
        return await asyncio.to_thread(self._items.listed, [self.session_id])

    def _remember(self, items: list[Any]) -> None:
        messages = [item for item in items if item.get("role") in {"user", "assistant"}]
        for some in requests_of(messages):
            self._memory.add(messages=some, user_id=self._user_id, session_id=self.session_id)


def memory_tools(client: AsyncKeepsake, user_id: str) -> list[FunctionTool]:
    """The tools `remember` and `recall` over the memory of a user."""
    tools = MemoryTools(client, user_id)
    return [function_tool(tools.remember), function_tool(tools.recall)]
