"""Batches and conversations whose workers die with -9, one after the other, in each stage."""

import json
import re
from datetime import UTC, datetime
from functools import reduce

import numpy as np
import pytest

from keepsake.jobs.job import Job
from keepsake.jobs.states import State
from keepsake.memory.job_types import BATCH_INGEST, SCRAPE, UPLOAD
from keepsake.memory.models import MemoryScope
from keepsake.memory.storing.documents import unpacked_vectors
from keepsake.memory.storing.spools import Spools
from tests import tls_site
from tests.integration.memory.model_server import ModelServer, extraction, memory

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
    return BATCH_INGEST.name, {"items": items}


def a_conversation(user_id):
    began = datetime(2024, 5, 1, tzinfo=UTC).timestamp()
    messages = [
        message for n, line in enumerate(LINES)
        for message in (
            {"role": "user", "content": line, "id": f"m{n}", "create_time": began + 86_400 * n},
            {"role": "assistant", "content": "I see."})
    ]  # fmt: skip
    return SCRAPE.name, {"transcript": json.dumps(messages), "user_id": user_id}


@pytest.fixture
def stored(database):
    """A user's memories, in words that name neither job nor user nor time; and their vectors.

    These differ in their last bits with the texts that were embedded beside them.
    """

    def look(user_id, job_id):
        record = Job(database["jobs"].find_one({"_id": job_id}))
        accepted = repr(record.accepted_at.replace(tzinfo=None)).rstrip(")")
        names = {job_id: "JOB", user_id: "USER", accepted: "ACCEPTED"}
        hidden = {"rev": 0, "order": 0, "created_at": 0, "identity": 0}
        memories = list(database["memories"].find({"user_id": user_id}, hidden).sort("_id", 1))
        vectors = [unpacked_vectors(memory.pop("vector")).ravel() for memory in memories]
        words = [reduce(lambda text, name: text.replace(*name), names.items(), repr(memory))
                 for memory in memories]  # fmt: skip
        return words, np.concatenate(vectors)

    return look


@pytest.fixture
def shown(database):
    """What was written of a job since, in order: its progress, and which items it showed."""
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


@pytest.fixture
def site(tmp_path):
    with tls_site.serving(tls_site.certificate(tmp_path, "localhost")) as serving:
        yield serving


@pytest.fixture
def model():
    """A language model that says where the user lives, and which known memory is no more."""
    server = ModelServer()
    lived = re.compile(r"I moved to (\w+)\.")

    def answer(handler):
        asked = material(handler.request_body)
        places = [
            memory(f"The user lives in {match[1]}.", match[0], attribute="lives_in",
                   value=match[1], single=True, replaces=known_home(asked))
            for match in lived.finditer(asked[-1]["user"])
        ]  # fmt: skip
        server.write(handler, extraction(*places))

    server.script = [answer]
    yield server
    server.stop()


def material(request):
    """The records of a prompt: known memories, turns before, and at last the turn it is about."""
    lines = request["messages"][-1]["content"].splitlines()
    return [json.loads(line) for line in lines if line.startswith("{")]


def known_home(records):
    homes = [record["known_memory"] for record in records
             if "known_memory" in record and "lives in" in record["content"]]  # fmt: skip
    return homes[0] if homes else 0


@pytest.fixture
def doomed(forked_worker, eventually, database):
    """Workers that die at one stage after the other, and then one that lives.

    The next one starts while one is at work, and waits for the lease to end.
    """

    def run(job_id, fates, between=lambda _: None, **environment):
        settings = {"KEEPSAKE_CRASH_LIMIT": "99", **environment}

        def start(fate):
            return forked_worker("tests.faults.doomed", **settings, **{VARIABLE: fate})

        worker = start(fates[0])
        for number, fate in enumerate(fates, 1):
            began = {"_id": job_id, "token": {"$gte": number}}
            eventually(lambda began=began: database["jobs"].find_one(began), within=60)
            following = start(fates[number] if number < len(fates) else "")
            eventually(lambda worker=worker: worker.exit_code is not None, within=60)
            between(fate)
            worker = following

    return run


@pytest.mark.drill
@pytest.mark.timeout(300)
@pytest.mark.parametrize(
    ("work", "fates"),
    [
        (a_batch, ["read:8", "embedded:3", "in the transaction:5", "woven:9", "saved:2"]),
        (a_conversation, ["parsed:1", "in the transaction:14", "saved:4"]),
    ],
)
def test_workers_killed_in_each_stage_make_the_same_memories_and_go_on_where_they_were(
    posted, doomed, job, stored, shown, work, fates
):
    killed = posted(*work("killed"))
    doomed(killed, fates)
    done = job(killed, State.SUCCEEDED, within=120)
    alive = posted(*work("alive"))
    job(alive, State.SUCCEEDED, within=120)

    progress, items = shown(killed)
    assert done.get("crashes") >= len(fates)  # a slow machine may lose a lease besides
    same(stored("killed", killed), stored("alive", alive))
    assert progress == sorted(progress)
    assert progress[-1] == len(LINES)
    assert sorted(items, key=int) == [str(position) for position in range(len(LINES))]


@pytest.mark.drill
@pytest.mark.timeout(300)
def test_a_link_read_by_killed_workers_is_kept_as_first_read_and_no_step_pays_a_model_twice(
    posted, doomed, job, stored, site, model, tmp_path
):
    lines = LINES[:18]
    talk = "".join(f"User: {line}\nAssistant: I see.\n" for line in lines)
    site.paths["/share"] = tls_site.page(talk)
    link = {"url": f"https://localhost:{site.server_port}/share"}

    def changed_once_it_was_saved(fate):
        if fate == "saved:2":
            site.paths["/share"] = tls_site.page("User: I moved to Nowhere.\nAssistant: I see.")

    killed = posted(SCRAPE.name, {**link, "user_id": "killed"})
    fates = ["fetched:1", "saved:2", "reply kept:3", "in the transaction:2", "woven:2"]
    doomed(
        killed, fates, changed_once_it_was_saved,
        KEEPSAKE_LINK_HOSTS=f'["localhost:{site.server_port}"]',
        SSL_CERT_FILE=str(tmp_path / "server.pem"),
        KEEPSAKE_LLM_BASE_URL=model.url, KEEPSAKE_LLM_MODEL="m1",
    )  # fmt: skip
    done = job(killed, State.SUCCEEDED, within=120)
    asked = [material(request)[-1]["user"] for request in model.requests]
    site.paths["/share"] = tls_site.page(talk)
    alive = posted(SCRAPE.name, {**link, "user_id": "alive"})
    undisturbed = job(alive, State.SUCCEEDED, within=120)

    assert done.get("crashes") >= len(fates)  # a slow machine may lose a lease besides
    same(stored("killed", killed), stored("alive", alive))
    assert asked == lines
    assert len(site.asked) == 3  # once before the checkpoint, then kept; once for the other job
    assert done.get("result")["usage"] == undisturbed.get("result")["usage"]


@pytest.mark.drill
@pytest.mark.timeout(300)
def test_an_upload_whose_workers_are_killed_goes_on_at_the_conversation_where_it_was(
    posted, doomed, job, stored, shown, database
):
    messages = json.loads(a_conversation("")[1]["transcript"])
    chats = [{"id": f"c{n}", "messages": messages[n : n + 8]} for n in range(0, len(messages), 8)]

    def an_upload(user_id):
        spool = Spools(database).begin(MemoryScope("alice", user_id))
        spool.append(json.dumps(chats).encode())
        spool.close()
        return UPLOAD.name, {"spool_id": spool.id, "user_id": user_id}

    killed = posted(*an_upload("killed"))
    doomed(killed, ["in the transaction:9", "saved:4", "woven:6", "saved:2"])
    done = job(killed, State.SUCCEEDED, within=120)
    alive = posted(*an_upload("alive"))
    undisturbed = job(alive, State.SUCCEEDED, within=120)

    progress, _ = shown(killed)
    assert done.get("crashes") >= 4  # a slow machine may lose a lease besides
    same(stored("killed", killed), stored("alive", alive))
    assert done.get("result") == undisturbed.get("result")
    assert (done.get("result")["conversations"], done.get("result")["turns"]) == (9, len(LINES))
    assert progress == sorted(progress)
    assert database["memory_spools"].count_documents({}) == 0


def same(written, expected):
    """The same documents, word by word; vectors differ in their last bits."""
    (words, vectors), (wanted, near) = written, expected
    assert words == wanted
    assert np.allclose(vectors, near, atol=1e-5)
