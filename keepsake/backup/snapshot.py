"""An own backup: all collections as they were at one moment, read in a session of snapshot reads.

Each is streamed to a file as MongoDB sends it, in `mongodump`'s layout: BSON, and beside it the
indexes as JSON. MongoDB keeps a moment readable for `minSnapshotHistoryWindowInSeconds`.
"""

import hashlib
import threading
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import cast
from urllib.parse import quote

from bson import Timestamp, json_util
from pymongo.client_session import ClientSession
from pymongo.database import Database
from pymongo.errors import OperationFailure

from keepsake.backup.directories import drafted, private_file
from keepsake.backup.manifest import NAME, BackupFailed, DumpedFile, Manifest
from keepsake.storage import RESTORING, DatabaseClock, Document, cluster_time, translated

_TOO_OLD, _UNAVAILABLE = 239, 246
_TRIES = 5
_PAUSE_SECONDS = 0.5
_LENGTH_BYTES = 4


def take_snapshot(
    database: Database[Document], directory: Path, schemas: Mapping[str, int], version: str
) -> Manifest:
    """Write a backup of a database into a new directory.

    schemas: those of the records, for the manifest. version: that of Keepsake.

    Raises:
        BackupFailed: The directory cannot be written, or reading took longer than MongoDB keeps a
            moment.
        NotPrivate: Others may change what is there.
        StorageError: MongoDB does not answer, or refused.
    """
    with drafted(directory) as draft:
        folder = draft / database.name
        folder.mkdir(mode=0o700)
        moment, at, documents, files = _read(database, folder)
        manifest = Manifest(
            tool="keepsake", version=version, mongodb=_server_version(database),
            database=database.name, schemas=dict(schemas), taken_at=at,
            cluster_time=(moment.time, moment.inc), documents=documents,
            files=tuple(files),
        )  # fmt: skip
        with private_file(draft / NAME) as file:
            file.write(manifest.model_dump_json(indent=1).encode())
    return manifest


def _read(
    database: Database[Document], folder: Path
) -> tuple[Timestamp, datetime, dict[str, int], list[DumpedFile]]:
    """All collections at one moment, which is returned, or one a little later, by both clocks.

    The first read sets it. What has come between the list and that read would be missed.

    Raises:
        BackupFailed: Collections, or indexes of them, were made with every try.
    """
    for _ in range(_TRIES):
        with translated("backing up"), database.client.start_session(snapshot=True) as session:
            names = sorted(_collections(database))
            whole = _readable(database, names, session) and names == sorted(_collections(database))
            if not whole:
                threading.Event().wait(_PAUSE_SECONDS)
                continue
            at, moment = DatabaseClock().time(database).now, cluster_time(database)
            files = [_described(database, name, folder) for name in names]
            dumped = {name: _dumped(database, name, folder, session) for name in names}
            files += [file for _, file in dumped.values()]
            counts = {name: count for name, (count, _) in dumped.items()}
            return moment, at, counts, files
    raise BackupFailed("collections or indexes are being made: try again when that is over")


def _readable(database: Database[Document], names: Iterable[str], session: ClientSession) -> bool:
    """Read each collection once in the snapshot; False when one cannot be.

    One that was made, or got an index, a moment ago cannot be read as it was before that.
    """
    try:
        for name in names:
            database[name].find_one({}, {"_id": 1}, session=session)
    except OperationFailure as error:
        if error.code != _UNAVAILABLE:
            raise
        return False
    return True


def _collections(database: Database[Document]) -> Iterable[str]:
    for name in database.list_collection_names(filter={"type": "collection"}):
        if not name.startswith("system.") and name != RESTORING:
            yield name


def _described(database: Database[Document], name: str, folder: Path) -> DumpedFile:
    """Write the options and the indexes of a collection."""
    (listed,) = database.list_collections(filter={"name": name})
    described = {
        "options": listed["options"],
        "indexes": list(database[name].list_indexes()),
        "collectionName": name,
        "type": "collection",
    }
    content = json_util.dumps(described, json_options=json_util.CANONICAL_JSON_OPTIONS).encode()
    return _written([content], folder / f"{quote(name, safe='')}.metadata.json")


def _dumped(
    database: Database[Document], name: str, folder: Path, session: ClientSession
) -> tuple[int, DumpedFile]:
    """Write the documents of a collection, a batch of MongoDB's in memory at a time.

    Raises:
        BackupFailed: MongoDB keeps the moment no longer.
    """
    count = 0

    def counted() -> Iterable[bytes]:
        nonlocal count
        for batch in database[name].find_raw_batches({}, session=session):
            some = cast("bytes", batch)  # what pymongo gives and does not declare
            count += _documents_in(some)
            yield some

    try:
        file = _written(counted(), folder / f"{quote(name, safe='')}.bson")
    except OperationFailure as error:
        if error.code != _TOO_OLD:
            raise
        raise BackupFailed(
            "reading took longer than MongoDB keeps a moment: raise its parameter"
            " minSnapshotHistoryWindowInSeconds (docs/operating.md), or use mongodump"
        ) from error
    return count, file


def _written(pieces: Iterable[bytes], path: Path) -> DumpedFile:
    size, digest = 0, hashlib.sha256()
    with private_file(path) as file:
        for piece in pieces:
            file.write(piece)
            size += len(piece)
            digest.update(piece)
    return DumpedFile(path=f"{path.parent.name}/{path.name}", bytes=size, sha256=digest.hexdigest())


def _documents_in(batch: bytes) -> int:
    """How many BSON documents follow each other; each begins with its length."""
    count = at = 0
    while at < len(batch):
        at += int.from_bytes(batch[at : at + _LENGTH_BYTES], "little")
        count += 1
    return count


def _server_version(database: Database[Document]) -> str:
    return str(database.client.server_info()["version"])
