"""Page tokens: opaque, and good only for the owner and filter they were made for."""

import base64
import binascii
import json
from datetime import UTC, datetime

from jobs.keys import fingerprint
from jobs.listing import Place, Wanted
from web.problems import Problem


def token(place: Place, owner: str, wanted: Wanted) -> str:
    """The token of the page after a place."""
    at_ms = round(place.created_at.timestamp() * 1000)
    text = json.dumps([at_ms, place.job_id, _bound(owner, wanted)])
    return base64.urlsafe_b64encode(text.encode()).decode()


def place(text: str, owner: str, wanted: Wanted) -> Place:
    """Where a token's page begins.

    Raises:
        Problem: 400, when it is no token, or another owner's or filter's.
    """
    try:
        at_ms, job_id, bound = json.loads(base64.urlsafe_b64decode(text))
        found = Place(datetime.fromtimestamp(at_ms / 1000, UTC), str(job_id))
    except (binascii.Error, ValueError, TypeError, OverflowError):
        raise _malformed() from None
    if bound != _bound(owner, wanted):
        raise _malformed()
    return found


def _malformed() -> Problem:
    detail = "page_token: not a token of this list; start again without it, or keep the filter."
    return Problem(400, "page-token-malformed", detail)


def _bound(owner: str, wanted: Wanted) -> str:
    times = [str(wanted.created_after), str(wanted.created_before)]
    return fingerprint([owner, sorted(wanted.states), sorted(wanted.types), times])[:16]
