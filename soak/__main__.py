"""`make soak`: run it, print and keep what came of it; the exit code is the verdict."""

import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bench import figures
from bench.figures import Finding
from bench.servers import ROOT
from soak import plot
from soak.receiver import receiving
from soak.run import SoakOutcome, environment, run
from soak.service import Service
from soak.slopes import Row, Trend
from soak.verdict import MAY_GROW, Judged, judged

PICTURE = ROOT / "docs" / "images" / "soak.svg"
_KEPT_FROM_SECONDS = 300
"""What a shorter run shows is printed and kept nowhere."""


def main() -> int:
    """Take SOAK_SECONDS from the environment."""
    seconds = float(os.environ.get("SOAK_SECONDS") or 3600)
    print(f"soak: {seconds:g} s", flush=True)
    with tempfile.TemporaryDirectory() as name, receiving(Path(name)) as receiver:
        service = Service(Path(name) / "data", environment(receiver, seconds))
        try:
            service.start()
            outcome = run(service, Path(name), receiver, seconds)
            rows = judged(outcome.samples, seconds)
            _tell(outcome, rows)
            sound = _is_sound(outcome, rows)
            if seconds >= _KEPT_FROM_SECONDS:
                _keep(outcome, rows, sound=sound)
        finally:
            service.stop()
    print(f"verdict: {'sound' if sound else 'AMISS'}")
    return 0 if sound else 1


def _is_sound(outcome: SoakOutcome, rows: Sequence[Judged]) -> bool:
    """Whether nothing grows and nothing failed."""
    return not outcome.amiss and _count(rows, Trend.GROWING) == 0


def _count(rows: Sequence[Judged], trend: Trend) -> int:
    return sum(row.trend is trend for row in rows)


def _tell(outcome: SoakOutcome, rows: Sequence[Judged]) -> None:
    head = ["after warm-up", "median", "an hour", "gained, 95 %", "may", ""]
    print(figures.table(head, [row.cells() for row in rows]))
    for name, why in MAY_GROW.items():
        print(f"not judged: {name}: {why}")
    print(f"asked: {dict(outcome.asked)}")
    print(f"events {outcome.events}, deliveries {outcome.deliveries}, "
          f"of which again {outcome.deliveries_again}")  # fmt: skip
    print("\n".join(f"amiss: {fault}" for fault in outcome.amiss))


def _keep(outcome: SoakOutcome, rows: Sequence[Judged], *, sound: bool) -> None:
    counts = ", ".join(f"{_count(rows, trend)} {trend}" for trend in Trend)
    said = (
        f"{outcome.seconds / 60:.0f} min, {sum(outcome.asked.values()):,} requests, "
        f"{len(outcome.faults)} kills: of {len(rows)} rows {counts}"
    )
    finding = Finding("Soak, mixed load", said, aim="none growing, nothing failed", met=sound)
    settings = {"seconds": outcome.seconds, "faults": outcome.faults}
    figures.keep("soak", _figures(outcome, rows), [finding], settings)
    picture = plot.svg(plot.panels(outcome.samples), outcome.faults, outcome.seconds)
    PICTURE.write_text(picture)


def _figures(outcome: SoakOutcome, rows: Sequence[Judged]) -> dict[str, Any]:
    memories = outcome.samples[-1]["mongodb"]["collections"]["memories"]
    return {
        "slopes": {row.what: row.figures() for row in rows},
        "asked": dict(outcome.asked),
        "amiss": outcome.amiss,
        "events": outcome.events,
        "deliveries": outcome.deliveries,
        "deliveries_again": outcome.deliveries_again,
        "bytes_per_memory": round(1e6 * memories["mb"] / max(memories["count"], 1)),
        "lines": {
            panel.title: {name: _line(row) for name, row in panel.lines.items()}
            for panel in plot.panels(outcome.samples)
        },
    }


def _line(row: Row) -> str:
    """Seconds and figures, as short as they can be read."""
    return " ".join(f"{at:.0f}:{value:g}" for at, value in row)


if __name__ == "__main__":
    sys.exit(main())
