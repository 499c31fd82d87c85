"""The reference design: insert a job document durably, workers poll MongoDB for it.

Web: `uvicorn bench.peers.mongo_polling:app`; worker: `python -m bench.peers.mongo_polling`.
"""

import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from pymongo.collection import Collection

from bench.peers.request import PATH, Ingest, Taken, application, started
from keepsake.storage import connect

POLL_SECONDS = 1.0
"""How long a worker waits that has nothing to claim."""
app = application()


def jobs() -> Collection[dict[str, Any]]:
    """The job documents, with an index for the workers."""
    collection = connect()["peer_jobs"]
    collection.create_index([("status", 1), ("created_at", 1)])
    return collection


_JOBS = jobs()


@app.post(PATH, status_code=202)
def ingest(body: Ingest) -> Taken:
    """Insert; PyMongo blocks, so this runs in FastAPI's thread pool."""
    return Taken(id=insert(body.model_dump()))


def insert(payload: dict[str, Any]) -> str:
    """Queue a job; its id."""
    job_id = uuid4().hex
    _JOBS.insert_one(
        {"_id": job_id, "status": "queued", "created_at": datetime.now(UTC), "attempts": 0,
         "payload": payload}
    )  # fmt: skip
    return job_id


def queued() -> int:
    """How many jobs no worker has taken."""
    return _JOBS.count_documents({"status": "queued"})


def work(stop: threading.Event) -> None:
    """Claim, do nothing, complete; wait when there is nothing to claim."""
    while not stop.is_set():
        claimed = _JOBS.find_one_and_update(
            {"status": "queued"},
            {"$set": {"status": "running", "started_at": datetime.now(UTC)},
             "$inc": {"attempts": 1}},
            sort=[("created_at", 1)],
        )  # fmt: skip
        if claimed is None:
            stop.wait(POLL_SECONDS)
        else:
            started(claimed["payload"])
            done = {"status": "done", "ended_at": datetime.now(UTC)}
            _JOBS.update_one({"_id": claimed["_id"]}, {"$set": done})


if __name__ == "__main__":
    threads = int(sys.argv[1]) if len(sys.argv) > 1 else 4
    never = threading.Event()
    with ThreadPoolExecutor(threads) as pool:
        print("ready", flush=True)
        for _ in range(threads):
            pool.submit(work, never)
