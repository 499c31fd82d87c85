import pytest

from jobs.engine import Engine
from middleware import stack
from storage.mongo import connect
from web.app import create
from web.settings import WebSettings


@pytest.fixture(scope="session")
def document():
    """The OpenAPI document of the application."""
    engine = Engine.over(connect())
    app = create(engine, stack.publisher(engine), WebSettings())
    yield app.openapi()
    engine.records.database.client.close()
