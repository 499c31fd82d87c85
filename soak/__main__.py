"""`make soak`: run it, print and keep what came of it; the exit code is the verdict."""

import os
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

from bench import figures
from bench.figures import Finding
from bench.servers import ROOT
from keepsake.access import KeyStore, Role
from keepsake.storage import Documents, connect
from keepsake_client import Keepsake
from soak import plot, samples
from soak.load import Load
from soak.people import People, repositories
from soak.receiver import Receiver, receiving
from soak.service import Faults, Service
from soak.slopes import Trend
from soak.verdict import MAY_GROW, Judged, judged

PICTURE = ROOT / "docs" / "images" / "soak.svg"
_SAMPLES = 60
_ENDS_WITHIN_SECONDS = 300


def main() -> int:
    """Take SOAK_SECONDS from the environment."""
    seconds = float(os.environ.get("SOAK_SECONDS") or 3600)
    print(f"soak: {seconds:g} s", flush=True)
    with tempfile.TemporaryDirectory() as name, receiving(Path(name)) as receiver:
        directory = Path(name)
        service = Service(directory / "data", _environment(receiver, seconds))
        try:
            service.start()
            run = Run(service, directory, receiver, seconds)
            run.last()
        finally:
            service.stop()
        return run.tell()


def _environment(receiver: Receiver, seconds: float) -> dict[str, str]:
    """Records go within the run, so that their number settles."""
    kept = str(max(int(seconds / 6), 60))
    return {
        "KEEPSAKE_IDEMPOTENCY_WINDOW_SECONDS": kept,
        "KEEPSAKE_SUCCEEDED_KEPT_SECONDS": kept,
        "KEEPSAKE_CANCELLED_KEPT_SECONDS": kept,
        "KEEPSAKE_DEAD_LETTER_KEPT_SECONDS": str(max(int(seconds), 60)),
        "KEEPSAKE_SCAN_PROTOCOLS": '["file"]',
        "KEEPSAKE_LINK_HOSTS": f'["{receiver.address}"]',
        "SSL_CERT_FILE": str(receiver.certificate),
    }


class Run:
    """One run over a service that is up."""

    def __init__(
        self, service: Service, directory: Path, receiver: Receiver, seconds: float
    ) -> None:
        self._service, self._directory, self._receiver = service, directory, receiver
        self._seconds = seconds
        self._faults = Faults(service, seconds)
        self._samples: list[samples.Sample] = []
        self._amiss: list[str] = []

    def last(self) -> None:
        """Load, faults and samples until the time is over; then all jobs have to end."""
        database = connect()
        try:
            load = self._loaded(database)
            self._faults.start()
            self._sample(database, load)
            self._faults.end()
            load.end()
            self._settle(database)
            self._amiss += [f"{kind} ({times})" for kind, times in load.record.errors.items()]
            self._asked = load.record.asked
            self._events = load.record.events
        finally:
            database.client.close()

    def _loaded(self, database: Documents) -> Load:
        keys = KeyStore(database)
        key, operator = keys.create("soak"), keys.create("prometheus", role=Role.OPERATOR_READ_ONLY)
        code, people = repositories(self._directory / "code"), People()
        with Keepsake(self._service.base_url, key) as client:
            client.webhooks.create(self._receiver.url, ["job.ended", "memory.changed"])
            for each in code:
                client.code.scan(each.url).result(300)
        load = Load(self._service.base_url, key, operator, self._directory)
        load.start(people, code, life_seconds=self._seconds / 6)
        return load

    def _sample(self, database: Documents, load: Load) -> None:
        began, pause = time.monotonic(), threading.Event()
        for number in range(1, _SAMPLES + 1):
            pause.wait(max(began + number * self._seconds / _SAMPLES - time.monotonic(), 0))
            self._samples.append({
                "at": round(time.monotonic() - began, 1),
                "processes": samples.processes(self._service.parts),
                "mongodb": samples.mongodb(database),
                "jobs": samples.jobs(database),
                "mirrors_mb": samples.disk_mb(self._directory / "data" / "mirrors"),
                "latency": load.record.taken(),
            })  # fmt: skip

    def _settle(self, database: Documents) -> None:
        pause, deadline = threading.Event(), time.monotonic() + _ENDS_WITHIN_SECONDS
        while (left := samples.jobs(database)["unfinished"]) and time.monotonic() < deadline:
            pause.wait(0.5)
        letters = samples.jobs(database)["dead_letters"]
        self._amiss += [f"jobs that have not ended ({left})"] * bool(left)
        self._amiss += [f"dead letters ({letters})"] * bool(letters)
        self._amiss += ["no delivery to the webhook"] * (not self._receiver.taken)

    def tell(self) -> int:
        """Print, plot and keep it; 0 if nothing grows and nothing failed."""
        rows = judged(self._samples, self._seconds)
        head = ["after warm-up", "median", "an hour", "95 % of slopes", "may", ""]
        print(figures.table(head, [row.cells() for row in rows]))
        for name, why in MAY_GROW.items():
            print(f"not judged: {name}: {why}")
        for fault in self._amiss:
            print(f"amiss: {fault}")
        growing = [row for row in rows if row.trend is Trend.GROWING]
        unclear = sum(row.trend is Trend.UNCLEAR for row in rows)
        sound = not (growing or self._amiss)
        finding = self._finding(rows, growing, unclear, sound=sound)
        figures.keep("soak", self._kept(rows), [finding],
                     {"seconds": self._seconds, "faults": self._faults.times})  # fmt: skip
        PICTURE.write_text(plot.svg(plot.panels(self._samples), self._faults.times, self._seconds))
        print(f"picture: {PICTURE.relative_to(ROOT)}")
        print(f"verdict: {'flat' if sound and not unclear else 'sound' if sound else 'AMISS'}")
        return 0 if sound else 1

    def _finding(
        self, rows: list[Judged], growing: list[Judged], unclear: int, *, sound: bool
    ) -> Finding:
        said = (
            f"{self._seconds / 60:.0f} min, {sum(self._asked.values()):,} requests, "
            f"{len(self._faults.times)} kills: {len(rows) - len(growing) - unclear} rows flat, "
            f"{unclear} unclear, {len(growing)} growing"
        )
        return Finding("Soak, mixed load", said, aim="none growing, nothing failed", met=sound)

    def _kept(self, rows: list[Judged]) -> dict[str, Any]:
        last = self._samples[-1]["mongodb"]["collections"]
        memories = last.get("memories", {"mb": 0, "count": 1})
        return {
            "slopes": {row.what: row.figures() for row in rows},
            "asked": dict(self._asked), "amiss": self._amiss,
            "events": self._events, "deliveries": self._receiver.taken,
            "deliveries_again": self._receiver.again,
            "bytes_per_memory": round(1e6 * memories["mb"] / max(memories["count"], 1)),
            "samples": self._samples,
        }  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
