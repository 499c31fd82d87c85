"""Servers that are there and take nothing: what is still accepted, and what `/readyz` says."""

import subprocess

import httpx
import pytest

from keepsake.access.keys import KeyStore, Role
from keepsake.launcher.rabbitmq import RABBITMQ_SERVER

TURN = {"user_query": "I live in Lisbon.", "user_id": "u1"}
ALARMS = {
    "memory": (["set_vm_memory_high_watermark", "absolute"], "1", "512MB"),
    "disk": (["set_disk_free_limit"], "100000GB", "200MB"),
}


@pytest.fixture
def alarm(rabbitmq):
    """Makes the node hold an alarm, or lift it."""

    def command(arguments, value):
        ctl = RABBITMQ_SERVER.with_name("rabbitmqctl")
        subprocess.run(
            [ctl, "--node", rabbitmq.name, *arguments, value],
            env=rabbitmq.process.environment, check=True, capture_output=True, timeout=60,
        )  # fmt: skip

    def change(kind, *, held):
        arguments, raised, lifted = ALARMS[kind]
        command(arguments, raised if held else lifted)

    yield change
    for arguments, _, lifted in ALARMS.values():
        command(arguments, lifted)


@pytest.fixture
def observed(client, database):
    """The gauge of one part."""
    key = KeyStore(database).create("ops", role=Role.OPERATOR_READ_ONLY)

    def gauge(part):
        answer = client.get("/metrics", headers={"Authorization": f"Bearer {key}"})
        lines = answer.text.splitlines()
        return next(line for line in lines if f'keepsake_degraded{{part="{part}"}}' in line)[-3:]

    return gauge


def ready(client):
    answer = client.get("/readyz")
    return answer.status_code, answer.json()


@pytest.mark.parametrize("kind", ALARMS)
def test_while_rabbitmq_holds_an_alarm_jobs_are_accepted_and_run_when_it_is_lifted(
    kind, client, alarm, observed, fast_worker, ended, eventually
):
    fast_worker()
    eventually(lambda: ready(client)[1]["status"] == "ready", within=60)
    alarm(kind, held=True)

    degraded = {"status": "degraded", "mongodb": "ok", "rabbitmq": "alarm", "workers": "ok"}
    eventually(lambda: ready(client) == (200, degraded), within=30)
    jobs = [client.post("/v2/memory/ingest", json={**TURN, "user_id": f"u{n}"}) for n in range(5)]

    assert {job.status_code for job in jobs} == {202}
    eventually(lambda: (observed("rabbitmq"), observed("mongodb")) == ("1.0", "0.0"), within=30)
    alarm(kind, held=False)
    assert {job["status"] for job in ended(*(job.json() for job in jobs))} == {"succeeded"}
    eventually(lambda: ready(client)[1]["status"] == "ready", within=60)
    eventually(lambda: observed("rabbitmq") == "0.0", within=30)


def test_a_primary_that_is_read_from_and_takes_no_write_accepts_nothing(
    client, database, eventually
):
    eventually(lambda: ready(client)[0] == 200, within=30)
    database.client.admin.command("fsync", lock=True)
    try:
        status, parts = eventually(
            lambda: (s := ready(client))[1]["mongodb"] != "ok" and s, within=30
        )
        alive = client.get("/healthz")
    finally:
        database.client.admin.command("fsyncUnlock")

    assert (status, parts["status"]) == (503, "not ready")
    assert alive.status_code == httpx.codes.OK
    eventually(lambda: ready(client)[0] == 200, within=30)
