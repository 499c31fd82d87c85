"""The owner's users: whose memories there are."""

from keepsake_client.models.memory import Erasure
from keepsake_client.session import Request, Resource, path
from keepsake_client.surfaces import Awaiting, Blocking, operation


class UserCalls(Resource):
    """What can be asked about the owner's users."""

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
