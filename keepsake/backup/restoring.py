"""Restores an own backup: checked before the first write, marked until the last.

What comes after the documents of the backup is the caller's `mend`: it makes records fit a database
whose time and change stream have begun anew. Indexes are made last, so that nothing expires before.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, TypeAlias

import bson
import pymongo
from bson import Binary, CodecOptions, Timestamp, json_util
from bson.raw_bson import RawBSONDocument
from pymongo.database import Database
from pymongo.errors import PyMongoError

from keepsake.backup.manifest import NAME, BackupFailed, Manifest
from keepsake.storage import RESTORING, Document, cluster_time, restoring, translated

Mend: TypeAlias = Callable[[Database[Document], Manifest], None]
_RAW = CodecOptions(document_class=RawBSONDocument)
_BATCH, _BATCH_BYTES = 1_000, 8_000_000
_LONGEST_SECONDS = 86_400
_METADATA = ".metadata.json"
SERVERS_OWN = frozenset({"admin", "config", "local"})
"""The databases of MongoDB itself."""


def restore_snapshot(
    database: Database[Document], directory: Path, manifest: Manifest, mend: Mend, *, drop: bool
) -> None:
    """Fill a database with a backup.

    drop: whether what the database holds may be dropped; without it it must hold nothing.

    Raises:
        BackupFailed: A file is missing or damaged, the database is not empty, or its clock is
            behind the backup's.
        StorageError: MongoDB does not answer, or refused. The database stays marked.
    """
    manifest.verify(directory)
    if not drop:
        require_empty(database)
    reach(database, manifest.clock)
    with unhurried(database):
        empty(database)
        for path in _metadata(directory, manifest):
            _fill(database, path, manifest)
        mend(database, manifest)
        create_indexes(database, directory, manifest)


@contextmanager
def unhurried(database: Database[Document]) -> Iterator[None]:
    """Mark a database while it is restored; commands may take a day, as an index of much does.

    Raises:
        StorageError: MongoDB does not answer, or refused.
    """
    with restoring(database), translated("restoring"), pymongo.timeout(_LONGEST_SECONDS):
        yield


def require_empty(database: Database[Document]) -> None:
    """Make sure that a database holds nothing.

    Raises:
        BackupFailed: It does; or a restore into it broke off.
    """
    with translated("looking at the database"):
        names = {RESTORING, *filter(_is_ours, database.list_collection_names())}
        held = [name for name in names if database[name].find_one({}, {"_id": 1})]
    if held:
        raise BackupFailed(
            f"the database {database.name} is not empty ({', '.join(sorted(held)[:5])}): name"
            " another one with KEEPSAKE_MONGO_DATABASE, or say --drop to lose what it holds"
        )


def empty(database: Database[Document]) -> None:
    """Drop all collections, those too that the backup does not have; the mark stays."""
    for name in filter(_is_ours, database.list_collection_names()):
        database.drop_collection(name)


def _is_ours(name: str) -> bool:
    """Whether a collection is neither MongoDB's nor the mark of a restore."""
    return not name.startswith("system.") and name != RESTORING


def reach(database: Database[Document], moment: Timestamp) -> None:
    """Have a server's cluster time at a moment or past it.

    By it the jobs of a lane are in order. That of a server whose wall clock is behind the former
    one's would be earlier: what is accepted now would stand before what was accepted then. A server
    that asks for no password takes the time from us.

    Raises:
        BackupFailed: The server is behind and takes no time from us.
    """
    if cluster_time(database) > moment:
        return
    later = Timestamp(moment.time + 1, 0)
    unsigned = {"hash": Binary(b"\0" * 20), "keyId": 0}
    with database.client.start_session() as session, suppress(PyMongoError):
        session.advance_cluster_time({"clusterTime": later, "signature": unsigned})
        database.command("ping", session=session)
    behind = moment.time - cluster_time(database).time
    if behind >= 0:
        raise BackupFailed(
            f"MongoDB's clock is {behind + 1} s behind the backup's: set it, or wait for so long"
        )


def _metadata(directory: Path, manifest: Manifest) -> list[Path]:
    return [directory / file.path for file in manifest.files if file.path.endswith(_METADATA)]


def _described(path: Path) -> dict[str, Any]:
    described: dict[str, Any] = json_util.loads(path.read_text())
    return described


def _fill(database: Database[Document], path: Path, manifest: Manifest) -> None:
    """Make a collection and insert its documents as they are, some megabytes in memory at a time.

    path: of its description; the documents are beside it.
    """
    described, count = _described(path), 0
    name = described["collectionName"]
    database.create_collection(name, **described["options"])
    raw = database.get_collection(name, codec_options=_RAW)
    for batch in _batches(path.with_name(f"{path.name.removesuffix(_METADATA)}.bson")):
        raw.insert_many(batch)
        count += len(batch)
    if count != manifest.documents[name]:
        raise BackupFailed(f"{count} documents of {name}, and {manifest.documents[name]} by {NAME}")


def _batches(path: Path) -> Iterator[list[RawBSONDocument]]:
    batch: list[RawBSONDocument] = []
    size = 0
    for document in _documents(path):
        batch.append(document)
        size += len(document.raw)
        if len(batch) == _BATCH or size > _BATCH_BYTES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _documents(path: Path) -> Iterator[RawBSONDocument]:
    with path.open("rb") as file:
        yield from bson.decode_file_iter(file, _RAW)


def documents_in_file(path: Path) -> int:
    """How many documents a file has."""
    return sum(1 for _ in _documents(path))


def create_indexes(database: Database[Document], directory: Path, manifest: Manifest) -> None:
    """Make the indexes that the restored collections had, those of other databases too.

    Raises:
        PyMongoError: One cannot be made.
    """
    for path in _metadata(directory, manifest):
        described, folder = _described(path), path.parent.name
        indexes = [index for index in described["indexes"] if index["name"] != "_id_"]
        if indexes and folder not in SERVERS_OWN:
            home = database if folder == manifest.database else database.client[folder]
            home.command({"createIndexes": described["collectionName"], "indexes": indexes})
