"""One run over a service that is up: load, faults and samples side by side, until all has ended."""

import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from pymongo.errors import PyMongoError

from keepsake.access import KeyStore, Role
from keepsake.storage import Documents, connect
from keepsake_client import Keepsake
from soak import samples
from soak.load import SoakLoad
from soak.people import People, repositories
from soak.receiver import Receiver
from soak.samples import Sample
from soak.service import Faults, Service

_SAMPLES = 60
_MOST_OFTEN_SECONDS = 2.0
_ENDS_WITHIN_SECONDS = 300.0


def _retention(seconds: float) -> int:
    """For how long users and records are there in a run of some length."""
    return max(int(seconds / 6), 60)


def environment(receiver: Receiver, seconds: float) -> dict[str, str]:
    """Records go within the run, so that their number settles."""
    kept = str(_retention(seconds))
    return {
        "KEEPSAKE_IDEMPOTENCY_WINDOW_SECONDS": kept,
        "KEEPSAKE_SUCCEEDED_KEPT_SECONDS": kept,
        "KEEPSAKE_CANCELLED_KEPT_SECONDS": kept,
        "KEEPSAKE_SCAN_PROTOCOLS": '["file"]',
        "KEEPSAKE_LINK_HOSTS": f'["{receiver.address}"]',
        "SSL_CERT_FILE": str(receiver.certificate),
    }


@dataclass(slots=True)
class SoakOutcome:
    """What a run has shown. amiss: what failed, a line for each kind."""

    seconds: float
    samples: list[Sample] = field(default_factory=list)
    faults: list[tuple[float, str]] = field(default_factory=list)
    asked: Counter[str] = field(default_factory=Counter)
    events: int = 0
    deliveries: int = 0
    deliveries_again: int = 0
    amiss: list[str] = field(default_factory=list)


def run(service: Service, directory: Path, receiver: Receiver, seconds: float) -> SoakOutcome:
    """Let a run last; what was begun ends first."""
    outcome, faults = SoakOutcome(seconds), Faults(service, seconds)
    database = connect()
    try:
        load = _loaded(service, database, directory, receiver, seconds)
        faults.start()
        outcome.samples = _sampled(service, database, load, directory, seconds)
        faults.end()
        load.end()
        outcome.amiss = [f"{kind} ({times})" for kind, times in load.record.errors.items()]
        outcome.amiss += _settled(database)
    finally:
        database.client.close()
    outcome.faults, outcome.asked, outcome.events = (
        faults.times,
        load.record.asked,
        load.record.events,
    )
    outcome.deliveries, outcome.deliveries_again = receiver.taken, receiver.again
    outcome.amiss += ["no delivery to the webhook"] * (not receiver.taken)
    return outcome


def _loaded(
    service: Service, database: Documents, directory: Path, receiver: Receiver, seconds: float
) -> SoakLoad:
    """The load, which goes on from here; all repositories are scanned once before."""
    keys = KeyStore(database)
    key, reader = keys.create("soak"), keys.create("prometheus", role=Role.OPERATOR_READ_ONLY)
    code, people = repositories(directory / "code"), People()
    with Keepsake(service.base_url, key) as client:
        client.webhooks.create(receiver.url, ["job.ended", "memory.changed"])
        for each in code:
            client.code.scan(each.url).result(_ENDS_WITHIN_SECONDS)
    load = SoakLoad(service.base_url, key, reader, directory)
    load.start(people, code, life_seconds=_retention(seconds))
    return load


def _sampled(
    service: Service, database: Documents, load: SoakLoad, directory: Path, seconds: float
) -> list[Sample]:
    began, pause, taken = time.monotonic(), threading.Event(), list[Sample]()
    count = min(_SAMPLES, int(seconds / _MOST_OFTEN_SECONDS))
    for number in range(1, count + 1):
        pause.wait(max(began + number * seconds / count - time.monotonic(), 0))
        at = round(time.monotonic() - began, 1)
        try:
            in_mongodb = {"mongodb": samples.mongodb(database), "jobs": samples.jobs(database)}
        except PyMongoError as error:
            print(f"no sample at {at:.0f} s: {type(error).__name__}", flush=True)
            continue
        taken.append({
            "at": at,
            "processes": samples.processes(service.parts),
            "mirrors_mb": samples.disk_mb(directory / "data" / "mirrors"),
            "latency": load.record.taken(),
            **in_mongodb,
        })  # fmt: skip
    return taken


def _settled(database: Documents) -> list[str]:
    """Wait until every job has ended; what is amiss then."""
    pause, deadline = threading.Event(), time.monotonic() + _ENDS_WITHIN_SECONDS
    while (left := samples.jobs(database))["unfinished"] and time.monotonic() < deadline:
        pause.wait(0.5)
    named = {"unfinished": "jobs that have not ended", "dead_letters": "dead letters"}
    return [f"{said} ({left[name]})" for name, said in named.items() if left[name]]
