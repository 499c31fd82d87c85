"""The incidents of docs/runbooks, found and mended by page; their pictures are made here.

RabbitMQ loses its directory in one of them, so this module has servers of its own.
"""

import re
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from keepsake.access.keys import KeyStore
from keepsake.jobs.engine import Engine
from keepsake.launcher.administration import ensure_indexes
from keepsake.launcher.process import free_port
from keepsake.launcher.rabbitmq import RabbitMQ
from keepsake.parts import job_types
from keepsake.storage.mongo import MongoSettings, connect
from tests.browser.conftest import ROLES
from tests.browser.test_pages import picture
from tests.conftest import started_web, started_worker
from tests.faults.conftest import FAST
from tests.integration.scanner.gitrepo import GitRepo

DATABASE = "incidents"
WIDE = {"viewport": {"width": 1_200, "height": 800}}
WAITS = 60_000
"""Milliseconds for what a worker has to do first."""


@pytest.fixture(scope="module")
def lost(directory):
    """The RabbitMQ that loses its directory."""
    server = RabbitMQ(directory / "incidents-rabbitmq", free_port(), free_port())
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def environment(directory, mongod, lost):
    return {
        **FAST,
        "KEEPSAKE_MONGO_DATABASE": DATABASE,
        "KEEPSAKE_AMQP_URL": lost.url,
        "KEEPSAKE_MANAGEMENT_URL": lost.management_url,
        "KEEPSAKE_SCAN_PROTOCOLS": '["file"]',
        "KEEPSAKE_SCAN_CACHE_PATH": str(directory / "incidents-mirrors"),
    }


@pytest.fixture(scope="module")
def engine(mongod):
    database = connect(MongoSettings(mongo_database=DATABASE))
    ensure_indexes(database)
    yield Engine.over(database, job_types())
    database.client.close()


@pytest.fixture(scope="module")
def base_url(directory, environment, engine):
    web, base_url = started_web(directory / "incidents-web.log", **environment)
    yield base_url
    web.stop(grace_seconds=5)


@pytest.fixture(scope="module")
def keys(engine):
    store = KeyStore(engine.records.database)
    made = {name: store.create(name, **ROLES.get(name, {})) for name in ("ann", "bob", "root")}
    return made.__getitem__


@pytest.fixture
def api(base_url, keys):
    opened = []

    def client(owner):
        headers = {"Authorization": f"Bearer {keys(owner)}"}
        opened.append(httpx.Client(base_url=base_url, headers=headers, timeout=60))
        return opened[-1]

    yield client
    for client in opened:
        client.close()


@pytest.fixture
def start_worker(environment, tmp_path):
    started = []

    def start(threads=4, **changed):
        log = tmp_path / f"worker-{len(started)}.log"
        started.append(started_worker(log, threads=threads, **environment | changed))
        return started[-1]

    yield start
    for process in started:
        process.kill()


def looked_again(page, place):
    """Load a page anew until it shows something."""
    for _ in range(WAITS // 1_000):
        if place.count():
            return
        page.wait_for_timeout(1_000)
        page.reload()
    pytest.fail(f"not there: {place}")


def test_a_tenant_that_floods_is_bounded_paused_and_cancelled(signed_in, api, start_worker):
    start_worker(threads=1)
    bob, said = api("bob"), "I bought a boat, a bike and a book in Lisbon. " * 150
    turn = {"user_query": said, "labels": {"batch": "nightly"}}
    with ThreadPoolExecutor(8) as pool:
        answers = pool.map(
            lambda n: bob.post("/v2/memory/ingest", json={**turn, "user_id": f"u{n}"}), range(150)
        )
        assert {answer.status_code for answer in answers} == {202}
    page = signed_in("root", "/console/owners", **WIDE)

    looked_again(page, page.get_by_role("link", name="bob"))
    picture(page, "flood-owners")
    page.get_by_role("link", name="bob").click()
    page.get_by_label("At once at most").fill("1")
    page.get_by_label("Priority of all its jobs").select_option("bulk")
    page.get_by_role("button", name="Set").click()
    page.get_by_text("At most 1 of its jobs run at once.").wait_for()
    picture(page, "flood-owner")

    for action in ("Pause", "Cancel"):
        page.goto("/console/owners/bob")
        page.get_by_role("button", name=f"{action} …").click()
        page.get_by_role("heading", name=re.compile(rf"{action} \d+ jobs\?")).wait_for()
        if action == "Pause":
            picture(page, "flood-pause")
        page.get_by_label("Reason").fill("a flood")
        page.get_by_role("button", name=re.compile(rf"{action} \d+ jobs")).click()
        page.get_by_role("heading", name=re.compile(rf"{action}: \d+ jobs done")).wait_for()

    page.goto("/console/jobs?owner=bob&status=cancelled")
    assert page.get_by_role("row").filter(has_text="memory.ingest").count() > 0
    waiting = bob.get("/v1/jobs", params={"status": ["pending", "paused"]}).json()["jobs"]
    assert waiting == []
    api("root").put("/v1/admin/owners/bob", json={})


def test_jobs_that_a_deploy_has_poisoned_are_replayed_by_their_cause(
    signed_in, api, start_worker, tmp_path
):
    wrong, ann = start_worker(KEEPSAKE_SCAN_MAX_FILES="1"), api("ann")
    for name in ("shop", "till"):
        repository = GitRepo(tmp_path / "acme" / name)
        repository.commit({f"{file}.py": "def price():\n    return 1\n" for file in "ab"})
        ann.post("/v2/scanner/scans", json={"url": repository.url, "options": {"embed": False}})
    page = signed_in("root", "/console/dead-letters", **WIDE)

    cause = page.get_by_role("row").filter(has_text="too-large in scanner.scan")
    looked_again(page, cause.filter(has=page.get_by_role("link", name="2", exact=True)))
    picture(page, "poison-dead-letters")
    cause.get_by_role("link", name="ago").click()
    page.get_by_text("the repository has more than 1 files").first.wait_for()
    picture(page, "poison-job")

    page.goto("/console/queues")
    page.get_by_text("Drain …").click()
    page.get_by_label("Reason").last.fill("wrong KEEPSAKE_SCAN_MAX_FILES")
    page.get_by_role("button", name="Drain").click()
    page.get_by_text("by root: wrong KEEPSAKE_SCAN_MAX_FILES").wait_for()
    picture(page, "poison-worker")
    start_worker()
    wrong.stop(grace_seconds=10)

    page.goto("/console/dead-letters")
    cause.get_by_role("link", name="Replay these").click()
    page.get_by_role("button", name="Replay 2 jobs").click()
    page.get_by_role("heading", name="Replay: 2 jobs done").wait_for()
    page.goto("/console/jobs?owner=ann&type=scanner.scan&status=succeeded")
    looked_again(page, page.get_by_role("row").filter(has_text="succeeded").nth(1))
    page.goto("/console/dead-letters")
    page.get_by_text("No dead letter is open.").wait_for()


def test_a_rabbitmq_that_lost_its_directory_is_seen_and_nothing_is_lost(
    signed_in, api, start_worker, lost
):
    start_worker()
    ann = api("ann")
    page = signed_in("root", "/console/queues", **WIDE)
    looked_again(page, page.locator(".state.running"))
    lost.kill()
    lost.wipe()

    looked_again(page, page.get_by_text("RabbitMQ does not answer."))
    picture(page, "rabbitmq-away")
    turn = {"user_query": "I like figs.", "user_id": "ana"}
    job = ann.post("/v2/memory/ingest", json=turn).json()
    page.goto(f"/console/jobs/{job['job_id']}")
    page.get_by_role("heading", name="Why it waits").wait_for()
    lost.start()

    page.get_by_text("ended as succeeded").wait_for(timeout=WAITS)
    page.goto("/console/queues")
    looked_again(page, page.get_by_role("row").filter(has_text="consumer").first)
    assert page.get_by_text("RabbitMQ does not answer.").count() == 0
