"""The API, asked within the process as whoever is signed in."""

from typing import Any
from urllib.parse import quote, urlencode

import httpx
from fastapi import HTTPException, Request, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from keepsake.access import Principal
from web.problems import TYPES, Problem
from web.within_process import HERE, WithinProcess, borne


class Api:
    """Asks the API as one principal, as part of one request.

    Names of things are given beside the path: `api.get("/v1/jobs/{}/waits", job_id)`. Nothing has
    an empty one: 404. Of the query what is empty is left out. Answers are JSON as the API's
    document has them.
    """

    def __init__(self, request: Request, principal: Principal) -> None:
        self._entrance, self._principal = request.app.state.entrance, principal
        self._carrier = WithinProcess(self._entrance, request, principal)

    async def get(self, path: str, /, *names: str, **query: Any) -> Any:
        """What a route answers.

        Raises:
            Problem: It refuses.
        """
        return await self._ask("GET", path, names, query)

    async def post(self, path: str, /, *names: str, body: Any = None, **query: Any) -> Any:
        """What a route answers to a body; None when it says nothing.

        Raises:
            Problem: It refuses.
        """
        return await self._ask("POST", path, names, query, body)

    async def put(self, path: str, /, *names: str, body: Any, **query: Any) -> Any:
        """What a route answers to a body.

        Raises:
            Problem: It refuses.
        """
        return await self._ask("PUT", path, names, query, body)

    async def patch(self, path: str, /, *names: str, body: Any, **query: Any) -> Any:
        """What a route answers to a change.

        Raises:
            Problem: It refuses.
        """
        return await self._ask("PATCH", path, names, query, body)

    async def delete(self, path: str, /, *names: str, **query: Any) -> Any:
        """What a route answers; None when it says nothing.

        Raises:
            Problem: It refuses.
        """
        return await self._ask("DELETE", path, names, query)

    def passed_on(self, path: str, /, **query: Any) -> Response:
        """The answer of a route as it is, passed on while it is made."""
        return _PassedOn(self._entrance, self._principal, path, _stated(query))

    async def _ask(
        self,
        method: str,
        path: str,
        names: tuple[str, ...],
        query: dict[str, Any],
        body: Any = None,
    ) -> Any:
        if any(not name.strip(".") for name in names):  # it would name another path
            raise HTTPException(404)
        where = HERE + path.format(*(quote(name, safe="") for name in names))
        request = httpx.Request(method, where, params=_stated(query), json=body)
        answer = await self._carrier.handle_async_request(request)
        content = await answer.aread()
        if answer.is_success:
            return answer.json() if content else None
        raise _problem(answer)


class _PassedOn(Response):
    """Serves what another request would get in the place of this one."""

    def __init__(self, app: ASGIApp, bearer: Principal, path: str, query: dict[str, Any]) -> None:
        super().__init__()
        self._app = borne(app, bearer)
        self._changed = {
            "path": path,
            "raw_path": path.encode(),
            "root_path": "",
            "query_string": urlencode(query).encode(),
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._app({**scope, **self._changed}, receive, send)


def _stated(query: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in query.items() if value not in ("", None, [], [""])}


def _problem(answer: httpx.Response) -> Problem:
    """What an answer says; that of a service which is not ready has no type."""
    members = answer.json()
    kind = str(members.pop("type", "http")).removeprefix(TYPES)
    detail = str(members.pop("detail", "The service is not ready."))
    told = {name: value for name, value in members.items() if name not in ("title", "status")}
    kept = {name: answer.headers[name] for name in ("Retry-After",) if name in answer.headers}
    return Problem(answer.status_code, kind, detail, headers=kept, **told)
