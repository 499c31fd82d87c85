"""Code for prompts: the map of a repository, outlines, lines and their history."""

from keepsake_client.models.code import Source
from keepsake_client.models.prompting import CodeMap, LineHistory, Outline
from keepsake_client.places import Place, in_repository
from keepsake_client.scans import ScanCalls
from keepsake_client.session import given
from keepsake_client.surfaces import operation


class PromptCalls(ScanCalls):
    """What a prompt needs of code; no text takes more than `max_tokens`."""

    @operation
    async def map(
        self,
        repository: str | Place,
        *,
        max_tokens: int | None = None,
        query: str | None = None,
        file: str | None = None,
    ) -> CodeMap:
        """The symbols that most of the code leads to, seen from a query, a file or a folder.

        >>> client.code.map(repository).files[0].path
        'app/shop.py'
        """
        params = given(max_tokens=max_tokens, query=query, path=file)
        return await self._session.fetch(in_repository(repository, "/map", params), CodeMap)

    @operation
    async def outline(
        self, repository: str | Place, file: str, *, max_tokens: int | None = None
    ) -> Outline:
        """The symbols of a file as a tree, with lines and signatures.

        >>> [symbol.depth for symbol in client.code.outline(repository, "app/shop.py").symbols]
        [0, 1]
        """
        params = given(path=file, max_tokens=max_tokens)
        return await self._session.fetch(in_repository(repository, "/outline", params), Outline)

    @operation
    async def source(
        self,
        repository: str | Place,
        file: str | None = None,
        *,
        symbol: str | None = None,
        first: int | None = None,
        last: int | None = None,
    ) -> Source:
        """The text of a file, some of its lines, or a symbol of any file, with line numbers.

        >>> client.code.source(repository, symbol="price").source.lines[0]
        (1, 'def price():')
        """
        params = {**given(path=file, symbol=symbol, to=last), **_from(first)}
        return await self._session.fetch(in_repository(repository, "/source", params), Source)

    @operation
    async def history(
        self,
        repository: str | Place,
        file: str | None = None,
        *,
        symbol: str | None = None,
        first: int | None = None,
        last: int | None = None,
        limit: int | None = None,
    ) -> LineHistory:
        """The last commits that changed a file, some of its lines or a symbol, if they are there.

        >>> client.code.history(repository, symbol="price").path
        'app/price.py'
        """
        params = {**given(path=file, symbol=symbol, to=last, limit=limit), **_from(first)}
        return await self._session.fetch(in_repository(repository, "/history", params), LineHistory)


def _from(first: int | None) -> dict[str, int]:
    """The parameter `from`, which is a word of Python's."""
    return {} if first is None else {"from": first}
