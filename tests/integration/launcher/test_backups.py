"""`keepsake backup`: consistent, private, whole or not at all; and what goes on after a restore."""

import os
import shutil
import signal
import stat
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import bson
import pytest
from bson import Binary, Decimal128, Int64, ObjectId, Regex, Timestamp
from click.testing import CliRunner
from pydantic import SecretStr
from pymongo.errors import OperationFailure

from keepsake.backup import restoring as restores
from keepsake.backup import snapshot
from keepsake.backup.manifest import BackupFailed, Manifest
from keepsake.jobs.engine import Engine
from keepsake.jobs.errors import LeaseLost
from keepsake.jobs.indexes import job_indexes
from keepsake.jobs.settings import JobSettings
from keepsake.jobs.sweeper import Sweeper
from keepsake.launcher import administration
from keepsake.launcher.backups import make_backup, restore_backup
from keepsake.launcher.mongod import Mongod
from keepsake.launcher.process import free_port
from keepsake.launcher.settings import LauncherSettings
from keepsake.parts import EVENT_SOURCES, RECORD_SCHEMAS, job_types
from keepsake.storage import MongoSettings, StorageUnavailable, connect
from keepsake.storage.indexes import ensure_indexes
from keepsake.webhooks import dispatcher as dispatching
from keepsake.webhooks.dispatcher import Dispatcher
from keepsake.webhooks.job_types import DELIVER
from keepsake.webhooks.records import NewWebhook, Webhooks
from keepsake_client.cli import cli
from tests.factories import a_job, claimed
from tests.forks import Fork, _command_line

SHORT = JobSettings(lease_seconds=0.3, heartbeat_seconds=0.1)
ODD = {
    "_id": Int64(7), "z": 1, "a": [Decimal128("0.10"), Regex("^x", "i"), None, True, 1.5],
    "vector": Binary(b"\x27\x00" + bytes(8), 9), "at": datetime(2026, 1, 2, 3, 4, 5, 678000, UTC),
    "clock": Timestamp(5, 6), "id": ObjectId(), "$odd": {"na.me": "\0"}, "text": "ü" * 100_000,
}  # fmt: skip


@pytest.fixture
def settings(mongod):
    return LauncherSettings()


@pytest.fixture
def database(database):
    """A small one: each restore makes all collections and indexes of its backup."""
    database.client.drop_database("small")
    yield beside(database, "small")
    database.client.drop_database("small")


def beside(database, name):
    return database.client.get_database(
        name, write_concern=database.write_concern, read_concern=database.read_concern
    )


@pytest.fixture
def backup(database, tmp_path, settings):
    """Makes a backup of the run's database; its directory."""

    def make(name="backup") -> Path:
        make_backup(database, tmp_path / name, settings, mongodump=False)
        return tmp_path / name

    return make


@pytest.fixture
def other(database):
    """A database beside, empty."""
    database.client.drop_database("restored")
    yield beside(database, "restored")
    database.client.drop_database("restored")


@pytest.fixture
def engine(database):
    ensure_indexes(database, job_indexes(job_types()))
    return Engine.over(database, job_types(), SHORT)


@pytest.fixture
def restored(backup, other, settings):
    """Backs up, then restores into the database beside: an engine over that."""

    def restore() -> Engine:
        restore_backup(other, backup(), settings, drop=False)
        return Engine.over(other, job_types(), SHORT)

    return restore


def command(*arguments: str, database="small"):
    return CliRunner().invoke(cli, arguments, env={"KEEPSAKE_MONGO_DATABASE": database})


def test_a_backup_comes_back_byte_by_byte_with_its_indexes(database, other, backup, settings):
    ensure_indexes(database, job_indexes(job_types()))
    database["odd"].insert_one(ODD)
    database["many"].insert_many([{"_id": n, "of": bytes(2_000)} for n in range(5_000)])

    restore_backup(other, backup(), settings, drop=False)

    raw = bson.CodecOptions(document_class=bson.raw_bson.RawBSONDocument)
    for name in ("odd", "many"):
        was, now = (
            [each.raw for each in db.get_collection(name, codec_options=raw).find().sort("_id")]
            for db in (database, other)
        )
        assert was == now
    for name in database.list_collection_names(filter={"type": "collection"}):
        assert database[name].index_information() == other[name].index_information()


def test_commands_make_check_and_restore_for_this_user_alone(database, other, tmp_path):
    ensure_indexes(database, job_indexes(job_types()))
    database["odd"].insert_one(ODD)
    directory = str(tmp_path / "kept")

    made, checked = command("backup", "make", directory), command("backup", "check", directory)
    again = command("backup", "make", directory)
    full = command("backup", "restore", directory)
    empty = command("backup", "restore", directory, database="restored")
    told = command("backup", "restore", directory, "--drop", database="restored")

    runs = (made, checked, again, full, empty, told)
    assert [run.exit_code for run in runs] == [0, 0, 1, 1, 0, 0]
    assert "the vault's key" in made.output
    assert "is not empty" in full.output
    assert "--drop" in full.output
    assert other["odd"].find_one({"_id": 7})["text"] == ODD["text"]
    acts = [act["action"] for act in other["audit"].find().sort("_id")]
    assert acts == ["backup.make", "backup.restore"]
    paths = [tmp_path / "kept", *(tmp_path / "kept").rglob("*")]
    modes = {stat.S_IMODE(path.stat().st_mode) for path in paths}
    assert modes == {0o700, 0o600}


def test_all_that_is_read_is_of_one_moment(database, tmp_path, settings, monkeypatch):
    names = [f"pair_{n}" for n in range(4)]
    for name in names:
        database[name].insert_one({"_id": 1, "n": 0})
    stop, real = threading.Event(), snapshot._dumped

    def write():
        n = 0
        with database.client.start_session() as session:
            while not stop.is_set():
                n += 1
                with session.start_transaction():
                    for name in names:
                        database[name].update_one({"_id": 1}, {"$set": {"n": n}}, session=session)

    def slowly(database, *rest):
        before = database["pair_0"].find_one()["n"]
        while database["pair_0"].find_one()["n"] < before + 5:
            stop.wait(0.01)
        return real(database, *rest)

    monkeypatch.setattr(snapshot, "_dumped", slowly)
    writer = threading.Thread(target=write)
    writer.start()
    try:
        make_backup(database, tmp_path / "backup", settings, mongodump=False)
    finally:
        stop.set()
        writer.join()

    folder = tmp_path / "backup" / database.name
    dumped = {bson.decode((folder / f"{name}.bson").read_bytes())["n"] for name in names}
    assert len(dumped) == 1
    assert database["pair_0"].find_one()["n"] > dumped.pop() + 15


def test_a_moment_that_mongodb_keeps_no_longer_is_told_and_nothing_stays(
    database, tmp_path, settings, monkeypatch, eventually
):
    database["some"].insert_many([{"n": n} for n in range(10)])
    admin, parameter = database.client.admin, "minSnapshotHistoryWindowInSeconds"
    usual = admin.command("getParameter", 1, **{parameter: 1})[parameter]
    real = snapshot._dumped

    def later(database, name, folder, session):
        def too_old():
            database["some"].insert_one({})
            try:
                database["some"].find_one({}, session=session)
            except OperationFailure as error:
                return error.code == snapshot._TOO_OLD
            return False

        eventually(too_old, within=30)
        return real(database, name, folder, session)

    monkeypatch.setattr(snapshot, "_dumped", later)
    admin.command("setParameter", 1, **{parameter: 0})
    try:
        with pytest.raises(BackupFailed, match=parameter):
            make_backup(database, tmp_path / "backup", settings, mongodump=False)
    finally:
        admin.command("setParameter", 1, **{parameter: usual})

    assert list(tmp_path.iterdir()) == []


@pytest.mark.drill
def test_a_backup_that_is_killed_has_no_name(database, tmp_path, eventually):
    database["many"].insert_many([{"_id": n, "of": bytes(100_000)} for n in range(1_000)])
    arguments = ("backup", "make", str(tmp_path / "backups" / "kept"))
    (tmp_path / "backups").mkdir()
    process = Fork(_command_line, arguments, log=tmp_path / "log")
    eventually(lambda: list((tmp_path / "backups").rglob("*.bson")), within=30)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()

    (left,) = (tmp_path / "backups").iterdir()
    assert left.name.startswith(".kept.")
    with pytest.raises(BackupFailed, match="no whole backup"):
        Manifest.read(tmp_path / "backups" / "kept")


def test_a_damaged_backup_changes_nothing(database, other, backup, settings):
    database["some"].insert_one({"_id": 1})
    directory = backup()
    file = directory / database.name / "some.bson"
    file.write_bytes(file.read_bytes()[:-1] + b"\1")
    other["some"].insert_one({"_id": "kept"})

    with pytest.raises(BackupFailed, match=r"some\.bson .*is damaged"):
        restore_backup(other, directory, settings, drop=True)

    assert other["some"].find_one() == {"_id": "kept"}


def test_while_a_database_is_restored_in_part_nothing_is_accepted(
    database, other, engine, backup, settings, monkeypatch
):
    engine.acceptance.accept(a_job())
    directory = backup()

    def breaks_off(*_):
        raise RuntimeError("the power went")

    monkeypatch.setattr(restores, "create_indexes", breaks_off)
    with pytest.raises(RuntimeError):
        restore_backup(other, directory, settings, drop=False)
    monkeypatch.undo()

    beside = Engine.over(other, job_types())
    with pytest.raises(StorageUnavailable, match="--drop"):
        beside.acceptance.accept(a_job())
    with pytest.raises(StorageUnavailable):
        administration.ensure_indexes(other)
    with pytest.raises(BackupFailed, match="not empty"):
        restore_backup(other, directory, settings, drop=False)
    restore_backup(other, directory, settings, drop=True)
    assert beside.acceptance.accept(a_job(force=True)).created


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
    engine, database, backup, settings, monkeypatch
):
    monkeypatch.setenv("KEEPSAKE_SECRET_KEY", "A" * 43 + "=")
    monkeypatch.setattr(dispatching, "_LOOK_SECONDS", 0.3)
    Webhooks(database).create(NewWebhook("alice", "https://example.org/x", ["job.ended"]))
    dispatcher = Dispatcher(engine, EVENT_SOURCES)
    dispatcher.run_once()
    dispatcher.run_once()
    assert database["webhook_position"].find_one()["resume"]
    ended = claimed(engine)
    engine.claims.succeed(ended, {})

    restore_backup(database, backup(), settings, drop=True)
    for _ in range(3):
        dispatcher.run_once()
    later = claimed(engine, force=True)
    engine.claims.succeed(later, {})
    for _ in range(3):
        dispatcher.run_once()

    posted = [row["payload"]["data"]["job_id"] for row in database["jobs"].find(
        {"type": DELIVER.name}).sort("_id")]  # fmt: skip
    assert posted == [ended.job.id, later.job.id]


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


WATCHED = """#!/bin/sh
printf '%s\\n' "$@" >{folder}/arguments
env >{folder}/environment
for argument in "$@"; do
    case "$argument" in --config=*) file="${{argument#--config=}}" ;; esac
done
stat -c %a "$file" >{folder}/mode
cp "$file" {folder}/config
echo "cannot connect to $(cat "$file")" >&2
exit 1
"""
"""What a tool is told, written down; then it fails, and says the URL."""


def test_a_tool_gets_the_url_by_a_private_file_alone(mongod, database, tmp_path, monkeypatch):
    (tmp_path / "bin").mkdir()
    tool = tmp_path / "bin" / "mongodump"
    tool.write_text(WATCHED.format(folder=tmp_path))
    tool.chmod(0o700)
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:{os.environ['PATH']}")
    password = "s3cret-of-the-database"
    url = mongod.url.replace("//", f"//keepsake:{password}@")
    settings = LauncherSettings(mongo_url=SecretStr(url))

    with pytest.raises(BackupFailed, match="mongodump failed") as failed:
        make_backup(database, tmp_path / "backup", settings, mongodump=True)

    assert (tmp_path / "config").read_text() == f'uri: "{url}"\n'
    assert (tmp_path / "mode").read_text() == "600\n"
    told = [(tmp_path / name).read_text() for name in ("arguments", "environment")]
    assert [text for text in (*told, str(failed.value)) if password in text] == []
    assert "--oplog" in told[0].split()
    assert not (tmp_path / "backup").exists()


@pytest.mark.skipif(shutil.which("mongodump") is None, reason="MongoDB's tools are not here")
def test_mongodump_and_mongorestore_take_the_whole_server_at_one_moment(
    tmp_path, fresh, eventually
):
    server = Mongod(tmp_path / "source", free_port())
    server.start()
    source = connect(MongoSettings(mongo_url=server.url))
    names = [f"pair_{n}" for n in range(4)]
    stop = threading.Event()

    def write():
        with source.client.start_session() as session:
            for n in range(1_000_000):
                with session.start_transaction():
                    for name in names:
                        change = {"$set": {"n": n}}
                        source[name].update_one({"_id": 1}, change, upsert=True, session=session)
                if stop.is_set():
                    return

    ensure_indexes(source, job_indexes(job_types()))
    Engine.over(source, job_types()).acceptance.accept(a_job())
    writer = threading.Thread(target=write)
    writer.start()
    try:
        eventually(lambda: source["pair_0"].find_one())
        settings = LauncherSettings(mongo_url=SecretStr(server.url))
        manifest = make_backup(source, tmp_path / "backup", settings, mongodump=True)
    finally:
        stop.set()
        writer.join()
        source.client.close()
        server.kill()

    url = f"mongodb://{':'.join(map(str, fresh.client.address))}/?replicaSet=rs0"
    restore_backup(
        fresh, tmp_path / "backup", LauncherSettings(mongo_url=SecretStr(url)), drop=False
    )

    assert manifest.tool == "mongodump"
    assert len({fresh[name].find_one()["n"] for name in names}) == 1
    assert fresh["jobs"].count_documents({}) == 1
    assert "key_slot" in fresh["jobs"].index_information()


def test_a_backup_of_a_later_version_is_refused(other, backup, settings):
    directory = backup()
    manifest = Manifest.read(directory)
    later = {name: schema + 1 for name, schema in RECORD_SCHEMAS.items()}
    (directory / "manifest.json").write_text(
        manifest.model_copy(update={"schemas": later}).model_dump_json()
    )

    with pytest.raises(BackupFailed, match="with that version or a later one"):
        restore_backup(other, directory, settings, drop=False)
    assert other.list_collection_names() == []
