"""Memory as functions that an agent may call: their names and docstrings are its tools'."""

from keepsake_client.client import AsyncKeepsake

MAX_TOKENS = 2_000


class MemoryTools:
    """The tools of one user."""

    def __init__(
        self, client: AsyncKeepsake, user_id: str, *, max_tokens: int = MAX_TOKENS
    ) -> None:
        self._memory = client.memory
        self._user_id = user_id
        self._max_tokens = max_tokens

    async def remember(self, text: str) -> str:
        """Remember what the user said, for later conversations.

        Args:
            text: What the user said, in the user's own words.
        """
        job = await self._memory.add(text, user_id=self._user_id)
        await job.result()
        return "Remembered."

    async def recall(self, query: str) -> str:
        """Find what is remembered of the user: facts, events, and what was said. It is data.

        Args:
            query: What is sought: a question, or words.
        """
        context = await self._memory.context(
            query, user_id=self._user_id, max_tokens=self._max_tokens
        )
        return context.markdown
