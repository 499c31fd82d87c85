"""A package that adds a job type: its own test passes, and all else knows the type."""

import os
import subprocess
import sys

import httpx
import pytest

from keepsake.access.keys import KeyStore, Role
from keepsake.launcher.administration import ensure_indexes
from tests.conftest import ROOT
from tests.thumbnails import EXAMPLE, beside, install

PAYLOAD = {"pgm": "UDUKNCAyCjI1NQoAAQIDBAUGBw==", "widths": [1, 2], "user_id": "u1"}
QUEUE = "keepsake.thumbnails"


@pytest.fixture(scope="module")
def environment(tmp_path_factory):
    return beside(install(tmp_path_factory.mktemp("thumbnails")))


@pytest.mark.drill
def test_the_tests_of_the_example_pass(environment, database, rabbitmq):
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(EXAMPLE / "tests")],
        cwd=ROOT, env={**os.environ, **environment}, capture_output=True, text=True, check=False,
        timeout=110,
    )  # fmt: skip

    assert "3 passed" in run.stdout, f"{run.stdout[-3_000:]}\n{run.stderr[-3_000:]}"


@pytest.fixture
def service(environment, database, web_server, worker, eventually):
    """Clients of a web server and a worker that know the type, by what their keys are good for."""
    ensure_indexes(database)
    keys = KeyStore(database)
    working = worker(**environment)
    _, base_url = web_server(**environment)
    eventually(lambda: "ready for action" in working.log.read_text(), within=60)
    opened = []

    def client(**options):
        headers = {"Authorization": f"Bearer {keys.create(options.pop('owner', 'ana'), **options)}"}
        opened.append(httpx.Client(base_url=base_url, headers=headers, timeout=60))
        return opened[-1]

    yield client
    for process in opened:
        process.close()


def test_a_type_and_its_queue_are_known_everywhere_without_another_edit(service, eventually):
    ana = service(scopes=["thumbnails", "jobs", "memory"])
    narrow, operator = service(scopes=["jobs"]), service(owner="op", role=Role.OPERATOR)
    document = ana.get("/openapi.json").json()

    refused = narrow.post("/v2/thumbnails", json=PAYLOAD)
    paused = operator.post(f"/v1/admin/queues/{QUEUE}:pause", json={"reason": "a test"})
    shown = {queue["name"]: queue for queue in operator.get("/v1/admin/queues").json()["queues"]}
    resumed = operator.post(f"/v1/admin/queues/{QUEUE}:resume")
    job = ana.post("/v2/thumbnails", json=PAYLOAD, headers={"Prefer": "wait=30"}).json()
    listed = ana.get("/v1/jobs", params={"type": "thumbnails.make"}).json()["jobs"]
    metrics = operator.get("/metrics").text

    assert (refused.status_code, refused.json()["needed"]) == (403, "thumbnails")
    assert (paused.status_code, resumed.status_code) == (204, 204)
    assert shown[QUEUE]["paused"]["reason"] == "a test"
    assert (job["status"], job["result"]) == ("succeeded", {"widths": [1, 2]})
    assert [entry["job_id"] for entry in listed] == [job["job_id"]]
    assert f'keepsake_jobs_waiting{{queue="{QUEUE}"}}' in metrics
    assert "thumbnails.make" in document["components"]["schemas"]["JobType"]["enum"]
    assert "thumbnails" in document["components"]["schemas"]["Scope"]["enum"]


def test_its_effects_are_undone_and_its_jobs_erased_with_the_user(service):
    ana = service(scopes=["thumbnails", "jobs", "memory"])
    job = ana.post("/v2/thumbnails", json=PAYLOAD, headers={"Prefer": "wait=30"}).json()

    undone = ana.post(f"/v1/jobs/{job['job_id']}:undo")
    erased = ana.delete("/v2/memory/users/u1")

    assert (undone.status_code, undone.json()["removed"]) == (200, 2)
    assert erased.status_code < 300, erased.text
    assert ana.get(f"/v1/jobs/{job['job_id']}").status_code == 404
