"""Which token a scan uses, and what is noted of those that the host refuses."""

from datetime import UTC, datetime, timedelta

import pytest
from pydantic import SecretStr

from keepsake.jobs import NewSchedule, lane_name
from keepsake.jobs.engine import Engine
from keepsake.parts import job_types
from keepsake.scanner.credentials import Access, Credentials
from keepsake.scanner.errors import TokenNeeded, Unauthorised
from keepsake.scanner.job_types import SCAN
from keepsake.scanner.models import Repository, ScanRequest
from keepsake.scanner.source import parse_source
from keepsake.storage.mongo import Unfenced
from tests.integration.scanner.githost import GitHost
from tests.integration.web.conftest import KEY

OLD, NEW = SecretStr("old"), SecretStr("new")


@pytest.fixture
def credentials(database, monkeypatch):
    monkeypatch.setenv("KEEPSAKE_SECRET_KEY", KEY)
    monkeypatch.setenv("KEEPSAKE_SCAN_PROTOCOLS", '["http"]')
    return Credentials(database)


@pytest.fixture
def repository(tools) -> Repository:
    shop = parse_source("http://127.0.0.1:1/acme/shop", "ann", tools.settings)
    tools.indexes.register(shop, Unfenced())
    return shop


@pytest.fixture
def refuse(credentials, tools):
    """Let a scan use a token that its host refuses."""

    def refused(repository, own, branch=None):
        request = ScanRequest(url=repository.url, branch=branch)
        with (
            pytest.raises(Unauthorised),
            credentials.opening(repository, request, own, Unfenced(), tools.settings),
        ):
            raise Unauthorised("no")
        return request

    return refused


def access(database, repository):
    return Access.of(database["code_repositories"].find_one({"_id": repository.id}))


def test_a_scan_uses_its_own_token_else_the_repositorys(credentials, repository):
    assert credentials.usable(repository, None) is None
    assert credentials.usable(repository, OLD) == OLD

    credentials.keep(repository, NEW)

    assert credentials.usable(repository, None) == NEW
    assert credentials.usable(repository, OLD) == OLD


def test_what_was_refused_is_not_used_again_nor_is_none_instead(
    credentials, repository, refuse, database
):
    waiting = refuse(repository, OLD)
    for own in (OLD, None):
        with pytest.raises(TokenNeeded):
            credentials.usable(repository, own)
    other = refuse(repository, None, branch="dev")

    assert credentials.usable(repository, NEW) == NEW
    assert credentials.waiting(repository) == [waiting, other]
    assert access(database, repository).refused_at
    credentials.keep(repository, NEW)
    assert credentials.usable(repository, OLD) == NEW
    assert access(database, repository).refused_at is None
    refuse(repository, None)
    with pytest.raises(TokenNeeded):
        credentials.usable(repository, OLD)
    credentials.keep(repository, NEW)
    assert credentials.usable(repository, None) == NEW
    credentials.forget(repository)
    assert credentials.usable(repository, OLD) == OLD
    assert database["vault"].count_documents({}) == 0


def test_a_token_that_the_vault_lost_is_not_done_without(credentials, repository, database):
    credentials.keep(repository, NEW)
    database["vault"].delete_many({})

    with pytest.raises(TokenNeeded):
        credentials.usable(repository, None)


def test_only_the_token_is_at_fault_where_the_host_is_open_to_all(
    credentials, repo, tools, refuse, database
):
    repo.commit({"a.py": "def a(): pass\n"})
    host = GitHost(repo.path.parent.parent)
    shop = parse_source(f"{host.base}/acme/shop/.git", "ann", tools.settings)
    tools.indexes.register(shop, Unfenced())

    refuse(shop, OLD)
    host.close()

    assert credentials.usable(shop, None) is None
    assert access(database, shop).refused_at is None
    with pytest.raises(TokenNeeded):
        credentials.usable(shop, OLD)


def test_few_of_the_scans_that_wait_and_of_the_refused_tokens_are_kept(
    credentials, repository, refuse, database
):
    for number in range(60):
        credentials.wait(repository, ScanRequest(url=repository.url, branch=f"b{number}"))
    for number in range(25):
        refuse(repository, SecretStr(str(number)))

    record = database["code_repositories"].find_one({"_id": repository.id})
    assert (len(record["waiting"]), len(record["refused"])) == (50, 20)
    assert credentials.waiting(repository)[-1].branch is None


def test_an_occurrence_is_left_out_while_the_host_refuses_the_token(
    credentials, repository, refuse, database
):
    schedules = Engine.over(database, job_types()).schedules
    schedules.create(
        NewSchedule(
            type=SCAN.name, owner="ann", payload={"url": repository.url}, cron="* * * * *",
            lane=lane_name("scanner", "ann", repository.id),
        )
    )  # fmt: skip
    refuse(repository, None)

    def due():
        then = datetime.now(UTC).replace(second=0, microsecond=0) - timedelta(minutes=1)
        times = {"occurs_at": then, "next_at": then}
        database["schedules"].update_many({}, {"$set": times})
        return schedules.start_due()

    assert due() == []
    assert schedules.of("ann", 1)[0]["skipped_because"] == "credential"
    credentials.keep(repository, NEW)
    assert len(due()) == 1
