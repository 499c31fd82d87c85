"""What routes ask for, as annotated types."""

from typing import Annotated

from fastapi import Depends, Path, Request

from keepsake.jobs.engine import Engine
from middleware.notifier import Notifier
from middleware.stack import Stack
from web.job_views.held import HeldRequests
from web.job_views.hub import Hub


async def _engine(request: Request) -> Engine:
    engine: Engine = request.app.state.engine
    return engine


async def _notifier(request: Request) -> Notifier:
    published: Stack = request.app.state.stack
    return published.notifier


async def _hub(request: Request) -> Hub:
    hub: Hub = request.app.state.hub
    return hub


async def _held(request: Request) -> HeldRequests:
    held: HeldRequests = request.app.state.held
    return held


JobId = Annotated[str, Path(max_length=100)]
Notify = Annotated[Notifier, Depends(_notifier)]
Jobs = Annotated[Engine, Depends(_engine)]
Changes = Annotated[Hub, Depends(_hub)]
Held = Annotated[HeldRequests, Depends(_held)]
