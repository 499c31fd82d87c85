"""What order costs: 1,000 jobs in one lane against 1,000 lanes of one job.

One worker with one thread, so that both run one job at a time and only the cost differs.
`python -m bench.lanes` prints a table and writes bench/results/lanes.json. Per run: the seconds
until all jobs are done, and the notifications of the relay that each job needed.
"""

import json
import statistics
import threading
import time
from pathlib import Path
from typing import Any

from bench.servers import running
from keepsake.jobs import Engine, NewJob
from keepsake.memory import INGEST
from keepsake.parts import job_types
from keepsake.storage import connect
from middleware.stack import Stack, publishing_stack

JOBS = 1_000
ROUNDS = 3
RESULTS = Path(__file__).parent / "results" / "lanes.json"


def measure(engine: Engine, notifier: Stack, *, one_lane: bool, round_: int) -> dict[str, float]:
    """Accept and notify all jobs, then wait until they are done."""
    engine.records.jobs.delete_many({})
    accepted = [
        engine.acceptance.accept(
            NewJob(type=INGEST.name, owner="bench", payload={"n": [round_, number]},
                   lane=f"lane-{round_}" if one_lane else None)
        ).job
        for number in range(JOBS)
    ]  # fmt: skip
    began = time.perf_counter()
    for job in accepted:
        notifier.notifier.notify(job, notify_next=False)
    pause = threading.Event()
    while engine.records.jobs.count_documents({"state": "succeeded"}) < JOBS:
        pause.wait(0.01)
    elapsed = time.perf_counter() - began
    again = sum(doc["notifications"] for doc in engine.records.jobs.find({}, {"notifications": 1}))
    return {"seconds": elapsed, "ms_per_job": 1000 * elapsed / JOBS, "relay_notifications": again}


def main() -> None:
    """Measure both, interleaved, and print the medians and their ratio."""
    with running(workers=1, threads=1):
        engine = Engine.over(connect(), job_types())
        notifier = publishing_stack(engine)
        rows: dict[str, list[dict[str, float]]] = {"one lane": [], "a lane each": []}
        for round_ in range(ROUNDS):
            for name, done in rows.items():
                done.append(measure(engine, notifier, one_lane=name == "one lane", round_=round_))
        notifier.broker.close()
    report: dict[str, Any] = {
        name: {key: statistics.median(row[key] for row in done) for key in done[0]}
        for name, done in rows.items()
    }
    ratio = report["one lane"]["ms_per_job"] / report["a lane each"]["ms_per_job"]
    print(f"{'':12} {'ms per job':>10} {'of the relay':>12}")
    for name, row in report.items():
        print(f"{name:12} {row['ms_per_job']:10.2f} {row['relay_notifications']:12.0f}")
    print(f"one lane / a lane each: {ratio:.2f}")
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps({**report, "ratio": ratio}, indent=2) + "\n")


if __name__ == "__main__":
    main()
