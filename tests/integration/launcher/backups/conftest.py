"""Small databases on the run's mongod: one that is backed up, and one that it is restored into."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from keepsake.jobs.engine import Engine
from keepsake.jobs.indexes import job_indexes
from keepsake.jobs.settings import JobSettings
from keepsake.launcher.backups import make_backup, restore_backup
from keepsake.launcher.settings import LauncherSettings
from keepsake.parts import job_types
from keepsake.storage.indexes import ensure_indexes
from keepsake_client.cli import cli

SHORT = JobSettings(lease_seconds=0.3, heartbeat_seconds=0.1)


@pytest.fixture(autouse=True)
def _long_bounds(monkeypatch):
    """What is bounded by seconds of a busy production is not so on a busy machine of tests."""
    monkeypatch.setattr("keepsake.jobs.sweeper._LOCK_WAIT_MS", 60_000)
    monkeypatch.setattr("keepsake.jobs.change_feed.LOG_SECONDS", 60)


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
