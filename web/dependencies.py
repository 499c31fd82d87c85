"""What routes ask for, as annotated types."""

from typing import Annotated

from fastapi import Depends, Header, Request, Response

from jobs.engine import Engine
from middleware.doorbell import Doorbell
from middleware.stack import Stack
from web.auth import Caller
from web.hub import Hub
from web.limits import BacklogLimit
from web.submission import Submission


async def _engine(request: Request) -> Engine:
    engine: Engine = request.app.state.engine
    return engine


async def _bell(request: Request) -> Doorbell:
    published: Stack = request.app.state.stack
    return published.doorbell


async def _hub(request: Request) -> Hub:
    hub: Hub = request.app.state.hub
    return hub


Bell = Annotated[Doorbell, Depends(_bell)]
Jobs = Annotated[Engine, Depends(_engine)]
Changes = Annotated[Hub, Depends(_hub)]


async def _acceptance(
    request: Request, response: Response, caller: Caller, engine: Jobs, bell: Bell, hub: Changes
) -> Submission:
    limit: BacklogLimit = request.app.state.backlog_limit

    def room() -> None:
        limit.require_room(caller)

    return Submission(engine, bell, hub, room, response)


async def _submission(
    accept: Annotated[Submission, Depends(_acceptance)],
    prefer: Annotated[
        list[str] | None,
        Header(
            description="`wait=N`: answer when the job has ended, or after N ≤ 30 s (RFC 7240)",
            examples=[["wait=10"]],
        ),
    ] = None,
) -> Submission:
    return accept.preferring(prefer or [])


Accept = Annotated[Submission, Depends(_acceptance)]
"""For routes that make a job and never wait for it."""
Submit = Annotated[Submission, Depends(_submission)]
"""For routes that make a job: `async def` and `return await submit.submit(new)`."""

IdempotencyKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        description="1 to 255 printable characters; the same key gives the same job for 24 h",
        examples=["8e03978e-40d5-43e8-bc93-6894a57f9324"],
        json_schema_extra={"pattern": "^[!-~]{1,255}$"},
    ),
]
