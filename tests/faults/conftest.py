import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import httpx
import pika
import pytest

from keepsake.access.keys import KeyStore
from keepsake.jobs.engine import Engine
from keepsake.jobs.job import NewJob
from keepsake.jobs.settings import JobSettings
from keepsake.memory.job_types import INGEST
from keepsake.parts import job_types
from middleware.broker import BrokerSettings, JobBroker
from middleware.stack import publishing_stack
from tests.conftest import started_web
from tests.forks import Fork, dramatiq_worker

FAST = {
    "KEEPSAKE_LEASE_SECONDS": "2",
    "KEEPSAKE_HEARTBEAT_SECONDS": "0.4",
    "KEEPSAKE_SWEEP_SECONDS": "0.2",
    "KEEPSAKE_NOTIFY_AGAIN_AFTER_SECONDS": "1",
}
STEADY = {"KEEPSAKE_LEASE_SECONDS": "30"}
"""Of workers whose leases no test wants to end: one that stands still for seconds keeps its own."""


def contents(folder: Path) -> Iterator[tuple[Path, bytes]]:
    """The files below a folder, with what is in them; a server may remove some meanwhile."""
    for place, _, names in os.walk(folder):  # which minds no folder that is gone
        for path in (Path(place) / name for name in names):
            with suppress(FileNotFoundError):
                if path.is_file():
                    yield path, path.read_bytes()


@pytest.fixture
def empty_queues(rabbitmq, eventually):
    """No message of an earlier test is left.

    What its workers held comes back when RabbitMQ has seen that they are gone.
    """
    with pika.BlockingConnection(BrokerSettings().parameters("test")) as connection:
        channel = connection.channel()
        for queue in job_types().consumed:
            arguments = JobBroker(BrokerSettings(), [], name="test")._build_queue_arguments(queue)

            def declared(queue=queue, arguments=arguments):
                return channel.queue_declare(queue, durable=True, arguments=arguments).method

            eventually(lambda declared=declared: declared().consumer_count == 0, within=30)
            channel.queue_purge(queue)


@pytest.fixture
def kept_queues(rabbitmq, directory, empty_queues, eventually):
    """Waits until RabbitMQ has on its disk which queues there are: killed before, it loses them.

    It gathers that for a moment in a table of Ra's, by the folder of each queue.
    """
    place = directory / "rabbitmq" / "mnesia" / rabbitmq.name / "quorum" / rabbitmq.name

    def written():
        table = (place / "names.dets").read_bytes()
        queues = [folder.name.encode() for folder in place.iterdir() if folder.is_dir()]
        return len(queues) >= len(job_types().consumed) and all(each in table for each in queues)

    return lambda: eventually(written, within=30)


@pytest.fixture(scope="session")
def fast_web(rabbitmq, mongod, directory):
    """The base URL of a server whose jobs' leases are soon over; tests share it."""
    process, base_url = started_web(directory / "fast-web.log", **FAST)
    yield base_url
    process.stop(grace_seconds=5)


@pytest.fixture
def client(with_indexes, fast_web, empty_queues):
    headers = {"Authorization": f"Bearer {KeyStore(with_indexes).create('alice')}"}
    with httpx.Client(base_url=fast_web, headers=headers, timeout=60) as opened:
        opened.get("/v1/jobs/job_unknown")
        yield opened


@pytest.fixture
def fast_worker(worker):
    return lambda **options: worker(**(FAST | options))


@pytest.fixture
def forked_worker(empty_queues, mongod, tmp_path):
    """Starts workers that are there at once, and whose leases are soon over; all end with it."""
    started = []

    def start(module="actors", **environment):
        soon = {"KEEPSAKE_LEASE_SECONDS": "1.2", "KEEPSAKE_HEARTBEAT_SECONDS": "0.3"}
        command = [module, "--processes", "1", "--threads", "4"]
        log = tmp_path / f"fork-{len(started)}.log"
        started.append(Fork(dramatiq_worker, command, FAST | soon | environment, log=log))
        return started[-1]

    yield start
    for worker in started:
        worker.kill()


@pytest.fixture
def ended(client, eventually, database):
    """Waits for jobs to end and returns them."""

    def wait(*jobs, within=60):
        def all_ended():
            left = {"ended_at": {"$exists": False}}
            if database["jobs"].count_documents(left):
                return None
            return [client.get(job["status_url"]).json() for job in jobs]

        return eventually(all_ended, within=within)

    return wait


@pytest.fixture
def engine(database, empty_queues):
    return Engine.over(database, job_types(), JobSettings(notify_again_after_seconds=1))


@pytest.fixture
def post(engine):
    publishing = publishing_stack(engine)

    def send(**fields):
        payload = {key: fields.pop(key) for key in ("do", "die", "times", "kind", "message")
                   if key in fields}  # fmt: skip
        new = {"type": INGEST.name, "owner": "alice", "force": True, **fields}
        job = engine.acceptance.accept(NewJob(payload=payload, **new)).job
        publishing.notifier.notify(job)
        return job.id

    yield send
    publishing.broker.close()


@pytest.fixture
def posted(engine):
    """Accepts a job and notifies, as the web process does."""
    publishing = publishing_stack(engine)

    def post(job_type, payload):
        new = NewJob(type=job_type, owner="alice", payload=payload, lane=payload.get("user_id"))
        job = engine.acceptance.accept(new).job
        publishing.notifier.notify(job)
        return job.id

    yield post
    publishing.broker.close()


@pytest.fixture
def probes(fast_worker):
    return lambda **options: fast_worker(module="tests.faults.probes", **options)


@pytest.fixture
def job(engine, eventually):
    """Waits until a job is in a state; a worker may have to start first."""

    def look(job_id, *states, within=60):
        def there():
            now = engine.control.get("alice", job_id, history=True)
            return now if now.state in states else None

        return eventually(there, within=within)

    return look


@pytest.fixture
def noted(database, eventually):
    return lambda job_id, what: eventually(
        lambda: database["probe"].find_one({"_id": f"{job_id}:{what}"}), within=60
    )
