"""What operators do at the command line: in the audit log before it is done, as over HTTP."""

import os
import pwd
from contextlib import suppress
from typing import TYPE_CHECKING

from pydantic import SecretStr
from pymongo.database import Database
from pymongo.errors import PyMongoError

from keepsake import storage
from keepsake.access import Act, AuditLog, KeyStore
from keepsake.jobs import (
    Migrations,
    MigrationState,
    MigrationStep,
    Rewrapped,
    Vault,
    VaultSettings,
)
from keepsake.launcher.mongod import REPLICA_SET
from keepsake.launcher.process import LOOPBACK, CannotStart
from keepsake.launcher.settings import LauncherSettings
from keepsake.parts import RECORD_SCHEMAS, declared_indexes, job_types
from keepsake.storage import Document, IndexState, MongoSettings, connect, read_secret

if TYPE_CHECKING:
    from web import NewKey


def open_database(settings: LauncherSettings) -> Database[Document]:
    """Open the MongoDB that is configured, else the private one of the data directory.

    Raises:
        CannotStart: It does not answer, or is no replica set.
        NotPrivate: Others may change where the data directory says that it is.
    """
    if not settings.starts_mongod:
        return opened(settings, "KEEPSAKE_MONGO_URL")
    path = settings.remembered_mongo
    if "mongo_port" not in settings.model_fields_set and path.exists():
        url, place = read_secret(path), str(path)
    else:
        url = f"mongodb://{LOOPBACK}:{settings.mongo_port}/?replicaSet={REPLICA_SET}"
        place = "KEEPSAKE_MONGO_PORT"
    return opened(MongoSettings(mongo_url=SecretStr(url)), place)


def opened(settings: MongoSettings, place: str) -> Database[Document]:
    """Open a MongoDB; what is said of it does not repeat the URL.

    Raises:
        CannotStart: It does not answer, or is no replica set.
    """
    try:
        database = connect(settings)
        answer = database.command("hello")
    except PyMongoError as error:
        raise CannotStart(
            f"no MongoDB answers where {place} says ({type(error).__name__}): "
            "start it, or name another one with KEEPSAKE_MONGO_URL"
        ) from error
    if "setName" not in answer:
        database.client.close()
        raise CannotStart(f"{place} leads to no replica set: jobs need its transactions")
    return database


def create_key(database: Database[Document], new: "NewKey") -> str:
    """Make a key; it is shown once and stored only as a hash.

    Raises:
        StorageError: MongoDB does not answer.
    """
    note(database, "key.create", new.owner, f"role {new.role}")
    return new.made_in(KeyStore(database))


def rewrap_vault(database: Database[Document], settings: VaultSettings) -> Rewrapped:
    """Seal every credential with the newest key.

    Raises:
        VaultClosed: No key is set.
        StorageError: MongoDB does not answer.
    """
    vault = Vault(database, settings)
    note(database, "vault.rewrap", "vault")
    return vault.rewrap()


def repair_indexes(database: Database[Document]) -> list[IndexState]:
    """Create the indexes that are missing and rebuild those that differ; these are returned.

    Raises:
        StorageError: MongoDB does not answer.
    """
    note(database, "indexes.repair", database.name)
    return storage.repair_indexes(database, declared_indexes(job_types()))


def ensure_indexes(database: Database[Document]) -> None:
    """Create the indexes that are missing, in a database that this version can work on.

    Raises:
        FormerRecords: It holds records of before the first release.
        StorageUnavailable: It is restored in part.
        StorageError: One is there with other keys or options.
    """
    storage.refuse_half_restored(database)
    storage.refuse_former(database, RECORD_SCHEMAS)
    storage.ensure_indexes(database, declared_indexes(job_types()))


def index_states(database: Database[Document]) -> list[IndexState]:
    """How each declared index stands."""
    return storage.inspect_indexes(database, declared_indexes(job_types()))


def migrate(database: Database[Document], step: MigrationStep) -> list[str]:
    """Ask for the jobs of a step of all migrations that have it before them; their names.

    Raises:
        FormerWorkers: It is the last step, and a worker of a former version lives.
        StorageError: MongoDB does not answer.
    """
    migrations = Migrations(database, job_types())
    if not migrations.before(step):
        return []
    note(database, "migrate", str(step))
    return migrations.request(step)


def migration_states(database: Database[Document]) -> list[MigrationState]:
    """How far each migration is."""
    return Migrations(database, job_types()).states()


def note(database: Database[Document], action: str, target: str, reason: str = "") -> None:
    """Write in the audit log what the command line is about to do.

    Raises:
        StorageError: It is not written, so it must not be done.
    """
    act = Act(by=f"command line: {_user()}", key_id="", action=action, target=target, reason=reason)
    AuditLog(database).note(act)


def _user() -> str:
    with suppress(KeyError):
        return pwd.getpwuid(os.getuid()).pw_name
    return str(os.getuid())
