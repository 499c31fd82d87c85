"""A shorter way through FastAPI for the routes that make a job."""

from typing import Any, get_type_hints

from fastapi import Request, Response
from pydantic import BaseModel, ValidationError

from web.accepting.submits import submission
from web.edge.body_limits import BoundedRoute, Handler


class SubmitRoute(BoundedRoute):
    """Calls `endpoint(body, submit)` without solving its signature again for every request.

    FastAPI's general way takes twice the time of all that is done to accept a job. Whatever is not
    a good JSON body goes that way still, so that errors and documentation are FastAPI's own.
    """

    def handler_within(self) -> Handler:
        """The handler of good requests, over FastAPI's."""
        general = super().handler_within()
        endpoint: Any = self.endpoint
        model: type[BaseModel] = get_type_hints(endpoint)["body"]

        async def handle(request: Request) -> Response:
            if request.headers.get("content-type") != "application/json":
                return await general(request)
            try:
                body = model.model_validate_json(await request.body())
            except ValidationError:
                return await general(request)
            response: Response = await endpoint(body, await submission(request))
            return response

        return handle
