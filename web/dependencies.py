"""What routes ask for, as annotated types."""

from typing import Annotated

from fastapi import Depends, Path, Request

from jobs.engine import Engine
from middleware.doorbell import Doorbell
from middleware.stack import Stack
from web.following.held import HeldRequests
from web.following.hub import Hub


async def _engine(request: Request) -> Engine:
    engine: Engine = request.app.state.engine
    return engine


async def _bell(request: Request) -> Doorbell:
    published: Stack = request.app.state.stack
    return published.doorbell


async def _hub(request: Request) -> Hub:
    hub: Hub = request.app.state.hub
    return hub


async def _held(request: Request) -> HeldRequests:
    held: HeldRequests = request.app.state.held
    return held


JobId = Annotated[str, Path(max_length=100)]
Bell = Annotated[Doorbell, Depends(_bell)]
Jobs = Annotated[Engine, Depends(_engine)]
Changes = Annotated[Hub, Depends(_hub)]
Held = Annotated[HeldRequests, Depends(_held)]
