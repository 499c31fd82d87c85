import json
import re
import socket

import httpx
import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families
from pymongo import MongoClient
from pymongo.monitoring import CommandListener

from keepsake.access.keys import KeyStore, Role
from keepsake.jobs import Engine, RollUp
from keepsake.launcher.administration import ensure_indexes
from keepsake.launcher.process import LOOPBACK, free_port, until
from keepsake.memory.storing.usage import MemoryUsage
from keepsake.parts import job_types
from keepsake.storage.mongo import MongoSettings
from middleware.broker import BrokerSettings
from middleware.management import Management, ManagementSettings
from tests.conftest import ROOT, started_web, started_worker
from tests.factories import a_job
from web.admin import metrics
from web.admin.gauges import OWNERS_SHOWN, of_jobs
from web.admin.metrics import SharedFigures
from web.edge.auth import Authenticator

DEPLOY = ROOT / "deploy"
RULES = yaml.safe_load((DEPLOY / "prometheus" / "rules.yml").read_text())
DASHBOARDS = sorted((DEPLOY / "grafana").glob("*.json"))
SERIES_MOST = 2_000
BASE_UNITS = ("seconds", "bytes", "ratio")
OTHER_UNITS = re.compile(
    r"_(ms|milliseconds|micros|us|minutes|hours|days|kb|mb|kilobytes|megabytes|percent)(_|$)"
)
TURN = {"user_query": "I live in Lisbon.", "user_id": "u1"}


def samples(text):
    return {
        (sample.name, *sorted(sample.labels.values())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


@pytest.fixture
def scraped(clients):
    """What `/metrics` shows."""
    operator = clients("ops", role=Role.OPERATOR_READ_ONLY)
    return lambda: samples(operator.get("/metrics").text)


def test_requests_are_counted_by_route_and_jobs_as_they_stand_though_no_worker_is_there(
    alice, scraped, eventually
):
    accepted = alice.post("/v2/memory/ingest", json=TURN)
    alice.get(accepted.json()["status_url"])

    def whole():
        now = scraped()
        queued = now.get(("keepsake_jobs_waiting", "keepsake.memory")) == 1
        return now if queued and now["keepsake_management_up",] else None  # RabbitMQ may be late

    shown = eventually(whole, within=30)

    route = ("keepsake_http_seconds_count", "/v1/jobs/{job_id}", "200", "GET")
    assert shown[route] >= 1
    assert shown["keepsake_accept_seconds_count", "memory.ingest"] >= 1
    assert shown["keepsake_jobs", "memory.ingest", "pending"] == 1
    assert shown["keepsake_jobs_running", "keepsake.memory"] == 0
    assert shown["keepsake_oldest_wait_seconds", "keepsake.memory"] > 0
    assert shown["keepsake_oldest_wait_seconds", "keepsake.scanner"] == 0
    assert shown["keepsake_owner_backlog", "alice"] == 1
    assert shown["keepsake_owner_backlog_ratio", "alice"] == 1 / 100_000
    assert shown["keepsake_divergence", "unnotified"] == 0
    assert shown["keepsake_look_age_seconds",] < 30
    assert shown["keepsake_mongodb_up",] == 1
    assert not [labels for labels in shown if accepted.json()["job_id"] in labels]


def test_open_dead_letters_are_shown_by_what_they_died_of(alice, scraped, dead, eventually):
    dead(alice.post("/v2/memory/ingest", json=TURN).json(), type="no-use")

    letters = ("keepsake_dead_letters", "memory.ingest", "no-use")
    eventually(lambda: scraped().get(letters) == 1, within=30)


class Sent(CommandListener):
    """What a client sends, but for what keeps its connections."""

    def __init__(self) -> None:
        self.commands: list[str] = []

    def started(self, event):
        self.commands.append(event.command_name)

    def succeeded(self, event):
        """Nothing."""

    failed = succeeded


@pytest.fixture
def shared_figures(engine):
    """What a web process reads for a scrape, and what it sends for that."""
    sent = Sent()
    url = MongoSettings().mongo_url.get_secret_value()
    with MongoClient(url, tz_aware=True, event_listeners=[sent]) as client:
        database = client[engine.records.database.name]
        usage = MemoryUsage(database)
        yield SharedFigures(Engine.over(database, job_types()), [usage.overdue]), sent.commands


def test_a_scrape_reads_a_row_and_an_index_and_another_soon_after_it_nothing(
    engine, shared_figures, monkeypatch
):
    monkeypatch.setattr(metrics, "_FRESH_SECONDS", 60.0)
    monkeypatch.setattr(metrics, "_LATE_SECONDS", 60.0)
    figures, sent = shared_figures
    engine.acceptance.accept(a_job())
    RollUp(engine.records).run_once()

    first = figures.read()
    asked = list(sent)
    again = figures.read()

    assert first.look.jobs["memory.ingest", "pending"] == 1
    assert asked == ["find", "aggregate"]
    assert (again, sent) == (first, asked)


def test_of_many_owners_only_those_with_most_jobs_are_shown(engine, shared_figures):
    for number in range(OWNERS_SHOWN + 5):
        for n in range(1 + (number < 3)):
            engine.acceptance.accept(a_job(owner=f"o{number:02}", force=True, lane=f"{number}-{n}"))

    look = shared_figures[0].read().look

    families = {family.name: family.samples for family in of_jobs(look, 10)}
    for name in ("backlog", "running", "backlog_ratio"):
        shown = [sample.labels["owner"] for sample in families[f"keepsake_owner_{name}"]]
        assert len(shown) == OWNERS_SHOWN
        assert shown[:3] == ["o00", "o01", "o02"]
    assert families["keepsake_owner_backlog_ratio"][0].value == 0.2


def test_queues_are_shown_as_rabbitmq_counts_them(clients, alice, eventually):
    operator = clients("ops", role=Role.OPERATOR_READ_ONLY)

    def shown(name, queue="keepsake.memory"):
        return samples(operator.get("/metrics").text).get((f"keepsake_rabbitmq_{name}", queue))

    alice.post("/v2/memory/ingest", json=TURN)
    eventually(lambda: (shown("ready") or 0) >= 1, within=30)
    eventually(lambda: (shown("unacked"), shown("consumers")) == (0, 0), within=30)
    assert shown("ready", "keepsake.memory.overflow") is not None  # other tests may have left some


def test_a_management_api_that_hangs_is_asked_once_and_holds_up_nobody_for_long(monkeypatch):
    monkeypatch.setattr("middleware.management._TIMEOUT_SECONDS", 0.1)
    monkeypatch.setattr("middleware.management._FRESH_SECONDS", 60.0)
    with socket.create_server((LOOPBACK, 0)) as hanging:
        url = f"http://ops:secret@{LOOPBACK}:{hanging.getsockname()[1]}"
        settings = ManagementSettings(management_url=url)
        management = Management(settings, BrokerSettings())

        assert [dict(management.queues()) for _ in range(3)] == [{}, {}, {}]

        hanging.accept()[0].close()
        hanging.settimeout(0.1)
        with pytest.raises(TimeoutError):
            hanging.accept()


def test_metrics_are_for_operators(alice):
    assert alice.get("/metrics").status_code == 403


def test_an_operators_key_is_remembered_for_outages_until_it_is_revoked(database, eventually):
    keys = KeyStore(database)
    headers = {
        owner: f"Bearer {keys.create(owner, role=role)}"
        for owner, role in (("ops", Role.OPERATOR_READ_ONLY), ("alice", Role.OWNER))
    }
    authenticator = Authenticator(keys)
    authenticator.follow()

    def remembered(owner):
        authenticator.principal(headers[owner])
        return authenticator.remembered(headers[owner])

    assert eventually(lambda: remembered("ops"), within=30).owner == "ops"
    assert remembered("alice") is None
    assert authenticator.remembered("Bearer ksk_none") is None
    keys.revoke(keys.listed("alice")[0]["_id"])
    eventually(lambda: authenticator.known(headers["ops"]) is None, within=30)
    assert eventually(lambda: authenticator.remembered(headers["ops"]), within=30).owner == "ops"
    keys.revoke(keys.listed("ops")[0]["_id"])
    eventually(lambda: authenticator.remembered(headers["ops"]) is None, within=30)
    authenticator.close()


def test_a_metrics_port_that_is_taken_does_not_keep_a_worker_from_working(
    alice, worker, eventually, shared_web
):
    taken = shared_web.rsplit(":", 1)[1]
    worker(KEEPSAKE_METRICS_PORT=taken)
    job = alice.post("/v2/memory/ingest", json=TURN).json()

    done = lambda: alice.get(job["status_url"]).json()["status"] == "succeeded"  # noqa: E731
    eventually(done, within=30)


def conventional(family):
    """Why a family is not as Prometheus' conventions have it; nothing if it is."""
    name = family.name
    endings = {sample.name.removeprefix(name) for sample in family.samples}
    if not re.fullmatch(r"keepsake(_[a-z0-9]+)+", name):
        yield "is not spelt so"
    if not family.documentation or family.documentation == name:
        yield "has no HELP"
    if OTHER_UNITS.search(name):
        yield "has a unit that is no base unit"
    expected = {
        "counter": {"_total", "_created"},
        "gauge": {""},
        "histogram": {"_bucket", "_count", "_sum", "_created"},
    }
    if not endings <= expected.get(family.type, set()):
        yield f"is a {family.type} with {endings}"
    if family.type == "histogram" and not name.endswith(BASE_UNITS):
        yield "measures in no unit"
    if family.type != "counter" and name.endswith(("_total", "_count", "_sum", "_bucket")):
        yield "ends like another type"


def names(family):
    """What expressions may call it."""
    endings = {
        "counter": ("_total",), "histogram": ("_bucket", "_count", "_sum"),
    }.get(family.type, ("",))  # fmt: skip
    return [family.name + ending for ending in endings]


def used():
    """The names in the expressions of rules and dashboards."""
    rules = [rule["expr"] for group in RULES["groups"] for rule in group["rules"]]
    panels = [
        target["expr"]
        for path in DASHBOARDS
        for panel in json.loads(path.read_text())["panels"]
        for target in panel["targets"]
    ]
    assert len(rules) > 10
    assert len(panels) > 40
    return {
        name
        for expression in (*rules, *panels)
        for name in re.findall(r"(?<![\w:/])(?:keepsake|process)_\w+", expression)
    }


@pytest.fixture(scope="module")
def counting_worker(rabbitmq, mongod, directory):
    """A worker, and where it shows its metrics."""
    port = free_port()
    process = started_worker(directory / "scraped.log", KEEPSAKE_METRICS_PORT=str(port))
    yield process, f"http://{LOOPBACK}:{port}/metrics"
    process.kill()


@pytest.fixture(scope="module")
def fresh_web(rabbitmq, mongod, directory):
    """The base URL of a server that has answered nobody yet."""
    process, base_url = started_web(directory / "counting-web.log")
    yield base_url
    process.stop(grace_seconds=5)


@pytest.fixture(scope="module")
def both(fresh_web, _connected, counting_worker):
    """What a web server and a worker show once a turn is remembered."""
    process, address = counting_worker
    ensure_indexes(_connected)
    keys = KeyStore(_connected)
    carol, operator = (
        {"Authorization": f"Bearer {keys.create(owner, role=role)}"}
        for owner, role in (("carol", Role.OWNER), ("ops", Role.OPERATOR_READ_ONLY))
    )
    with httpx.Client(base_url=fresh_web, timeout=60) as client:
        job = client.post("/v2/memory/ingest", json=TURN, headers=carol).json()
        status = lambda: client.get(job["status_url"], headers=carol).json()["status"]  # noqa: E731
        until(lambda: status() == "succeeded", process, within_seconds=90)
        shown = client.get("/metrics", headers=operator).text
    return shown, httpx.get(address, timeout=30).text


def test_a_worker_counts_its_attempts_claims_and_leases(both):
    shown = samples(both[1])

    assert shown["keepsake_attempts_total", "memory.ingest", "succeeded"] == 1
    assert shown["keepsake_attempt_seconds_count", "memory.ingest"] == 1
    assert shown["keepsake_wait_seconds_count", "memory.ingest"] == 1
    assert shown["keepsake_attempts_total", "dead_letter", "memory.ingest"] == 0
    assert sum(shown.get(("keepsake_claim_seconds_count", kind), 0) for kind in ("lone", "batch"))
    assert shown["keepsake_leases_lost_total", "memory.ingest"] == 0
    assert shown["keepsake_jobs_swept_total", "pending"] == 0


def test_names_and_units_are_conventional_and_series_are_few(both):
    families = [list(text_string_to_metric_families(text)) for text in both]

    ours = [each for family in families for each in family if each.name.startswith("keepsake")]
    assert {each.name: why for each in ours if (why := list(conventional(each)))} == {}
    assert all(sum(len(family.samples) for family in each) < SERIES_MOST for each in families)
    owners = {sample.labels.get("owner") for each in families[1] for sample in each.samples}
    assert owners == {None}  # whoever reaches a worker's port may read it


def test_rules_and_dashboards_ask_for_what_is_shown(both):
    families = [each for text in both for each in text_string_to_metric_families(text)]

    assert used() - {name for family in families for name in names(family)} == set()
