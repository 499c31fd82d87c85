"""What cannot be restored as a whole changes nothing, or is told until it is."""

import httpx
import pytest

from keepsake.access.keys import KeyStore
from keepsake.backup import restoring as restores
from keepsake.backup.manifest import BackupFailed, Manifest
from keepsake.jobs.engine import Engine
from keepsake.jobs.indexes import job_indexes
from keepsake.launcher import administration
from keepsake.launcher.backups import restore_backup
from keepsake.parts import RECORD_SCHEMAS, job_types
from keepsake.storage import StorageUnavailable
from keepsake.storage.indexes import IndexUpkeep
from keepsake.storage.restores import restoring
from tests.factories import a_job


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


def test_processes_that_run_on_accept_nothing_while_their_database_is_restored(
    database, web_server, eventually
):
    _, base_url = web_server(KEEPSAKE_MONGO_DATABASE=database.name)
    headers = {"Authorization": f"Bearer {KeyStore(database).create('alice')}"}

    with httpx.Client(base_url=base_url, headers=headers, timeout=60) as client:

        def post():
            turn = {"user_query": "I live in Lisbon.", "user_id": "u1"}
            return client.post("/v2/memory/ingest", json=turn)

        assert post().status_code == 202
        with restoring(database):
            database["jobs"].drop()
            refused = eventually(
                lambda: (answer := post()).status_code == 503 and answer, within=30
            )
            ready = client.get("/readyz")
            database["jobs"].drop()
            with pytest.raises(StorageUnavailable):
                IndexUpkeep(database, job_indexes(job_types())).look()
        eventually(lambda: post().status_code == 202, within=30)

    assert refused.headers["Retry-After"]
    assert (ready.status_code, ready.json()["mongodb"]) == (503, "unavailable")


def test_under_a_worker_nothing_is_restored(database, engine, backup, settings):
    directory = backup()
    engine.leases.heartbeat("worker-1", {})

    with pytest.raises(BackupFailed, match=r"stop web and workers first \(worker-1\)"):
        restore_backup(database, directory, settings, drop=True)


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
