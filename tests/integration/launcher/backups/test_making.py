"""`keepsake backup`: consistent, private, whole or not at all."""

import os
import signal
import stat
import threading
from datetime import UTC, datetime

import bson
import pytest
from bson import Binary, Decimal128, Int64, ObjectId, Regex, Timestamp
from pymongo.errors import OperationFailure

from keepsake.backup import snapshot
from keepsake.backup.manifest import BackupFailed, Manifest
from keepsake.jobs.indexes import job_indexes
from keepsake.launcher.backups import make_backup, restore_backup
from keepsake.parts import job_types
from keepsake.storage.indexes import ensure_indexes
from tests.forks import Fork, _command_line
from tests.integration.launcher.backups.conftest import command

ODD = {
    "_id": Int64(7), "z": 1, "a": [Decimal128("0.10"), Regex("^x", "i"), None, True, 1.5],
    "vector": Binary(b"\x27\x00" + bytes(8), 9), "at": datetime(2026, 1, 2, 3, 4, 5, 678000, UTC),
    "clock": Timestamp(5, 6), "id": ObjectId(), "$odd": {"na.me": "\0"}, "text": "ü" * 100_000,
}  # fmt: skip


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

    def together(session):
        for name in names:
            database[name].update_one({"_id": 1}, {"$inc": {"n": 1}}, session=session)

    def write():
        with database.client.start_session() as session:
            while not stop.is_set():
                session.with_transaction(together)  # again, if a busy MongoDB aborts it

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


def test_a_collection_that_is_made_as_a_backup_begins_is_in_it_or_nothing_of_its_time_is(
    database, tmp_path, settings, monkeypatch
):
    database["before"].insert_one({"_id": 1})
    real = snapshot._readable

    def as_it_begins(*of):
        if "made" not in database.list_collection_names():
            database["made"].insert_one({"_id": 1})
            database["before"].update_one({"_id": 1}, {"$set": {"refers_to": "made"}})
        return real(*of)

    monkeypatch.setattr(snapshot, "_readable", as_it_begins)
    manifest = make_backup(database, tmp_path / "backup", settings, mongodump=False)

    dumped = (tmp_path / "backup" / database.name / "before.bson").read_bytes()
    assert ("refers_to" in bson.decode(dumped)) == ("made" in manifest.documents)


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
