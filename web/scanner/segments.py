"""An encoded slash belongs to the segment it stands in: GitLab's `group/subgroup` is one name.

A server decodes a path before it is split, so `group%2Fsubgroup` would be two segments (RFC 3986,
2.2, says that it is one).
"""

import re
from typing import Annotated
from urllib.parse import unquote

from fastapi import Path
from pydantic import AfterValidator
from starlette.types import ASGIApp, Receive, Scope, Send

_BELOW = "/v2/scanner/repositories/"
_SLASH = re.compile("%2f", re.IGNORECASE)


def _whole(segment: str) -> str:
    return segment.replace("%2F", "/")


Org = Annotated[
    str,
    Path(
        max_length=500,
        description="Who has it at its host; a `/` inside, as in GitLab's subgroups, is sent as "
        "`%2F`",
        examples=["pallets", "group/subgroup"],
    ),
    AfterValidator(_whole),
]
Repo = Annotated[str, Path(max_length=250)]


class Segments:
    """Leaves encoded slashes encoded below repositories, for `Org` to decode."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] == "http" and scope["path"].startswith(_BELOW):
            raw = scope.get("raw_path", b"").decode("ascii", "replace")
            if _SLASH.search(raw):
                scope = {**scope, "path": unquote(_SLASH.sub("%252F", raw))}
        await self._app(scope, receive, send)
