"""A LlamaIndex memory block over Keepsake's memory of a user."""

from collections.abc import Sequence
from typing import Any

from llama_index.core.llms import ChatMessage
from llama_index.core.memory import BaseMemoryBlock
from pydantic import Field

from keepsake_client.adapters.messages import requests_of
from keepsake_client.client import AsyncKeepsake

_LONGEST_QUERY = 1_000


class KeepsakeMemoryBlock(BaseMemoryBlock[str]):
    """What is remembered of a user, for the prompt; messages that leave the chat are remembered.

    max_tokens: how long it is at most.
    """

    name: str = "Keepsake"
    client: AsyncKeepsake = Field(default_factory=AsyncKeepsake, exclude=True)
    user_id: str
    max_tokens: int = 2_000

    async def _aget(
        self, messages: Sequence[ChatMessage] | None = None, **block_kwargs: Any
    ) -> str:
        asked = [each.content or "" for each in messages or [] if each.role.value == "user"]
        query = asked[-1].strip()[:_LONGEST_QUERY] if asked else ""
        context = await self.client.memory.context(
            query or None, user_id=self.user_id, max_tokens=self.max_tokens
        )
        return context.markdown

    async def _aput(self, messages: Sequence[ChatMessage]) -> None:
        said = [{"role": each.role.value, "content": each.content or ""} for each in messages]
        sessions = [each.additional_kwargs.get("session_id") for each in messages]
        for some in requests_of(said):
            job = await self.client.memory.add(
                messages=some, user_id=self.user_id, session_id=next(filter(None, sessions), None)
            )
            await job.result()
