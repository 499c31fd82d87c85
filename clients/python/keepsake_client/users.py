"""The owner's users: whose memories there are."""

from collections.abc import AsyncIterator

from keepsake_client.models.memory import Erasure, User, UserPage
from keepsake_client.session import Request, Resource, get, given, path
from keepsake_client.surfaces import Awaiting, Blocking, operation, stream


class UserCalls(Resource):
    """What can be asked about the owner's users."""

    @stream
    async def list(
        self, *, prefix: str | None = None, page_size: int | None = None
    ) -> AsyncIterator[User]:
        """The owner's users in the order of their ids; prefix: what these begin with.

        >>> client.memory.add("I own a boat.", user_id="bo").wait(60).status
        'succeeded'
        >>> [(user.user_id, user.memories) for user in client.users.list(prefix="bo")]
        [('bo', 1)]
        """
        request = get("/v2/memory/users", given(prefix=prefix, page_size=page_size))
        async for page in self._session.pages(request, UserPage):
            for user in page.users:
                yield user

    @operation
    async def erase(self, user_id: str) -> Erasure:
        """Erase all that is kept of a user, and count what was there before and after.

        Raises:
            JobsUnfinished: Jobs of this user would write again; cancel them or wait for them.

        >>> client.memory.add("I own a boat.", user_id="bo").wait(60).status
        'succeeded'
        >>> client.users.erase("bo").after["memories"]
        0
        """
        request = Request("DELETE", path("/v2/memory/users/{}", user_id), repeatable=True)
        return await self._session.fetch(request, Erasure)


class Users(UserCalls, Blocking):
    """The owner's users, for code that blocks."""


class AsyncUsers(UserCalls, Awaiting):
    """The owner's users, for coroutines."""
