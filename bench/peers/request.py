"""What the peers share: the request that they validate, Keepsake's own, and the broker."""

import os

from fastapi import FastAPI
from pydantic import BaseModel
from starlette.types import Lifespan

from web.memory import StrictIngest

Ingest = StrictIngest
PATH = "/ingest"


class Taken(BaseModel):
    """The answer: which task it became."""

    id: str


def application(lifespan: Lifespan[FastAPI] | None = None) -> FastAPI:
    """An application with FastAPI's own settings."""
    return FastAPI(lifespan=lifespan)


def amqp_url() -> str:
    """The same RabbitMQ that Keepsake uses, as a user who may declare anything."""
    return os.environ["PEER_AMQP_URL"]
