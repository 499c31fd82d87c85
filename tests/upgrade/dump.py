"""A database in a file: a line of BSON for all that it is, then its indexes and records, packed."""

import gzip
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import bson
from bson.codec_options import CodecOptions
from pymongo import IndexModel

FILE = Path(__file__).parent / "former.dump.gz"
KEEPS = CodecOptions(tz_aware=True)
PAUSE = timedelta(seconds=60)
"""As if its processes had ended so long ago: their leases are over, and their heartbeats too."""
_KINDS = ("unique", "expireAfterSeconds", "partialFilterExpression", "sparse")


def write(path: Path, database, about: dict[str, Any]) -> None:
    """Write all of a database. about: what else a reader needs to know."""
    documents = [{"about": {**about, "at": datetime.now(UTC)}}]
    for name in sorted(
        database.list_collection_names(filter={"name": {"$not": {"$regex": "^system"}}})
    ):
        indexes = [_index(spec) for spec in database[name].list_indexes() if spec["name"] != "_id_"]
        documents.append({"collection": name, "indexes": indexes})
        documents += [{"record": record} for record in database[name].find().sort("_id", 1)]
    raw = b"".join(bson.encode(document) for document in documents)
    path.write_bytes(gzip.compress(raw, mtime=0))


def about(path: Path = FILE) -> dict[str, Any]:
    """What the writer of a dump says of it."""
    said: dict[str, Any] = next(_read(path))["about"]
    return said


def load(database, places: dict[str, str], path: Path = FILE) -> None:
    """Make a database as it was, a minute after it was written.

    places: what stands for addresses and folders that are not there any more.
    """
    documents = _read(path)
    later = datetime.now(UTC) - PAUSE - next(documents)["about"]["at"]
    name, records = "", []
    for document in documents:
        if "collection" in document:
            _insert(database, name, records)
            name, records = document["collection"], []
            database.create_collection(name)
            if document["indexes"]:
                database[name].create_indexes([
                    IndexModel(list(index["keys"].items()), name=index["name"], **index["options"])
                    for index in document["indexes"]
                ])  # fmt: skip
        else:
            records.append(moved(document["record"], places, later))
    _insert(database, name, records)


def _read(path: Path) -> Iterator[dict[str, Any]]:
    with gzip.open(path) as file:
        yield from bson.decode_file_iter(file, KEEPS)


def _insert(database, name: str, records: list[dict[str, Any]]) -> None:
    if records:
        database[name].insert_many(records)


def _index(spec) -> dict[str, Any]:
    return {"name": spec["name"], "keys": dict(spec["key"]),
            "options": {kind: spec[kind] for kind in _KINDS if kind in spec}}  # fmt: skip


def moved(value: Any, places: dict[str, str], later: timedelta = timedelta()) -> Any:
    """A value with its places replaced, and its times as if it had been written later."""
    if isinstance(value, dict):
        return {name: moved(each, places, later) for name, each in value.items()}
    if isinstance(value, list):
        return [moved(each, places, later) for each in value]
    if isinstance(value, datetime):
        return value + later
    if isinstance(value, str):
        for former, present in places.items():
            value = value.replace(former, present)
    return value
