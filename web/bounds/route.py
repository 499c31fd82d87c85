"""Routes that refuse what is larger than anything they take."""

from collections.abc import Callable, Coroutine
from functools import cached_property
from typing import Any

from fastapi import Request, Response
from fastapi.routing import APIRoute
from pydantic import TypeAdapter

from web.bounds.reading import limited, require_few_values
from web.bounds.sizes import Size, largest
from web.problems import misfit

Handler = Callable[[Request], Coroutine[Any, Any, Response]]
_SLACK = Size(65_536, 1_000)
"""For spaces, and for fields that v1 ignores."""
_PARAMETERS_MOST = 200


class BoundedRoute(APIRoute):
    """A route that parses no body and no query that its schema cannot allow.

    So a request costs no more than the largest good one, whatever stands in it.
    """

    @cached_property
    def size(self) -> Size:
        """The most that a body may be."""
        if self.body_field is None:
            raise TypeError(f"{self.path} takes no body")
        body: Any = self.body_field.field_info.annotation
        schema = TypeAdapter(body).json_schema()
        return largest(schema, schema.get("$defs", {})) + _SLACK

    def get_route_handler(self) -> Handler:
        """The handler of requests, behind the bounds."""
        within = self.handler_within()

        async def handle(request: Request) -> Response:
            return await within(await self._bounded(request))

        return handle

    def handler_within(self) -> Handler:
        """The handler of requests that are within the bounds: FastAPI's."""
        return super().get_route_handler()

    async def _bounded(self, request: Request) -> Request:
        """The request with its body read, if the route takes one.

        Raises:
            Problem: 400, 413 or 422, when it is larger than any good one.
        """
        if request.scope["query_string"].count(b"&") >= _PARAMETERS_MOST:
            raise misfit("query", "", f"At most {_PARAMETERS_MOST} parameters are allowed")
        if self.body_field is None:
            return request
        request = Request(request.scope, limited(request.receive, request.headers, self.size.bytes))
        body = await request.body()
        if "json" in request.headers.get("content-type", ""):
            require_few_values(body, self.size.values)
        return request
