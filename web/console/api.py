"""The API, asked within the process as whoever is signed in."""

from typing import Any
from urllib.parse import quote

import httpx
from fastapi import Request

from keepsake.access import Principal
from web.problems import TYPES, Problem
from web.within_process import HERE, WithinProcess


class Api:
    """Asks the API as one principal, as part of one request.

    Names of things are given beside the path: `api.get("/v1/jobs/{}/waits", job_id)`. Of the query
    what is empty is left out. Answers are JSON as the API's document has them.
    """

    def __init__(self, request: Request, principal: Principal) -> None:
        self._carrier = WithinProcess(request.app.state.entrance, request, principal)

    async def get(self, path: str, *names: str, **query: Any) -> Any:
        """What a route answers.

        Raises:
            Problem: It refuses.
        """
        return await self._ask("GET", path, names, query)

    async def post(self, path: str, *names: str, body: Any = None, **query: Any) -> Any:
        """What a route answers to a body; None when it says nothing.

        Raises:
            Problem: It refuses.
        """
        return await self._ask("POST", path, names, query, body)

    async def put(self, path: str, *names: str, body: Any) -> Any:
        """What a route answers to a body.

        Raises:
            Problem: It refuses.
        """
        return await self._ask("PUT", path, names, {}, body)

    async def delete(self, path: str, *names: str, **query: Any) -> Any:
        """What a route answers; None when it says nothing.

        Raises:
            Problem: It refuses.
        """
        return await self._ask("DELETE", path, names, query)

    async def _ask(
        self,
        method: str,
        path: str,
        names: tuple[str, ...],
        query: dict[str, Any],
        body: Any = None,
    ) -> Any:
        where = HERE + path.format(*(quote(name, safe="") for name in names))
        sent = {name: value for name, value in query.items() if value not in ("", None, [])}
        request = httpx.Request(method, where, params=sent, json=body)
        answer = await self._carrier.handle_async_request(request)
        content = await answer.aread()
        if answer.is_success:
            return answer.json() if content else None
        raise _problem(answer)


def _problem(answer: httpx.Response) -> Problem:
    members = answer.json()
    kind = str(members.pop("type")).removeprefix(TYPES)
    members.pop("title")
    kept = {name: answer.headers[name] for name in ("Retry-After",) if name in answer.headers}
    return Problem(members.pop("status"), kind, members.pop("detail"), headers=kept, **members)
