"""Hooks, by which git hosts tell of pushes, and the tokens by which scans reach the hosts."""

from collections.abc import AsyncIterator, Sequence

from keepsake_client.models.code import Resumed
from keepsake_client.models.keeping_up import Hook, HookPage, NewHook
from keepsake_client.places import Place, in_repository
from keepsake_client.session import Request, Resource, get, given, path
from keepsake_client.surfaces import operation, stream

_HOOKS = "/v2/scanner/hooks"


class HookCalls(Resource):
    """What can be asked of hooks and tokens."""

    @operation
    async def make_hook(
        self,
        url: str,
        git_host: str,
        *,
        include: Sequence[str] | None = None,
        exclude: Sequence[str] | None = None,
    ) -> NewHook:
        """Make a hook for a repository's pushes; its secret is not shown again.

        git_host: `github`, `gitlab` or `gitea`, whose deliveries it takes. include, exclude: as in
        `scan`.

        >>> made = client.code.make_hook("https://github.com/pallets/click", "github")
        >>> made.path == f"/v2/scanner/hooks/github/{made.hook_id}"
        True
        """
        body = given(url=url, git_host=git_host, include=include, exclude=exclude)
        return await self._session.fetch(Request("POST", _HOOKS, body=body), NewHook)

    @stream
    async def hooks(self, *, page_size: int | None = None) -> AsyncIterator[Hook]:
        """The hooks, the oldest first, and what came of their last deliveries.

        >>> made = client.code.make_hook("https://github.com/pallets/click", "github")
        >>> made.hook_id in [hook.hook_id for hook in client.code.hooks()]
        True
        """
        async for page in self._session.pages(get(_HOOKS, given(page_size=page_size)), HookPage):
            for hook in page.hooks:
                yield hook

    @operation
    async def delete_hook(self, hook_id: str) -> None:
        """End a hook; its host's deliveries are refused from now on.

        >>> made = client.code.make_hook("https://github.com/pallets/click", "github")
        >>> client.code.delete_hook(made.hook_id)
        >>> list(client.code.hooks())
        []
        """
        await self._session.answer(Request("DELETE", path(_HOOKS + "/{}", hook_id)))

    @operation
    async def keep_credential(self, repository: str | Place, token: str) -> Resumed:
        """Give a repository the token that its scans use; those that wait for one begin.

        >>> client.code.keep_credential(repository, "a token").repository.access.refused_at
        """
        place = in_repository(repository, "/credential", {})
        request = Request("PUT", place.path, place.params, {"token": token}, repeatable=True)
        return await self._session.fetch(request, Resumed)

    @operation
    async def forget_credential(self, repository: str | Place) -> Resumed:
        """Forget a repository's token, and what its host refused: scans ask it without one.

        >>> client.code.forget_credential(repository).job_ids
        []
        """
        place = in_repository(repository, "/credential", {})
        return await self._session.fetch(Request("DELETE", place.path, place.params), Resumed)
