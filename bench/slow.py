"""Keepsake's web with a pipeline that takes 50 ms a turn, as one that asks a model does at best.

`uvicorn --factory bench.slow:serve`
"""

import time
from dataclasses import replace
from typing import Any

from starlette.types import ASGIApp

from keepsake.jobs.engine import Engine
from keepsake.memory.pipeline import Pipeline
from keepsake.parts import job_types
from keepsake.storage.mongo import connect
from middleware import stack
from web.app import create, edge
from web.settings import WebSettings

PIPELINE_SECONDS = 0.05


class Slow:
    """A pipeline that remembers the turn and takes its time; all else is the pipeline's."""

    def __init__(self, pipeline: Pipeline) -> None:
        self._pipeline = pipeline

    def __getattr__(self, name: str) -> Any:
        return getattr(self._pipeline, name)

    def ingest(self, *args: Any, **kwargs: Any) -> Any:
        """Remember a turn."""
        time.sleep(PIPELINE_SECONDS)
        return self._pipeline.ingest(*args, **kwargs)


def serve() -> ASGIApp:
    """The application, with a slow pipeline."""
    settings = WebSettings()
    engine = Engine.over(connect(), job_types())
    app = create(engine, stack.publisher(engine), settings)
    memory = app.state.memory
    app.state.memory = replace(memory, pipeline=Slow(memory.pipeline))
    return edge(app, settings)
