from itertools import count

import pytest

from keepsake.inference.embedding import Embedder
from keepsake.inference.settings import LlmSettings
from keepsake.memory.service import MemoryService
from keepsake.memory.turn import Turn
from tests.integration.memory.model_server import ALICE, ModelServer

EMBEDDER = Embedder()
"""The model is loaded once."""


@pytest.fixture
def memory(with_indexes):
    return MemoryService.over(with_indexes, embedder=EMBEDDER)


@pytest.fixture
def say(memory):
    numbers = count()

    def said(text, scope=ALICE, job_id=None, position=0, **fields):
        turn = Turn(user_query=text, **fields)
        return memory.pipeline.ingest(
            scope, turn, job_id=job_id or f"job{next(numbers)}", position=position
        )

    return said


@pytest.fixture
def stored(database):
    """All memories of a user as they are compared: without what counts writes."""

    def look(scope=ALICE):
        hidden = {"rev": 0, "order": 0, "created_at": 0}
        whose = {"owner": scope.owner, "user_id": scope.user_id}
        return list(database["memories"].find(whose, hidden).sort("_id", 1))

    return look


@pytest.fixture
def server():
    started = ModelServer()
    yield started
    started.stop()


@pytest.fixture
def second():
    started = ModelServer()
    yield started
    started.stop()


@pytest.fixture
def with_model(database, memory, server):
    def build(**settings):
        llm = LlmSettings(
            base_url=server.url, model="m1",
            **{"timeout_seconds": 30, "api_key": "key-1", "price_per_million_input": 1,
               "price_per_million_output": 10, **settings},
        )  # fmt: skip
        return MemoryService.over(database, llm=llm, embedder=EMBEDDER)

    return build
