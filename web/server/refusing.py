"""What a connection past the most may ask for."""

import json

from starlette.types import ASGIApp, Receive, Scope, Send

from web.problems import Problem
from web.retry_after import after_outage

_HEALTH = "/healthz"
_FULL = Problem(503, "too-many-connections", "This process has no room; connect again later.")


class Refusing:
    """Answers `/healthz`, which tells a full process from a dead one, and refuses all else."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["path"] == _HEALTH:
            await self._app(scope, receive, send)
            return
        body = json.dumps(_FULL.body()).encode()
        headers = [
            (b"content-type", b"application/problem+json"),
            (b"x-content-type-options", b"nosniff"),
            (b"content-length", b"%d" % len(body)),
            (b"retry-after", after_outage().encode()),
            (b"connection", b"close"),
        ]
        await send({"type": "http.response.start", "status": _FULL.status, "headers": headers})
        await send({"type": "http.response.body", "body": body})
