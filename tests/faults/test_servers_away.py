"""RabbitMQ or MongoDB is away when work is posted."""

import signal

import httpx

from keepsake.access.keys import KeyStore, Role
from keepsake.jobs.engine import Engine
from keepsake.jobs.settings import JobSettings
from keepsake.jobs.states import State
from keepsake.launcher.administration import ensure_indexes
from keepsake.parts import job_types
from tests.factories import a_job

TURN = {"user_query": "I live in Lisbon.", "user_id": "u1"}


AS_PROBED_SECONDS = 5.0
"""As long as Kubernetes waits in deploy/kubernetes."""
OF_ANYBODY = {"keepsake_degraded", "keepsake_mongodb_up"}
"""What `/readyz` tells everybody, and so may be told to a key that cannot be checked."""


def said_to_anybody(answer):
    """The families of a scrape that has to say that MongoDB is away."""
    assert answer.status_code == 200, answer.text
    assert 'keepsake_degraded{part="mongodb"} 1.0' in answer.text
    assert "keepsake_mongodb_up 0.0" in answer.text
    return {line.split()[2] for line in answer.text.splitlines() if line.startswith("# TYPE")}


def is_degraded(answer):
    """The parts, when jobs are accepted and wait."""
    parts = answer.json()
    return parts if (answer.status_code, parts["status"]) == (200, "degraded") else None


def test_without_mongodb_nothing_is_accepted_and_the_answer_says_when_to_try_again(
    client, mongod, database, eventually
):
    client.post("/v2/memory/ingest", json=TURN)
    before = database["jobs"].count_documents({})
    mongod.kill()
    try:
        refused = client.post("/v2/memory/ingest", json={**TURN, "user_query": "Other words."})
        v1 = client.post("/v1/memory/ingest", json=TURN)
        ready = client.get("/readyz")
    finally:
        mongod.start()

    assert (refused.status_code, refused.headers["content-type"]) == (
        503, "application/problem+json",
    )  # fmt: skip
    assert int(refused.headers["Retry-After"]) > 0
    assert (v1.status_code, v1.json()["status"]) == (503, "error")
    assert (ready.status_code, ready.json()["status"]) == (503, "not ready")
    assert (ready.json()["mongodb"], ready.json()["workers"]) == ("unavailable", "unknown")
    eventually(lambda: client.get("/readyz").json()["mongodb"] == "ok", within=30)
    assert database["jobs"].count_documents({}) == before


def test_without_mongodb_metrics_are_what_the_process_knows(client, mongod, database, eventually):
    key = KeyStore(database).create("ops", role=Role.OPERATOR_READ_ONLY)
    operator = {"Authorization": f"Bearer {key}"}

    statuses = set()

    def scraped():
        answer = client.get("/metrics", headers=operator)
        statuses.add(answer.status_code)
        return answer.text

    def scraped_when(up):
        text = scraped()
        return text if f"keepsake_mongodb_up {up}" in text else ""

    def answered_without():
        """Nothing where the process had not yet heard that the key is new, and keeps none then."""
        assert "keepsake_jobs_waiting{" in eventually(lambda: scraped_when("1.0"), within=30)
        mongod.kill()
        try:
            shown = eventually(lambda: scraped_when("0.0"), within=30)
            unknown = client.get("/metrics", headers={"Authorization": "Bearer ksk_never_seen"})
            owners = client.get("/metrics")
            nobody = httpx.get(client.base_url.join("/metrics"), timeout=60)
            other = client.get("/v1/admin/queues", headers=operator)
        finally:
            mongod.start()
        known = "keepsake_http_seconds_count{" in shown
        return (shown, unknown, owners, nobody, other) if known else None

    shown, unknown, owners, nobody, other = eventually(answered_without, within=60)

    assert statuses == {200}
    assert 'keepsake_degraded{part="mongodb"} 1.0' in shown
    assert "keepsake_rabbitmq_ready{" in shown
    assert "keepsake_jobs_waiting{" not in shown
    assert (nobody.status_code, other.status_code) == (401, 503)
    assert said_to_anybody(unknown) == said_to_anybody(owners) == OF_ANYBODY
    eventually(lambda: scraped_when("1.0"), within=30)


def test_a_web_process_that_starts_without_mongodb_tells_prometheus_of_it(
    database, mongod, web_server, eventually
):
    operator = {"Authorization": f"Bearer {KeyStore(database).create('ops', role=Role.OPERATOR)}"}
    mongod.kill()
    try:
        _, base_url = web_server()
        with httpx.Client(base_url=base_url, headers=operator, timeout=60) as scraping:
            answer = scraping.get("/metrics")
            mongod.start()
            eventually(lambda: "keepsake_jobs_waiting{" in scraping.get("/metrics").text, within=60)
    finally:
        mongod.start()

    assert said_to_anybody(answer) == OF_ANYBODY


def test_while_mongodb_hangs_a_probe_is_answered_in_time(client, mongod, database):
    mongod.process.signal(signal.SIGSTOP)
    try:
        ready = client.get("/readyz", timeout=AS_PROBED_SECONDS)
    finally:
        mongod.process.signal(signal.SIGCONT)

    assert (ready.status_code, ready.json()["mongodb"]) == (503, "unavailable")


def test_without_rabbitmq_a_job_is_accepted_and_runs_when_it_is_back(
    client, rabbitmq, kept_queues, fast_worker, ended, eventually
):
    kept_queues()
    rabbitmq.kill()
    try:
        accepted = client.post("/v2/memory/ingest", json=TURN)
        assert (accepted.status_code, accepted.json()["status"]) == (202, "pending")
        ready = eventually(lambda: is_degraded(client.get("/readyz")), within=30)
        assert (ready["mongodb"], ready["rabbitmq"]) == ("ok", "unavailable")
        fast_worker()
    finally:
        rabbitmq.start()

    assert ended(accepted.json())[0]["status"] == "succeeded"


def test_a_broker_that_lost_its_whole_directory_loses_no_job(
    client, rabbitmq, database, fast_worker, ended
):
    jobs = [client.post("/v2/memory/ingest", json={**TURN, "user_id": f"u{n}"}).json()
            for n in range(20)]  # fmt: skip
    rabbitmq.kill()
    rabbitmq.wipe()
    rabbitmq.start()
    fast_worker()

    assert {job["status"] for job in ended(*jobs)} == {"succeeded"}
    assert database["memory_ledger"].count_documents({}) == len(jobs)


def test_jobs_survive_a_restart_of_the_database(client, mongod, fast_worker, ended):
    fast_worker()
    jobs = [client.post("/v2/memory/ingest", json={**TURN, "user_id": f"u{n}"}).json()
            for n in range(30)]  # fmt: skip
    mongod.kill()
    mongod.start()

    assert {job["status"] for job in ended(*jobs)} == {"succeeded"}


def test_what_is_asked_of_a_job_waits_for_no_confirm_of_a_rabbitmq_that_hangs(
    database, web_server, rabbitmq, empty_queues
):
    ensure_indexes(database)
    headers = {"Authorization": f"Bearer {KeyStore(database).create('alice')}"}
    _, base_url = web_server(KEEPSAKE_AMQP_SOCKET_TIMEOUT_SECONDS="60")
    with httpx.Client(base_url=base_url, headers=headers, timeout=20) as client:
        job = client.post("/v2/memory/ingest", json=TURN).json()
        rabbitmq.process.signal(signal.SIGSTOP)
        try:
            asked = [client.post(f"{job['status_url']}:{action}") for action in ("pause", "resume")]
        finally:
            rabbitmq.process.signal(signal.SIGCONT)

    assert [answer.json()["status"] for answer in asked] == ["paused", "pending"]


def test_while_rabbitmq_hangs_jobs_that_lost_their_worker_are_still_taken_back(
    probes, job, engine, database, rabbitmq, eventually
):
    def due(**fields):
        accepted = engine.acceptance.accept(a_job(payload={"do": "steps"}, force=True, **fields))
        return accepted.job

    probes()
    job(due().id, State.SUCCEEDED)  # only the relay notified
    rabbitmq.process.signal(signal.SIGSTOP)
    try:
        waiting = due()
        notified = {"_id": waiting.id, "$expr": {"$lt": ["$notify_at", "$$NOW"]}}
        eventually(lambda: database["jobs"].count_documents(notified), within=30)
        short = Engine.over(
            database, job_types(), JobSettings(lease_seconds=0.5, heartbeat_seconds=0.1)
        )
        lost = due()
        assert short.claims.claim(lost.lane, "gone")

        job(lost.id, State.PENDING)
    finally:
        rabbitmq.process.signal(signal.SIGCONT)

    job(lost.id, State.SUCCEEDED, within=30)
    job(waiting.id, State.SUCCEEDED, within=30)
