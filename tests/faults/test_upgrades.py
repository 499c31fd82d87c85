"""Upgrades of what a former version left, and a downgrade: two versions side by side."""

from contextlib import ExitStack

import pytest

from keepsake.access.keys import KeyStore
from keepsake.jobs.migration_requests import FormerWorkers
from keepsake.jobs.migrations import MigrationStep
from keepsake.launcher.administration import ensure_indexes, migrate
from keepsake.parts import RECORD_SCHEMAS
from keepsake.storage.mongo import MongoSettings, connect, refuse_former
from tests import tls_site
from tests.faults.steady_load import SteadyLoad
from tests.faults.verdicts import print_verdict
from tests.upgrade import story
from tests.upgrade.former import Former
from tests.upgrade.left import Left

RECORDS, FINISH = MigrationStep


@pytest.fixture
def site(tmp_path):
    """What was away when the dump was written is there again; `posted` says what was posted."""
    with tls_site.serving(tls_site.certificate(tmp_path, "localhost")) as server:
        posted = []

        def receive(handler):
            posted.append((handler.path, handler.headers["webhook-id"]))
            tls_site.page("")(handler)

        server.posted = posted
        server.paths |= {path: tls_site.page(story.TALK) for path in ("/hangs", "/busy")}
        server.paths |= dict.fromkeys(("/hook", "/away"), receive)
        yield server


@pytest.fixture
def left(mongod, empty_queues, site, tmp_path):
    database = connect(MongoSettings(mongo_database="upgraded"))
    database.client.drop_database(database.name)
    yield Left(database, site, tmp_path)
    database.client.drop_database(database.name)
    database.client.close()


def test_what_a_former_version_left_goes_on_once_and_is_migrated(
    left, site, web_server, forked_worker, eventually
):
    refuse_former(left.database, RECORD_SCHEMAS)
    ensure_indexes(left.database)
    assert left.database["memories"].count_documents({"embedded_by": None}) > 0
    assert left.database["code_sources"].count_documents({"trigrams": None}) > 0
    migrate(left.database, RECORDS)
    _, base_url = web_server(**left.environment)
    forked_worker(**left.environment)
    with left.client(base_url) as client:
        assert left.missing(client) == []
        left.go_on(client)
        eventually(left.all_ended, within=60)
        eventually(lambda: left.migrated(RECORDS), within=30)

        assert left.missing(client) == []
        assert left.wrong() == {}
        assert left.database["memories"].count_documents({"embedded_by": None}) == 0
        assert left.database["code_sources"].count_documents({"trigrams": None}) == 0
        assert "overflow" in left.database["jobs"].index_information()
        eventually(lambda: {path for path, _ in site.posted} == {"/hook", "/away"}, within=30)

        migrate(left.database, FINISH)
        eventually(lambda: left.migrated(FINISH), within=30)
        assert "overflow" not in left.database["jobs"].index_information()
        assert left.missing(client) == []


@pytest.mark.drill
@pytest.mark.timeout(900)
def test_two_versions_run_side_by_side_under_load_through_a_migration_and_a_downgrade(
    left, web_server, worker, eventually, tmp_path
):
    former = Former(left.commit, tmp_path / "former", left.environment)
    jobs, key = left.database["jobs"], KeyStore(left.database).create("load")

    def all_done(load) -> bool:
        return not jobs.count_documents(
            {"_id": {"$in": load.accepted}, "state": {"$ne": "succeeded"}}
        )

    with ExitStack() as ending:
        ending.callback(former.stop)
        addresses = [former.web()]
        former.worker()
        with SteadyLoad(addresses, key) as load, left.client(addresses[0]) as before:
            ensure_indexes(left.database)
            present, base_url = web_server(**left.environment)
            workers = [worker(**left.environment)]
            addresses.append(base_url)
            after = ending.enter_context(left.client(base_url))
            left.go_on(before)
            migrate(left.database, RECORDS)
            eventually(lambda: left.migrated(RECORDS), within=180)
            eventually(left.all_ended, within=120)
            assert [left.missing(client) for client in (before, after)] == [[], []]
            with pytest.raises(FormerWorkers):
                migrate(left.database, FINISH)
            both = len(load.accepted)

            addresses.remove(base_url)  # the downgrade
            present.stop(grace_seconds=30)
            workers[0].stop(grace_seconds=30)
            eventually(lambda: len(load.accepted) > both + 50, within=60)
            assert left.missing(before) == []
            back = len(load.accepted)

            _, base_url = web_server(**left.environment)  # and up again
            worker(**left.environment)
            addresses.append(base_url)
            addresses.remove(addresses[0])
            former.stop()
            eventually(lambda: len(load.accepted) > back + 50, within=60)
        eventually(lambda: all_done(load), within=120)
        again = ending.enter_context(left.client(base_url))
        migrate(left.database, FINISH)
        eventually(lambda: left.migrated(FINISH), within=60)
        assert left.missing(again) == []
    accepted = set(load.accepted)
    burnt = jobs.count_documents({"_id": {"$in": load.accepted}, "$or": [
        {"failures": {"$gt": 0}}, {"crashes": {"$gt": 0}}]})  # fmt: skip
    remembered = left.database["memories"].count_documents(
        {"kind": "turn", "provenance.job_id": {"$in": load.accepted}}
    )
    lost = len(accepted) - remembered
    print_verdict(
        "upgrade",
        "Upgrade beside the former version, and back",
        f"{len(left.jobs)} jobs in every state ended as they should; {len(accepted)} accepted"
        f" meanwhile, {both} of them by both versions and {back - both} after the downgrade:"
        f" {sum(load.refused.values())} failed, {load.waited} told to wait,"
        f" {sum(load.moved.values())} at another address, {burnt} attempts burnt, {lost} lost",
        met=not load.refused and not burnt and not lost,
    )
    assert load.refused == {}
    assert remembered == len(accepted) == len(load.accepted)
    assert burnt == 0
    assert left.wrong() == {}
