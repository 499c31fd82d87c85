"""Batches and conversations whose workers die with -9, one after the other, in each stage."""

import json
from datetime import UTC, datetime

import numpy as np
import pytest

from jobs.policy import JobType
from jobs.states import State
from memory.storing.vector_bytes import unpacked

VARIABLE = "DOOMED_AT"

PLACES = ["Paris", "Rome", "Oslo", "Lima", "Cork", "Graz"]
LINES = [line for place in PLACES for line in (
    f"I moved to {place}.", f"I like {place} and tea.", "I saw my doctor last Friday.",
    "I have a dog named Rex.", "I sold my dog.", "What is a good film?")]  # fmt: skip


def a_batch(user_id):
    items = [
        {"user_query": line, "user_id": user_id, "session_datetime": f"2024-05-{1 + n % 28:02}"}
        for n, line in enumerate(LINES)
    ]
    return JobType.MEMORY_BATCH_INGEST, {"items": items}


def a_conversation(user_id):
    began = datetime(2024, 5, 1, tzinfo=UTC).timestamp()
    messages = [
        message for n, line in enumerate(LINES)
        for message in (
            {"role": "user", "content": line, "id": f"m{n}", "create_time": began + 86_400 * n},
            {"role": "assistant", "content": "I see."})
    ]  # fmt: skip
    return JobType.MEMORY_SCRAPE, {"transcript": json.dumps(messages), "user_id": user_id}


@pytest.fixture
def stored(database):
    """A user's memories, in words that do not name the job and the user; and their vectors.

    These differ in their last bits with the texts that were embedded beside them.
    """

    def look(user_id, job_id):
        hidden = {"rev": 0, "order": 0, "created_at": 0, "identity": 0}
        found = list(database["memories"].find({"user_id": user_id}, hidden).sort("_id", 1))
        vectors = [unpacked(one.pop("vector")).ravel() for one in found]
        words = [repr(one).replace(job_id, "JOB").replace(user_id, "USER") for one in found]
        return words, np.concatenate(vectors)

    return look


@pytest.fixture
def told(database):
    """What was written of a job since, in order: its progress, and which items it told of."""
    with database["jobs"].watch() as changes:

        def look(job_id):
            progress, items = [], []
            while (change := changes.try_next()) is not None:
                if change["documentKey"]["_id"] == job_id and "updateDescription" in change:
                    changed = change["updateDescription"]["updatedFields"]
                    done = changed.get("progress", {}).get("done", changed.get("progress.done"))
                    progress += [] if done is None else [done]
                    items += changed.get("items", ())
                    items += [name.split(".")[1] for name in changed if name.startswith("items.")]
            return progress, items

        yield look


@pytest.mark.timeout(300)
@pytest.mark.parametrize(
    ("work", "fates"),
    [
        (a_batch, ["read:8", "embedded:3", "in the transaction:5", "woven:9", "saved:2"]),
        (a_conversation, ["parsed:1", "in the transaction:14", "saved:4"]),
    ],
)
def test_workers_killed_in_each_stage_make_the_same_memories_and_go_on_where_they_were(
    posted, fast_worker, eventually, job, stored, told, work, fates
):
    def started(**environment):
        return fast_worker(module="tests.faults.doomed", KEEPSAKE_CRASH_LIMIT="99", **environment)

    killed = posted(*work("killed"))
    for fate in fates:
        one = started(**{VARIABLE: fate})
        eventually(lambda one=one: not one.running, within=60)
    started()
    done = job(killed, State.SUCCEEDED, within=120)
    alive = posted(*work("alive"))
    job(alive, State.SUCCEEDED, within=120)

    progress, items = told(killed)
    assert done.get("crashes") == len(fates)
    (words, vectors), (wanted, near) = stored("killed", killed), stored("alive", alive)
    assert words == wanted
    assert np.allclose(vectors, near, atol=1e-5)
    assert progress == sorted(progress)
    assert progress[-1] == len(LINES)
    assert sorted(items, key=int) == [str(position) for position in range(len(LINES))]
