"""Hosts that are away for longer than all attempts would last, and come back."""

import ssl

import pytest

from keepsake.jobs.states import State
from keepsake.memory import work as memory_work
from keepsake.memory.job_types import INGEST, SCRAPE
from keepsake.memory.shared_links import Scraper
from keepsake.outbound.fetcher import FetchBounds, Fetcher
from keepsake.parts import job_types
from keepsake.scanner import work as scanner_work
from keepsake.scanner.job_types import SCAN
from keepsake.scanner.parse.pool import ParserPool
from keepsake.scanner.settings import ScannerSettings
from keepsake.scanner.stages import ScanTools
from tests import tls_site
from tests.integration.scanner.githost import GitHost
from tests.integration.scanner.gitrepo import GitRepo
from tests.tls_site import page

HOST = "chat.example.org"
TALK = "User: I live in Lisbon.\nAssistant: Noted.\n"
TIMES = max(job_type.limits.max_attempts for job_type in job_types().values()) + 2


@pytest.fixture
def host(tmp_path):
    """A git host with one repository."""
    repo = GitRepo(tmp_path / "root" / "acme" / "shop")
    repo.commit({"a.py": "def a(): pass\n"})
    host = GitHost(tmp_path / "root")
    yield host
    host.close()


@pytest.fixture
def scanning(broker, database, tmp_path, monkeypatch):
    """Scans may reach hosts of the test's own."""
    settings = ScannerSettings(
        scan_cache_path=tmp_path / "mirrors", scan_protocols=frozenset({"http"}),
        scan_private_hosts=True, scan_parsers=1,
    )  # fmt: skip
    pool = ParserPool(settings)
    monkeypatch.setattr(
        scanner_work, "_tools", lambda resources: ScanTools(resources.database, settings, pool)
    )
    yield
    pool.close()


@pytest.fixture
def site(broker, tmp_path, monkeypatch):
    """The host of shared links."""
    pem = tls_site.certificate(tmp_path, HOST)
    with tls_site.serving(pem) as serving:
        fetcher = Fetcher(
            FetchBounds(seconds=5), resolver=lambda _: ["127.0.0.1"], allowed=lambda _: True,
            tls=ssl.create_default_context(cafile=pem), port=serving.server_port,
        )  # fmt: skip
        monkeypatch.setattr(memory_work, "Scraper", lambda: Scraper(fetcher))
        yield serving


@pytest.fixture
def meets(hurry, hold):
    """Lets a job try again and again, without its waits, until it has met so many outages.

    It waits then until it is hurried.
    """

    def met(job_id, times):
        for outages in range(1, times + 1):
            job = hold(job_id, outages)
            if outages < times:
                hurry(job_id)
        return job

    return met


def test_a_git_host_that_is_away_and_comes_back_costs_no_attempt(
    scanning, host, enqueue, meets, hurry, drain, look
):
    host.mood = "failing"
    job_id = enqueue(SCAN.name, {"url": f"{host.base}/acme/shop"})

    waiting = meets(job_id, TIMES)
    host.mood = "well"
    hurry(job_id)
    drain()

    ended = look(job_id)
    assert (waiting.get("error")["kind"], waiting.get("error")["type"]) == (
        "outage", "host-unreachable",
    )  # fmt: skip
    assert (ended.state, ended.get("failures"), len(ended.get("attempts"))) == (
        State.SUCCEEDED, 0, 1,
    )  # fmt: skip


def test_a_scan_that_waits_keeps_its_place_in_its_lane(
    scanning, host, enqueue, meets, hurry, drain, look
):
    host.mood = "failing"
    url, ended = {"url": f"{host.base}/acme/shop"}, []
    first = enqueue(SCAN.name, url, lane="shop")
    meets(first, 1)
    host.mood = "well"
    second = enqueue(SCAN.name, url, lane="shop", force=True)
    assert look(second).state is State.PENDING

    hurry(first)
    drain()

    ended = [look(job_id).get("ended_at") for job_id in (first, second)]
    assert ended == sorted(ended)


def test_a_links_host_that_is_away_holds_up_no_turn_of_its_user(
    site, enqueue, meets, hurry, drain, look, database, eventually
):
    site.paths["/share/1"] = page("", 503, **{"Retry-After": "120"})
    payload = {"url": f"https://{HOST}/share/1", "user_id": "u1"}
    scrape = enqueue(SCRAPE.name, payload, lane="u1")
    waiting = meets(scrape, TIMES)
    turn = {"user_query": "I moved to Oslo.", "user_id": "u1"}

    later = enqueue(INGEST.name, turn, lane="u1")
    eventually(lambda: look(later).state is State.SUCCEEDED, within=30)
    site.paths["/share/1"] = page(TALK)
    hurry(scrape)
    drain()

    error, waits = waiting.get("error"), waiting.record["run_at"] - waiting.record["updated_at"]
    assert (error["kind"], error["type"]) == ("outage", "link-away")
    assert waits.total_seconds() >= 119
    assert (look(scrape).state, look(scrape).get("failures")) == (State.SUCCEEDED, 0)
    held = database["memories"].find({"slot.attribute": "lives_in", "valid_to": None})
    assert [fact["slot"]["value"] for fact in held] == ["oslo"]


def test_a_link_that_leads_nowhere_is_given_up_after_its_attempts(site, enqueue, look, eventually):
    site.paths["/share/1"] = page("", 404)
    job_id = enqueue(SCRAPE.name, {"url": f"https://{HOST}/share/1", "user_id": "u1"})

    failed = eventually(lambda: (job := look(job_id)).get("failures") and job)

    assert failed.get("error")["kind"] == "transient"
    assert not failed.get("outages")
