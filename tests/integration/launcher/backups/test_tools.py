"""`keepsake backup --mongodump`: MongoDB's own tools, called without showing them to others."""

import os
import shutil
import threading

import pytest
from pydantic import SecretStr

from keepsake.backup.manifest import BackupFailed, Manifest
from keepsake.jobs.engine import Engine
from keepsake.jobs.indexes import job_indexes
from keepsake.launcher.backups import make_backup, restore_backup
from keepsake.launcher.mongod import Mongod
from keepsake.launcher.process import free_port
from keepsake.launcher.settings import LauncherSettings
from keepsake.parts import job_types
from keepsake.storage import MongoSettings, connect
from keepsake.storage.indexes import ensure_indexes
from tests.factories import a_job

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


def test_what_a_restored_dump_does_not_have_is_not_left_of_what_was_there(
    mongod, other, backup, tmp_path, monkeypatch
):
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "mongorestore").write_text("#!/bin/sh\n")
    (tmp_path / "bin" / "mongorestore").chmod(0o700)
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:{os.environ['PATH']}")
    other["of_another_version"].insert_one({"_id": 1})
    directory = backup()
    of_a_tool = {"tool": "mongodump", "database": other.name, "files": (), "documents": {}}
    manifest = Manifest.read(directory).model_copy(update=of_a_tool)
    (directory / "manifest.json").write_text(manifest.model_dump_json())

    restore_backup(other, directory, LauncherSettings(mongo_url=SecretStr(mongod.url)), drop=True)

    assert set(other.list_collection_names()) == {"audit"}


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
