"""What routes ask for, as annotated types."""

from typing import Annotated

from fastapi import Depends, Request

from jobs.engine import Engine
from middleware.doorbell import Doorbell
from middleware.stack import Stack
from web.submission import Submission


def _engine(request: Request) -> Engine:
    engine: Engine = request.app.state.engine
    return engine


def _submission(request: Request) -> Submission:
    submission: Submission = request.app.state.submission
    return submission


def _bell(request: Request) -> Doorbell:
    published: Stack = request.app.state.stack
    return published.doorbell


Bell = Annotated[Doorbell, Depends(_bell)]
Jobs = Annotated[Engine, Depends(_engine)]
Submit = Annotated[Submission, Depends(_submission)]
