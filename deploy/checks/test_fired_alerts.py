"""Alerts that fire: Prometheus scrapes a web server and a worker while parts are broken and mended.

Its rules are those of deploy/prometheus with every duration divided by `QUICKER`.
"""

import os
import subprocess

import httpx
import pytest

from deploy.checks.prometheus import Prometheus
from keepsake.access.keys import KeyStore, Role
from keepsake.launcher.administration import ensure_indexes
from keepsake.launcher.process import LOOPBACK, free_port
from keepsake.storage.mongo import MongoSettings, connect
from tests.conftest import started_web, started_worker
from tests.integration.scanner.gitrepo import GitRepo

TURN = {"user_query": "I live in Lisbon.", "user_id": "u1"}
TOO_MANY = 7
WITHIN = 90
pytestmark = pytest.mark.timeout(600)
QUICK = {
    "KEEPSAKE_LEASE_SECONDS": "3",
    "KEEPSAKE_HEARTBEAT_SECONDS": "1",
    "KEEPSAKE_SCAN_PROTOCOLS": '["file", "https"]',
}


@pytest.fixture(scope="module")
def database(mongod):
    database = connect(MongoSettings())
    ensure_indexes(database)
    yield database
    database.client.close()


@pytest.fixture(scope="module")
def settings(directory):
    return QUICK | {"KEEPSAKE_SCAN_CACHE_PATH": str(directory / "mirrors")}


@pytest.fixture(scope="module")
def web(rabbitmq, database, directory, settings):
    process, base_url = started_web(directory / "alerts-web.log", **settings)
    yield base_url
    process.stop(grace_seconds=5)


@pytest.fixture(scope="module")
def metrics_port():
    return free_port()


@pytest.fixture
def start_worker(rabbitmq, database, tmp_path, settings, metrics_port):
    """Starts a worker that Prometheus scrapes; all that are left end with the test."""
    started = []

    def start(**changed):
        log = tmp_path / f"worker-{len(started)}.log"
        shown = {"KEEPSAKE_METRICS_PORT": str(metrics_port)}
        started.append(started_worker(log, **settings | shown | changed))
        return started[-1]

    yield start
    for process in started:
        process.kill()


@pytest.fixture(scope="module")
def prometheus(web, database, metrics_port, tmp_path_factory):
    key = KeyStore(database).create("prometheus", role=Role.OPERATOR_READ_ONLY)
    place = web.removeprefix("http://")
    directory = tmp_path_factory.mktemp("alerts") / "prometheus"
    server = Prometheus(directory, place, f"{LOOPBACK}:{metrics_port}", key)
    server.start()
    yield server
    server.process.stop()


@pytest.fixture
def client(web, database):
    headers = {"Authorization": f"Bearer {KeyStore(database).create('alice')}"}
    with httpx.Client(base_url=web, headers=headers, timeout=30) as opened:
        yield opened


@pytest.fixture
def fires(prometheus, eventually):
    def wait(name, **labels):
        eventually(lambda: prometheus.alerts(name, **labels) == ["firing"], within=WITHIN)

    return wait


@pytest.fixture
def is_over(prometheus, eventually):
    def wait(name, **labels):
        eventually(lambda: prometheus.alerts(name, **labels) == [], within=WITHIN)

    return wait


def test_jobs_that_are_given_up_fire_until_they_are_replayed(
    client, start_worker, fires, is_over, eventually, tmp_path, prometheus
):
    given_up = {"type": "scanner.scan", "error_type": "too-large"}
    wrong = start_worker(KEEPSAKE_SCAN_MAX_FILES="1")
    for number in range(TOO_MANY):
        repository = GitRepo(tmp_path / "acme" / f"shop-{number}")
        repository.commit({"a.py": "A = 1\n", "b.py": "B = 2\n"})
        client.post("/v2/scanner/scans", json={"url": repository.url}).raise_for_status()

    fires("KeepsakeJobsGivenUp", **given_up)

    letters = client.get("/v1/dead-letters", params={"status": "open"}).json()["dead_letters"]
    assert len(letters) == TOO_MANY
    wrong.stop()
    start_worker()
    replayed = client.post("/v1/jobs:replay", json={"type": ["scanner.scan"]})
    assert replayed.json()["changed"] == TOO_MANY, replayed.text
    is_over("KeepsakeJobsGivenUp", **given_up)
    eventually(
        lambda: prometheus.value('sum(keepsake_attempts_total{outcome="succeeded"})') == TOO_MANY,
        within=WITHIN,
    )


def test_jobs_that_wait_for_a_worker_fire_until_one_is_there(
    client, start_worker, fires, is_over, eventually, prometheus
):
    away = {"part": "workers"}
    worker = start_worker()
    is_over("KeepsakeJobsWait", **away)
    worker.stop()
    job = client.post("/v2/memory/ingest", json=TURN).raise_for_status().json()

    fires("KeepsakeJobsWait", **away)

    waiting = 'keepsake_jobs_waiting{queue="keepsake.memory"}'
    eventually(lambda: prometheus.value(waiting) == 1, within=WITHIN)
    start_worker()
    is_over("KeepsakeJobsWait", **away)
    ended = lambda: client.get(job["status_url"]).json()["status"] == "succeeded"  # noqa: E731
    eventually(ended, within=WITHIN)


def test_a_database_that_is_away_fires_until_it_is_back(
    client, mongod, start_worker, fires, is_over, eventually, prometheus
):
    start_worker()
    is_over("KeepsakeAcceptsNothing")
    mongod.stop()
    try:
        fires("KeepsakeAcceptsNothing")

        assert client.post("/v2/memory/ingest", json=TURN).status_code == 503
        scraped = 'keepsake_mongodb_up == 0 and on (instance) up{job="web"} == 1'
        eventually(lambda: prometheus.value(scraped) is not None, within=WITHIN)
    finally:
        mongod.start()
    is_over("KeepsakeAcceptsNothing")
    eventually(lambda: prometheus.value("keepsake_mongodb_up") == 1, within=WITHIN)


def test_promtool_finds_nothing_amiss_in_what_is_scraped(
    web, database, start_worker, metrics_port, eventually
):
    start_worker()
    key = KeyStore(database).create("prometheus", role=Role.OPERATOR_READ_ONLY)

    def of_worker():
        try:
            return httpx.get(f"http://{LOOPBACK}:{metrics_port}/metrics").text
        except httpx.HTTPError:
            return ""

    headers = {"Authorization": f"Bearer {key}"}
    for shown in (httpx.get(f"{web}/metrics", headers=headers).text, eventually(of_worker, 30)):
        ours = [line for line in shown.splitlines() if "keepsake_" in line]
        linted = subprocess.run(
            ["promtool", "check", "metrics"], input="\n".join(ours) + "\n",
            env=dict(os.environ), capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert (linted.returncode, linted.stdout + linted.stderr) == (0, "")
