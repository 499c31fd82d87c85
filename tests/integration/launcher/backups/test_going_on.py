"""After a restore jobs, clients and webhooks go on as if no time had passed."""

from datetime import UTC, datetime, timedelta

import pytest
from bson import Timestamp

from keepsake.backup.manifest import Manifest
from keepsake.jobs.errors import LeaseLost
from keepsake.jobs.sweeper import Sweeper
from keepsake.launcher.backups import restore_backup
from keepsake.launcher.mongod import Mongod
from keepsake.launcher.process import free_port
from keepsake.parts import EVENT_SOURCES
from keepsake.storage import MongoSettings, connect
from keepsake.webhooks import dispatcher as dispatching
from keepsake.webhooks.dispatcher import Dispatcher
from keepsake.webhooks.job_types import DELIVER
from keepsake.webhooks.records import NewWebhook, Webhooks
from tests.factories import a_job, claimed


def test_what_was_running_is_taken_back_and_lanes_keep_their_order(engine, restored):
    running = claimed(engine, lane="one")
    waiting = engine.acceptance.accept(a_job(lane="one", force=True)).job

    beside = restored()
    later = beside.acceptance.accept(a_job(lane="one", force=True)).job
    with pytest.raises(LeaseLost):
        beside.claims.save(running, {"checkpoint": 1})
    order = []
    for _ in range(3):
        Sweeper(beside.records, beside.dead_letters).run_once()
        claim = beside.claims.claim(running.job.lane, "w2")
        order.append(claim.job.id)
        beside.claims.succeed(claim, {})

    assert order == [running.job.id, waiting.id, later.id]


def test_revisions_go_on_behind_all_that_clients_were_told(engine, restored):
    job = claimed(engine).job

    beside = restored()
    now = beside.control.get("alice", job.id)

    assert now.record["revision"] > job.record["revision"] + 100_000


def test_the_time_between_backup_and_restore_counts_against_no_job(
    database, engine, backup, other, settings, monkeypatch
):
    job = engine.acceptance.accept(a_job()).job
    database["vault"].insert_one({"_id": "cred_1", "expire_at": job.record["deadline_at"]})
    directory = backup()
    manifest = directory / "manifest.json"
    taken_at = Manifest.read(directory).taken_at
    week = timedelta(days=7)
    text = manifest.read_text().replace(
        taken_at.isoformat().replace("+00:00", "Z"), (taken_at - week).isoformat()
    )
    assert text != manifest.read_text()
    manifest.write_text(text)

    restore_backup(other, directory, settings, drop=False)

    now, credential = other["jobs"].find_one({"_id": job.id}), other["vault"].find_one()
    assert now["deadline_at"] - job.record["deadline_at"] >= week
    assert credential["expire_at"] - job.record["deadline_at"] >= week


def test_positions_in_a_log_that_is_gone_are_gaps(engine, database, backup, settings):
    with engine.records.jobs.watch() as stream:
        position = stream.resume_token["_data"]
    job = engine.acceptance.accept(a_job()).job
    assert engine.missed.since(position, "alice")[0].job_id == job.id

    restore_backup(database, backup(), settings, drop=True)

    assert engine.missed.since(position, "alice") is None


def test_webhooks_go_on_by_the_records_where_the_log_is_another(
    engine, database, backup, settings, monkeypatch, eventually
):
    monkeypatch.setenv("KEEPSAKE_SECRET_KEY", "A" * 43 + "=")
    monkeypatch.setattr(dispatching, "_LOOK_SECONDS", 0.3)
    Webhooks(database).create(NewWebhook("alice", "https://example.org/x", ["job.ended"]))
    dispatcher = Dispatcher(engine, EVENT_SOURCES)

    def posted():
        deliveries = database["jobs"].find({"type": DELIVER.name}).sort("_id")
        return [row["payload"]["data"]["job_id"] for row in deliveries]

    def has_posted(*jobs):
        return dispatcher.run_once() and posted() == [claim.job.id for claim in jobs]

    position = database["webhook_position"]
    eventually(lambda: dispatcher.run_once() and position.find_one().get("resume"))
    ended = claimed(engine)
    engine.claims.succeed(ended, {})

    restore_backup(database, backup(), settings, drop=True)
    eventually(lambda: has_posted(ended), within=30)
    later = claimed(engine, force=True)
    engine.claims.succeed(later, {})

    eventually(lambda: has_posted(ended, later), within=30)


@pytest.fixture
def fresh(tmp_path):
    """A database of a new server."""
    server = Mongod(tmp_path / "fresh", free_port())
    server.start()
    database = connect(MongoSettings(mongo_url=server.url))
    yield database
    database.client.close()
    server.kill()


def test_a_clock_that_is_behind_the_backup_is_brought_forward(fresh, backup, settings):
    directory, ahead = backup(), Timestamp(int(datetime.now(UTC).timestamp()) + 3_600, 5)
    manifest = Manifest.read(directory).model_copy(update={"cluster_time": (ahead.time, ahead.inc)})
    (directory / "manifest.json").write_text(manifest.model_dump_json())

    restore_backup(fresh, directory, settings, drop=False)
    fresh["later"].insert_one({"_id": 1, "clock": Timestamp(0, 0)})

    assert fresh["later"].find_one()["clock"] > ahead
