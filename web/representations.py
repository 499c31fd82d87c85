"""Which representation a client gets (RFC 9110): by what it accepts, and none if it has it."""

import hashlib
import re
from typing import Annotated

from fastapi import Depends, Header, Request

VALIDATORS = ("ETag", "Cache-Control")
CACHED = {"Cache-Control": "private, no-cache"}
"""An answer is its owner's, and is asked for anew whether it still holds."""
VARIES = {"Vary": "Accept"}
_DIGEST_CHARACTERS = 32
_WEIGHT = re.compile(r"q=([01](?:\.\d{0,3})?)")
_ACCEPT_CHARACTERS = 1_000
"""Browsers send 150."""


def prefers(request: Request, media_type: str) -> bool:
    """Whether a client likes a media type better than JSON, as browsers do HTML."""
    return is_better(",".join(request.headers.getlist("accept")), media_type)


def is_better(accept: str, media_type: str) -> bool:
    """Whether an `Accept` likes a media type better than JSON (12.5.1)."""
    return _weight(accept, media_type) > _weight(accept, "application/json")


def _weight(accept: str, media_type: str) -> float:
    """How much a media type is liked, from 0 to 1, by the closest range that names it."""
    weights: dict[str, float] = {}
    for part in accept[:_ACCEPT_CHARACTERS].lower().split(","):
        media_range, *parameters = part.replace(" ", "").split(";")
        matches = [match for match in map(_WEIGHT.fullmatch, parameters) if match]
        weights[media_range] = float(matches[0][1]) if matches else 1.0
    main, _, _ = media_type.partition("/")
    ranges = (media_type, f"{main}/*", "*/*")
    return next((weights[name] for name in ranges if name in weights), 0.0)


async def _tags(
    request: Request,
    first: Annotated[
        str | None,
        Header(alias="If-None-Match", max_length=1_000, description="The ETag that the client has"),
    ] = None,
) -> str | None:
    """A list, which may be spread over several header lines."""
    return first and ",".join(request.headers.getlist("If-None-Match"))


IfNoneMatch = Annotated[str | None, Depends(_tags)]
"""The ETags that the client has; None without any."""


def digest(content: bytes) -> str:
    """The ETag of an answer that is named by its content."""
    return f'"{hashlib.sha256(content).hexdigest()[:_DIGEST_CHARACTERS]}"'


def matches(etag: str, if_none_match: str | None) -> bool:
    """Whether the client has this answer; weak comparison (RFC 9110, 13.1.2)."""
    tags = [tag.strip().removeprefix("W/") for tag in (if_none_match or "").split(",")]
    return etag in tags or "*" in tags
