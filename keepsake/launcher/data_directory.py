"""The data directory of `keepsake run`: held by one process at a time, with the MongoDB in it."""

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from pydantic import SecretStr
from pymongo.database import Database

from keepsake.launcher.administration import open_database, opened
from keepsake.launcher.environment import orphans
from keepsake.launcher.mongod import Mongod
from keepsake.launcher.process import CannotStart, require_free
from keepsake.launcher.settings import LauncherSettings
from keepsake.storage import Document, MongoSettings, private_directory

MONGO, ASIDE = "mongo", "mongo.old"


@contextmanager
def held(directory: Path) -> Iterator[None]:
    """Hold a data directory; one run at a time.

    A compaction that was cut off is taken back, or finished if the new directory has its name.

    Raises:
        CannotStart: Another run holds it, or it cannot be written to.
    """
    with _locked(directory):
        if (directory / ASIDE).exists() and not (directory / MONGO).exists():
            (directory / ASIDE).rename(directory / MONGO)
        shutil.rmtree(directory / ASIDE, ignore_errors=True)
        yield


def in_use(directory: Path) -> bool:
    """Whether a run holds a data directory, or left processes when it was killed."""
    if orphans(directory):
        return True
    if not (directory / "lock").exists():
        return False
    try:
        _locked(directory).close()
    except CannotStart:
        return True
    return False


@contextmanager
def database_of(settings: LauncherSettings) -> Iterator[Database[Document]]:
    """The service's MongoDB. A private one that does not run is started, and stopped at the end.

    Raises:
        CannotStart: It does not answer, is no replica set, or does not come up.
        NotPrivate: Others may change the data directory.
    """
    if not settings.starts_mongod or in_use(settings.data_dir):
        database = open_database(settings)
        try:
            yield database
        finally:
            database.client.close()
        return
    root = private_directory(settings.data_dir)
    with held(root), started(settings, root / MONGO) as database:
        yield database


@contextmanager
def started(settings: LauncherSettings, directory: Path) -> Iterator[Database[Document]]:
    """A private mongod over a directory of a data directory that is held.

    Raises:
        CannotStart: It does not come up.
    """
    require_free(settings.mongo_port, "KEEPSAKE_MONGO_PORT")
    os.umask(0o077)  # what it writes is for this user alone
    mongod = Mongod(directory, settings.mongo_port)
    try:
        mongod.start()
        database = opened(
            MongoSettings(mongo_url=SecretStr(mongod.url), mongo_database=settings.mongo_database),
            "KEEPSAKE_MONGO_PORT",
        )
        yield database
        database.client.close()
    finally:
        mongod.stop()


def _locked(directory: Path) -> IO[str]:
    try:
        lock = (directory / "lock").open("w")
    except OSError as error:
        raise CannotStart(f"cannot write to {directory}: {error.strerror}") from None
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.close()
        raise CannotStart(
            f"another run uses {directory}: stop it or set KEEPSAKE_DATA_DIR"
        ) from None
    return lock
