"""`/v1/console/links`: a link that signs its caller in once, for the command line."""

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from pydantic import BaseModel, Field

from keepsake.access import LINK_SECONDS, ConsoleSessions
from web.console.sessions import PATH
from web.edge.auth import Caller
from web.edge.body_limits import BoundedRoute

router = APIRouter(prefix="/v1/console", tags=["console"], route_class=BoundedRoute)
SIGN_IN = PATH + "/sign-in"


class ConsoleLink(BaseModel):
    """A link that signs in as the key that asked for it, once."""

    path: str = Field(
        description="Where, below the service's address; its fragment is a secret",
        examples=[SIGN_IN + "#mJ8rV0m2wq1hX5u7t3bK9nZcYdEaLsFgHpQxRvTyUiO"],
    )
    expires_in_seconds: int = Field(description="For how long it is good", examples=[LINK_SECONDS])


@router.post("/links", status_code=201)
async def link(request: Request, caller: Caller) -> ConsoleLink:
    """Make a link to the console that signs in as this key, once and within a minute.

    The token stands in the fragment, which browsers send to no server.
    """
    sessions: ConsoleSessions = request.app.state.sessions
    token = await run_in_threadpool(sessions.link, caller.key_id)
    return ConsoleLink(path=f"{SIGN_IN}#{token}", expires_in_seconds=LINK_SECONDS)
