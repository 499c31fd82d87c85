"""Page tokens: opaque, and good only for the owner and filter they were made for."""

import base64
import binascii
import json
from datetime import UTC, datetime
from typing import Any

from jobs.accepting.keys import fingerprint
from jobs.listing import Place
from web.problems import Problem


def token(place: Place, *bound: Any) -> str:
    """The token of the page after a place; `bound` is whose it is and of which filter."""
    at_ms = round(place.created_at.timestamp() * 1000)
    text = json.dumps([at_ms, place.job_id, _bound(bound)])
    return base64.urlsafe_b64encode(text.encode()).decode()


def place(text: str, *bound: Any) -> Place | None:
    """Where a token's page begins; None for the first page, which has none.

    Raises:
        Problem: 400, when it is no token, or another owner's or filter's.
    """
    if not text:
        return None
    at_ms, job_id = _opened(text, bound, 2)
    try:
        return Place(datetime.fromtimestamp(at_ms / 1000, UTC), str(job_id))
    except (ValueError, TypeError, OverflowError, OSError):
        raise _malformed() from None


def key_token(key: str, *bound: Any) -> str:
    """The token of the page after a key, where a list is ordered by one."""
    return base64.urlsafe_b64encode(json.dumps([key, _bound(bound)]).encode()).decode()


def key(text: str, *bound: Any) -> str:
    """The key that a token's page comes after; empty for the first page, which has no token.

    Raises:
        Problem: 400, when it is no token, or another owner's or filter's.
    """
    return str(_opened(text, bound, 1)[0]) if text else ""


def _opened(text: str, bound: tuple[Any, ...], parts: int) -> list[Any]:
    """What a token holds, if it is of this list."""
    found: list[Any]
    try:
        *found, of = json.loads(base64.urlsafe_b64decode(text))
    except (binascii.Error, ValueError, TypeError, RecursionError):
        raise _malformed() from None
    if of != _bound(bound) or len(found) != parts:
        raise _malformed()
    return found


def _malformed() -> Problem:
    detail = "page_token: not a token of this list; start again without it, or keep the filter."
    return Problem(400, "page-token-malformed", detail)


def _bound(bound: tuple[Any, ...]) -> str:
    return fingerprint([str(part) for part in bound])[:16]
