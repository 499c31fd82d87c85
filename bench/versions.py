"""The synchronous route against the job-tracked one, with a turn that takes 50 ms.

`make bench-versions` prints a table and writes bench/results/versions.json. One client posts the
same kind of turn to `/v1/memory/ingest`, which answers when it is remembered, and to
`/v2/memory/ingest`, which answers when it is recorded; a worker takes the jobs meanwhile.
`uvicorn --factory bench.versions:serve` is the web process with that pipeline. `serve_in_memory`
has the terms on which the pull request that this service grew from measured its 37.3: the same
routes over a pipeline that only waits and a store of jobs in memory, which notifies nobody.
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
from keepsake.jobs import Acceptance, Accepted, Engine, Job, NewJob
from keepsake.memory.pipeline import Pipeline
from keepsake.parts import job_types
from keepsake.storage import connect, new_id
from middleware.stack import publishing_stack
from web import WebSettings, create_app, with_request_context

ROUNDS = 3
SECONDS = 4.0
PIPELINE_SECONDS = 0.05
AIM = 32
REFERENCE = 37.3
APPS = {"on disk": "serve", "in memory": "serve_in_memory"}
Times = dict[tuple[str, str], list[float]]


def measure(key: str, ports: dict[str, int]) -> Times:
    """Both versions of each application, interleaved."""
    took: Times = {}
    sides = [(store, Target(version, port, f"/{version}/memory/ingest", key))
             for store, port in ports.items() for version in ("v1", "v2")]  # fmt: skip
    for round_, (store, side) in itertools.product(range(ROUNDS + 1), sides):
        run = drive(side, bodies(f"{store} {side.name} {round_}"), 1, SECONDS if round_ else 1.0)
        if round_:  # the first only warms up
            took.setdefault((store, side.name), []).extend(run.latencies_ms)
    return took


def findings(p50_ms: dict[tuple[str, str], float]) -> list[Finding]:
    """What is compared with the aim, and with what the reference says of itself."""
    what = "Answer to a turn that takes 50 ms"
    v1, v2 = (p50_ms["on disk", version] for version in ("v1", "v2"))
    v1_there, v2_there = (p50_ms["in memory", version] for version in ("v1", "v2"))
    return [
        Finding(what, f"v2 {v2:.2f} ms", f"v1 {v1:.2f} ms", v1 / v2, f"≥ {AIM}", v1 / v2 >= AIM),
        Finding(f"{what}, in memory", f"v2 {v2_there:.2f} ms",
                f"v1 {v1_there:.2f} ms (reference: {REFERENCE} x)", v1_there / v2_there),
    ]  # fmt: skip


def main() -> None:
    """Measure and print."""
    with private_servers() as servers:
        key = servers.key()
        ports = {store: servers.web(f"--factory bench.versions:{app}", **UNLIMITED)
                 for store, app in APPS.items()}  # fmt: skip
        servers.dramatiq("bench.noop", threads=1)
        took = measure(key, ports)
        rows = {
            f"{version}, {store}": {"p50_ms": figures.percentile(times, 0.5),
                                    "p99_ms": figures.percentile(times, 0.99),
                                    "requests": len(times)}
            for (store, version), times in took.items()
        }  # fmt: skip
        print(figures.table(["", "p50 ms", "p99 ms"],
                            [[name, f"{row['p50_ms']:.2f}", f"{row['p99_ms']:.2f}"]
                             for name, row in rows.items()]))  # fmt: skip
        compared = findings({side: figures.percentile(times, 0.5) for side, times in took.items()})
        figures.keep(
            "versions", rows, compared, {"rounds": ROUNDS, "seconds": SECONDS, "clients": 1}
        )


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


class Waiting(Slow):
    """One that remembers its first turn and only waits at all others."""

    _first: Any = None

    def ingest(self, *args: Any, **kwargs: Any) -> Any:
        """Answer what was done with the first."""
        if self._first is None:
            self._first = super().ingest(*args, **kwargs)
        else:
            time.sleep(PIPELINE_SECONDS)
        return self._first


class JobsInMemory:
    """Accepts jobs into a dictionary; the first is recorded, and the others are made like it."""

    def __init__(self, acceptance: Acceptance) -> None:
        self._acceptance = acceptance
        self._model: Job | None = None
        self._jobs: dict[str, tuple[NewJob, Job]] = {}

    async def accept(self, new: NewJob) -> Accepted:
        """Keep a job."""
        if self._model is None:
            self._model = self._acceptance.accept(new).job
        job = Job({**self._model.record, "_id": new_id("job")})
        self._jobs[job.id] = (new, job)
        return Accepted(job, created=True)

    def close(self) -> None:
        """End; nothing is written."""


def serve() -> ASGIApp:
    """The application, with a slow pipeline."""
    return _application(Slow, in_memory=False)


def serve_in_memory() -> ASGIApp:
    """The application, with a pipeline that only waits and jobs in memory."""
    return _application(Waiting, in_memory=True)


def _application(pipeline: type[Slow], *, in_memory: bool) -> ASGIApp:
    settings = WebSettings()
    engine = Engine.over(connect(), job_types())
    app = create_app(engine, publishing_stack(engine), settings)
    memory = app.state.memory
    app.state.memory = replace(memory, pipeline=pipeline(memory.pipeline))
    if in_memory:
        app.state.group_commit.close()
        app.state.group_commit = JobsInMemory(engine.acceptance)
    return with_request_context(app, settings)


if __name__ == "__main__":
    main()
