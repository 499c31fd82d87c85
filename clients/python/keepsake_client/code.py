"""Code: repositories are scanned and searched."""

from collections.abc import AsyncIterator, Sequence

from keepsake_client.code_searches import SearchCalls
from keepsake_client.models.code import (
    Definitions,
    Folder,
    Impacts,
    Removed,
    Repository,
    RepositoryPage,
    Sharing,
    SymbolHits,
    Uses,
)
from keepsake_client.places import REPOSITORIES, Place, in_repository
from keepsake_client.session import Request, get, given
from keepsake_client.surfaces import Awaiting, Blocking, operation, stream


class CodeCalls(SearchCalls):
    """What can be asked of code.

    repository: its name at its host, such as `pallets/click` or `group/subgroup/project`; a
    `Place` where several have this name.
    snippets: how many lines of code come with each hit or use.
    """

    @operation
    async def symbols(
        self,
        repository: str | Place,
        name: str,
        *,
        limit: int | None = None,
        page_token: str | None = None,
        snippets: int | None = None,
    ) -> SymbolHits:
        """A page of symbols by name: exact, the beginning of it, words inside it, misspelt.

        >>> client.code.symbols(repository, "sell").hits[0].qualified
        'Shop.sell'
        """
        params = given(name=name, limit=limit, page_token=page_token, snippets=snippets)
        return await self._session.fetch(in_repository(repository, "/symbols", params), SymbolHits)

    @operation
    async def references(
        self,
        repository: str | Place,
        name: str,
        *,
        kinds: Sequence[str] | None = None,
        page_size: int | None = None,
        page_token: str | None = None,
        snippets: int | None = None,
    ) -> Uses:
        """A page of the places that use a name, of all kinds or of some.

        kinds: of `call`, `value`, `type`, `inherit`, `import`, `re-export`.

        >>> [use.kind for use in client.code.references(repository, "price").uses]
        ['call']
        """
        params = given(name=name, kind=kinds, page_size=page_size, page_token=page_token,
                       snippets=snippets)  # fmt: skip
        return await self._session.fetch(in_repository(repository, "/references", params), Uses)

    @operation
    async def subclasses(
        self, repository: str | Place, name: str, *, snippets: int | None = None
    ) -> Uses:
        """The places where types inherit from one of this name, also through others.

        >>> client.code.subclasses(repository, "Shop").uses
        []
        """
        params = given(name=name, snippets=snippets)
        return await self._session.fetch(in_repository(repository, "/subclasses", params), Uses)

    @operation
    async def implementations(
        self, repository: str | Place, name: str, *, snippets: int | None = None
    ) -> Uses:
        """What implements a type, or the definitions that implement a method.

        >>> client.code.implementations(repository, "sell").uses
        []
        """
        params = given(name=name, snippets=snippets)
        return await self._session.fetch(
            in_repository(repository, "/implementations", params), Uses
        )

    @operation
    async def callers(
        self,
        repository: str | Place,
        name: str,
        *,
        snippets: int | None = None,
    ) -> Uses:
        """The places that call a name.

        >>> client.code.callers(repository, "price").uses[0].path
        'app/shop.py'
        """
        params = given(name=name, snippets=snippets)
        return await self._session.fetch(in_repository(repository, "/callers", params), Uses)

    @operation
    async def importers(
        self,
        repository: str | Place,
        file: str,
        *,
        snippets: int | None = None,
    ) -> Uses:
        """The places that import a file or a module.

        >>> client.code.importers(repository, "app/shop.py").uses
        []
        """
        params = given(path=file, snippets=snippets)
        return await self._session.fetch(in_repository(repository, "/importers", params), Uses)

    @operation
    async def definition(
        self,
        repository: str | Place,
        name: str,
    ) -> SymbolHits:
        """Where a name is defined: the symbols that have exactly this name.

        >>> client.code.definition(repository, "price").hits[0].line
        1
        """
        params = given(name=name)
        named = await self._session.fetch(in_repository(repository, "/symbols", params), SymbolHits)
        hits = [hit for hit in named.hits if name in (hit.name, hit.qualified)]
        return named.model_copy(update={"hits": hits})

    @operation
    async def definitions(
        self,
        repository: str | Place,
        file: str,
    ) -> Definitions:
        """What a file defines, from top to bottom.

        >>> [symbol.name for symbol in client.code.definitions(repository, "app/shop.py").symbols]
        ['Shop', 'sell']
        """
        params = given(path=file)
        return await self._session.fetch(
            in_repository(repository, "/definitions", params), Definitions
        )

    @operation
    async def impact(
        self,
        repository: str | Place,
        file: str,
        *,
        symbol: str | None = None,
        depth: int | None = None,
    ) -> Impacts:
        """What may change when a file, or one of its symbols, changes.

        >>> client.code.impact(repository, "app/price.py").impacts[0].path
        'app/shop.py'
        """
        params = given(path=file, symbol=symbol, depth=depth)
        return await self._session.fetch(in_repository(repository, "/impact", params), Impacts)

    @operation
    async def tree(
        self,
        repository: str | Place,
        folder: str | None = None,
        *,
        unread: bool = False,
    ) -> Folder:
        """The files and folders right inside a folder; or all files below it not read whole.

        >>> [node.path for node in client.code.tree(repository).nodes]
        ['app', 'README.md']
        """
        params = given(folder=folder, unread=unread or None)
        return await self._session.fetch(in_repository(repository, "/tree", params), Folder)

    @stream
    async def repositories(
        self, *, whose: str | None = None, page_size: int | None = None
    ) -> AsyncIterator[Repository]:
        """The owner's repositories, or with `whose="shared"` what others share with it.

        >>> [listed.repo for listed in client.code.repositories()]
        ['shop']
        """
        request = get(REPOSITORIES, given(whose=whose, page_size=page_size))
        async for page in self._session.pages(request, RepositoryPage):
            for repository in page.repositories:
                yield repository

    @operation
    async def repository(self, repository: str | Place) -> Repository:
        """One repository: how far its scan is, and its indexes.

        >>> client.code.repository(repository).phase1.status
        'complete'
        """
        request = in_repository(repository, "", given())
        return await self._session.fetch(request, Repository)

    @operation
    async def share(
        self,
        repository: str | Place,
        *,
        organisations: Sequence[str] = (),
        owners: Sequence[str] = (),
        everyone: bool = False,
    ) -> Repository:
        """Say who else may search a repository; all others may not from now on.

        >>> client.code.share(repository, owners=["bob"]).sharing.owners
        ['bob']
        """
        sharing = Sharing(organisations=list(organisations), owners=list(owners),
                          everyone=everyone)  # fmt: skip
        place = in_repository(repository, "/sharing", {})
        request = Request("PUT", place.path, place.params, sharing.model_dump(), repeatable=True)
        return await self._session.fetch(request, Repository)

    @operation
    async def delete(self, repository: str | Place) -> Removed:
        """Delete a repository with all of its indexes.

        Raises:
            JobsUnfinished: A scan of it has not ended; cancel it or wait.

        >>> "files" in client.code.delete(repository).deleted
        True
        """
        place = in_repository(repository, "", {})
        return await self._session.fetch(Request("DELETE", place.path, place.params), Removed)

    @operation
    async def delete_index(self, repository: str | Place, branch: str) -> Removed:
        """Delete the index of one branch, tag or commit; the repository's others stay.

        Raises:
            JobsUnfinished: A scan of it has not ended; cancel it or wait.

        >>> client.code.delete_index(repository, "main").deleted["indexes"]
        1
        """
        place = in_repository(repository, "/index", {})
        params = {**place.params, "branch": branch}
        return await self._session.fetch(Request("DELETE", place.path, params), Removed)


class Code(CodeCalls, Blocking):
    """Code, for code that blocks."""


class AsyncCode(CodeCalls, Awaiting):
    """Code, for coroutines."""
