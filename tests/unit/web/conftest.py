import pytest

from keepsake.jobs.engine import Engine
from keepsake.parts import job_types
from keepsake.storage.mongo import connect
from middleware.stack import publishing_stack
from web.app import create_app
from web.settings import WebSettings


@pytest.fixture(scope="session")
def document():
    """The OpenAPI document of the application."""
    engine = Engine.over(connect(), job_types())
    app = create_app(engine, publishing_stack(engine), WebSettings())
    yield app.openapi()
    engine.records.database.client.close()
