"""Backups as operators make and restore them, and the compaction of a private MongoDB by one."""

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from pydantic import SecretStr
from pymongo.database import Database

from keepsake import __version__
from keepsake.backup import (
    SERVERS_OWN,
    BackupFailed,
    Manifest,
    restore_by_mongorestore,
    restore_snapshot,
    take_by_mongodump,
    take_snapshot,
)
from keepsake.jobs import Engine, Vault, resume_restored
from keepsake.launcher.administration import note
from keepsake.launcher.data_directory import ASIDE, MONGO, held, in_use, started
from keepsake.launcher.process import CannotStart
from keepsake.launcher.settings import LauncherSettings, vault_settings
from keepsake.parts import RECORD_SCHEMAS, job_types
from keepsake.storage import DatabaseClock, Document, private_directory, refuse_half_restored

_DRAFT, _ANEW = "compacting", "mongo.new"


def make_backup(
    database: Database[Document], directory: Path, settings: LauncherSettings, *, mongodump: bool
) -> Manifest:
    """Write a backup into a new directory.

    mongodump: whether that tool makes it, of the whole server.

    Raises:
        BackupFailed: It cannot be written, MongoDB keeps no moment for so long, or the tool failed.
        CannotStart: The tool is meant for a server of one's own.
        NotPrivate: Others may change the directory.
        StorageError: MongoDB does not answer.
    """
    refuse_half_restored(database)
    note(database, "backup.make", directory.name)
    if mongodump:
        url = _url_for_tools(settings)
        return take_by_mongodump(database, url, directory, RECORD_SCHEMAS, __version__)
    return take_snapshot(database, directory, RECORD_SCHEMAS, __version__)


def _url_for_tools(settings: LauncherSettings) -> SecretStr:
    if settings.starts_mongod:
        raise CannotStart("mongodump and mongorestore need the KEEPSAKE_MONGO_URL of a server")
    return settings.mongo_url


def restore_backup(
    database: Database[Document], directory: Path, settings: LauncherSettings, *, drop: bool
) -> tuple[Manifest, int]:
    """Restore a backup; what it was, and how many credentials no key opens that is set.

    drop: whether what the database holds may be dropped.

    Raises:
        BackupFailed: It is damaged, or may not be restored here, or a worker runs on it.
        StorageError: MongoDB does not answer.
    """
    manifest = Manifest.read(directory)
    manifest.require_known(RECORD_SCHEMAS)
    _require_idle(database)
    if manifest.tool == "mongodump":
        url = _url_for_tools(settings)
        restore_by_mongorestore(database, url, directory, manifest, _mend, drop=drop)
    else:
        restore_snapshot(database, directory, manifest, _mend, drop=drop)
    note(database, "backup.restore", directory.name, f"as of {manifest.taken_at.isoformat()}")
    return manifest, Vault(database, vault_settings(settings)).closed()


def _require_idle(database: Database[Document]) -> None:
    """Make sure that no worker runs on what is to be dropped. Of web processes nobody knows.

    Raises:
        BackupFailed: One has sent a heartbeat a moment ago.
    """
    workers = Engine.over(database, job_types()).leases.workers()
    if alive := [str(worker["_id"]) for worker in workers if worker["alive"]]:
        raise BackupFailed(
            f"workers run on {database.name}: stop web and workers first ({', '.join(alive[:5])})"
        )


def _mend(database: Database[Document], manifest: Manifest) -> None:
    """By MongoDB's clock: that of this host may be wrong."""
    resume_restored(database, DatabaseClock().time(database).now - manifest.taken_at)


@dataclass(frozen=True, slots=True)
class Compacted:
    """How large the files of a MongoDB were, and are."""

    bytes_before: int
    bytes_after: int


def compact(settings: LauncherSettings) -> Compacted:
    """Write the private MongoDB anew: nothing that was deleted is in its files any more.

    Its documents go through a backup into a new directory, which then takes the old one's place;
    what stops this on the way leaves the old one.

    Raises:
        CannotStart: It is not private, or runs.
        BackupFailed: There is no room for it.
        StorageError: MongoDB does not answer.
    """
    root = settings.data_dir.resolve()
    if not settings.starts_mongod:
        raise CannotStart("KEEPSAKE_MONGO_URL names a MongoDB of yours: sync each of its members"
                          " anew instead (docs/operating.md)")  # fmt: skip
    if in_use(root):
        raise CannotStart(f"a run uses {root}: stop it first")
    if not (root / MONGO).exists() and not (root / ASIDE).exists():
        raise CannotStart(f"there is no MongoDB in {root}")
    with held(private_directory(root)):
        for name in (_DRAFT, _ANEW):
            shutil.rmtree(root / name, ignore_errors=True)
        try:
            return _rewritten(settings, root)
        finally:
            for name in (_DRAFT, _ANEW):
                shutil.rmtree(root / name, ignore_errors=True)


def _rewritten(settings: LauncherSettings, root: Path) -> Compacted:
    """Every database, as the private server may hold several of other names."""
    manifests = {}
    with started(settings, root / MONGO) as database:
        note(database, "compact", database.name)
        for name in set(database.client.list_database_names()) - SERVERS_OWN:
            one = _named(database, name)
            refuse_half_restored(one)
            manifests[name] = take_snapshot(one, root / _DRAFT / name, RECORD_SCHEMAS, __version__)
    before = _size(root / MONGO)
    with started(settings, root / _ANEW) as database:
        for name, manifest in manifests.items():
            one = _named(database, name)
            restore_snapshot(one, root / _DRAFT / name, manifest, _mend, drop=False)
    after = _size(root / _ANEW)
    (root / MONGO).rename(root / ASIDE)
    (root / _ANEW).rename(root / MONGO)
    os.sync()
    shutil.rmtree(root / ASIDE)
    return Compacted(before, after)


def _named(database: Database[Document], name: str) -> Database[Document]:
    return database.client.get_database(
        name, write_concern=database.write_concern, read_concern=database.read_concern
    )


def _size(directory: Path) -> int:
    return sum(path.stat().st_size for path in directory.rglob("*") if path.is_file())
