"""Whether MongoDB takes what an accepted job needs."""

import pymongo
from pymongo import WriteConcern

from keepsake.storage.errors import translated
from keepsake.storage.mongo import Documents

PROBES = "probes"
_SECONDS = 2.0


def require_writes(database: Documents) -> None:
    """Write to the disks of a majority, and wait for no longer than two seconds.

    Raises:
        StorageError: The write was refused, or not done in time.
    """
    durable = database.get_collection(PROBES, write_concern=WriteConcern(w="majority", j=True))
    with translated("probing"), pymongo.timeout(_SECONDS):
        durable.update_one({"_id": "write"}, {"$currentDate": {"at": True}}, upsert=True)
