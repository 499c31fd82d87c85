"""Searches in code that join several ways to look, and those in texts."""

from keepsake_client.models.code import SymbolHits
from keepsake_client.models.text import TextHits
from keepsake_client.places import Place, in_repository
from keepsake_client.prompting import PromptCalls
from keepsake_client.session import get, given
from keepsake_client.surfaces import operation


class SearchCalls(PromptCalls):
    """What can be looked for.

    repository: its name at its host, such as `pallets/click` or `group/subgroup/project`; a
    `Place` where several have this name.
    """

    @operation
    async def search(
        self,
        repository: str | Place,
        query: str | None = None,
        *,
        q: str | None = None,
        limit: int | None = None,
        page_token: str | None = None,
        snippets: int | None = None,
    ) -> SymbolHits:
        """A page of symbols and files for a name, a path or a question, best first.

        q: instead of words alone, `"phrases"`, `/expressions/` and filters, such as `lang:go`.

        >>> client.code.search(repository, "what things cost").hits[0].path
        'app/price.py'
        >>> client.code.search(repository, q="price kind:function").hits[0].name
        'price'
        """
        params = given(query=query, q=q, limit=limit, page_token=page_token,
                       snippets=snippets)  # fmt: skip
        return await self._session.fetch(in_repository(repository, "/search", params), SymbolHits)

    @operation
    async def search_all(
        self,
        query: str | None = None,
        *,
        q: str | None = None,
        limit: int | None = None,
        page_token: str | None = None,
    ) -> SymbolHits:
        """A page of symbols and files of all of the owner's own repositories, best first.

        >>> client.code.search_all("what things cost").hits[0].repo
        'shop'
        """
        params = given(query=query, q=q, limit=limit, page_token=page_token)
        return await self._session.fetch(get("/v2/scanner/search", params), SymbolHits)

    @operation
    async def search_text(
        self,
        repository: str | Place,
        query: str,
        *,
        context: int | None = None,
        page_size: int | None = None,
        page_token: str | None = None,
    ) -> TextHits:
        """A page of the lines that match: words, `"phrases"`, `/expressions/` and filters.

        >>> [hit.line for hit in client.code.search_text(repository, '"def price()"').hits]
        [1]
        """
        params = given(q=query, context=context, page_size=page_size, page_token=page_token)
        return await self._session.fetch(in_repository(repository, "/text", params), TextHits)

    @operation
    async def search_all_text(
        self,
        query: str,
        *,
        context: int | None = None,
        page_size: int | None = None,
        page_token: str | None = None,
    ) -> TextHits:
        """A page of the lines that match in all of the owner's own repositories.

        >>> [hit.repo for hit in client.code.search_all_text('"def price()"').hits]
        ['shop']
        """
        params = given(q=query, context=context, page_size=page_size, page_token=page_token)
        return await self._session.fetch(get("/v2/scanner/text", params), TextHits)
