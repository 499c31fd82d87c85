"""The synchronous route against the job-tracked one, with a pipeline that takes 50 ms.

`make bench-versions` prints a table and writes bench/results/versions.json. One client posts the
same kind of turn to `/v1/memory/ingest`, which answers when it is remembered, and to
`/v2/memory/ingest`, which answers when it is recorded; a worker takes the jobs meanwhile.
"""

import itertools

from bench import figures
from bench.accept import bodies
from bench.figures import Finding
from bench.load import Target, drive
from bench.servers import UNLIMITED, farm

ROUNDS = 3
SECONDS = 4.0
AIM = 37.3
"""What the pull request that this service grew from reports, over an in-memory fake."""


def main() -> None:
    """Measure both, interleaved."""
    took: dict[str, list[float]] = {"v1": [], "v2": []}
    with farm() as started:
        key = started.key()
        port = started.web("--factory bench.slow:serve", **UNLIMITED)
        started.dramatiq("bench.noop", threads=1)
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
