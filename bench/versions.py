"""The synchronous route against the job-tracked one, with a pipeline that takes 50 ms.

`make bench-versions` prints a table and writes bench/results/versions.json. One client posts the
same kind of turn to `/v1/memory/ingest`, which answers when it is remembered, and to
`/v2/memory/ingest`, which answers when it is recorded; a worker takes the jobs meanwhile.
`uvicorn --factory bench.versions:serve` is the web process with that pipeline.
"""

import itertools
import time
from dataclasses import replace
from typing import Any

from starlette.types import ASGIApp

from bench import figures
from bench.accept import bodies
from bench.figures import Finding
from bench.load import Target, drive
from bench.servers import UNLIMITED, private_servers
from keepsake.jobs import Engine
from keepsake.memory.pipeline import Pipeline
from keepsake.parts import job_types
from keepsake.storage import connect
from middleware.stack import publishing_stack
from web import WebSettings, create_app, with_request_context

ROUNDS = 3
SECONDS = 4.0
AIM = 37.3
"""What the pull request that this service grew from reports, over an in-memory fake."""


def main() -> None:
    """Measure both, interleaved."""
    took: dict[str, list[float]] = {"v1": [], "v2": []}
    with private_servers() as servers:
        key = servers.key()
        port = servers.web("--factory bench.versions:serve", **UNLIMITED)
        servers.dramatiq("bench.noop", threads=1)
        sides = [Target(name, port, f"/{name}/memory/ingest", key) for name in took]
        for round_, side in itertools.product(range(ROUNDS + 1), sides):
            run = drive(side, bodies(f"{side.name} {round_}"), 1, SECONDS if round_ else 1.0)
            if round_:  # the first only warms up
                took[side.name] += run.latencies_ms
        rows = {
            name: {"p50_ms": figures.percentile(times, 0.5),
                   "p99_ms": figures.percentile(times, 0.99), "requests": len(times)}
            for name, times in took.items()
        }  # fmt: skip
        print(figures.table(["", "p50 ms", "p99 ms"],
                            [[name, f"{row['p50_ms']:.2f}", f"{row['p99_ms']:.2f}"]
                             for name, row in rows.items()]))  # fmt: skip
        ratio = rows["v1"]["p50_ms"] / rows["v2"]["p50_ms"]
        figures.keep(
            "versions", rows,
            [Finding("Answer to a turn that takes 50 ms", f"v2 {rows['v2']['p50_ms']:.2f} ms",
                     f"v1 {rows['v1']['p50_ms']:.2f} ms", ratio, f"> {AIM}", ratio > AIM)],
            {"rounds": ROUNDS, "seconds": SECONDS, "clients": 1},
        )  # fmt: skip


if __name__ == "__main__":
    main()


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
    app = create_app(engine, publishing_stack(engine), settings)
    memory = app.state.memory
    app.state.memory = replace(memory, pipeline=Slow(memory.pipeline))
    return with_request_context(app, settings)
