"""Uploads become memories slice by slice, whatever ends a slice, and leave nothing behind."""

import json
from datetime import timedelta

import pytest

from keepsake.jobs.attempt import Attempt
from keepsake.jobs.engine import Engine
from keepsake.jobs.errors import HandBack, Permanent
from keepsake.jobs.job import NewJob
from keepsake.jobs.job_types import Resources
from keepsake.memory import pipeline, uploading
from keepsake.memory.errors import Contended
from keepsake.memory.job_types import UPLOAD, UploadPayload
from keepsake.memory.storing.repository import MemoryRepository
from keepsake.memory.storing.spools import PIECE_BYTES, Spools
from keepsake.parts import job_types
from tests.integration.memory.model_server import ALICE

LINES = ["I live in Paris.", "I like tea.", "I moved to Rome.", "I have a dog named Rex."]
GREETING = {"role": "assistant", "content": "Hello!"}


def said(text, number):
    when = f"2024-05-{1 + number:02}T10:00:00Z"
    return {"role": "user", "content": text, "id": f"m{number}", "created_at": when}


UNREADABLE = "As if there were a fault in our own reader."
EXPORT = json.dumps([
    {"id": "c1", "messages": [said(LINES[0], 0), said("Why?", 1), said(LINES[1], 2)]},
    {"id": "c2", "messages": [GREETING]},
    {"id": "c3", "messages": [said(UNREADABLE, 3)]},
    {"id": "c4", "messages": [
        message for n, text in enumerate(LINES[2:], 4)
        for message in (said(text, n), {"role": "assistant", "content": "I see."})]},
]).encode()  # fmt: skip


@pytest.fixture(autouse=True)
def _fault(monkeypatch):
    """Reading fails for one conversation, in a way that nobody foresaw."""
    read = uploading.turns_of

    def reading(parts, user_name):
        if UNREADABLE in str(parts):
            raise ZeroDivisionError
        return read(parts, user_name)

    monkeypatch.setattr(uploading, "turns_of", reading)


@pytest.fixture
def engine(database):
    return Engine.over(database, job_types())


@pytest.fixture
def spools(database):
    return Spools(database)


@pytest.fixture
def uploaded(engine, spools):
    """The job of an upload; its spool is the payload's."""

    def accept(content=EXPORT):
        spool = spools.begin(ALICE)
        for at in range(0, len(content), PIECE_BYTES):
            spool.append(content[at : at + PIECE_BYTES])
        spool.close()
        payload = {"spool_id": spool.id, "user_id": ALICE.user_id}
        new = NewJob(type=UPLOAD.name, owner=ALICE.owner, payload=payload, lane="l", force=True)
        job = engine.acceptance.accept(new).job
        spool.give(job.id)
        return job

    return accept


@pytest.fixture
def run(engine, database):
    """Runs a job in slices of so many seconds; how many it took, and its result."""
    resources = Resources(database)

    def to_its_end(job, slice_seconds=60.0):
        for slices in range(1, 100):
            claim = engine.claims.claim("l", "w")
            assert claim.job.id == job.id
            attempt = Attempt(engine.claims, claim, slice_seconds)
            payload = UploadPayload.model_validate(attempt.payload)
            try:
                result = uploading.remember_upload(attempt, payload, resources)
            except HandBack:
                engine.claims.release(claim)
                continue
            engine.claims.succeed(claim, result)
            return slices, result
        raise AssertionError("it does not end")

    return to_its_end


def spool_of(database, job):
    return database["jobs"].find_one({"_id": job.id})["payload"]["spool_id"]


def spooled(database):
    return [database[name].count_documents({}) for name in ("memory_spools", "memory_spool_pieces")]


def test_an_upload_handed_back_after_each_step_is_remembered_as_one_in_one_go(
    memory, uploaded, run, engine, database, monkeypatch
):
    slices, expected = run(uploaded())
    turns = {"owner": ALICE.owner, "kind": "turn"}
    kept = sorted(turn["content"] for turn in database["memories"].find(turns))
    database["memories"].delete_many({})
    database["memory_users"].delete_many({})
    monkeypatch.setattr(uploading, "_LOOKED_AFTER", 1)
    job = uploaded()
    many, result = run(job, slice_seconds=0)

    assert (slices, many > 5) == (1, True)
    assert result == expected
    assert {name: result[name] for name in ("conversations", "empty", "unread", "turns")} == {
        "conversations": 4, "empty": 1, "unread": 1, "turns": 3}  # fmt: skip
    assert result["named"][0]["conversation"] == "3"
    assert sorted(turn["content"] for turn in database["memories"].find(turns)) == kept
    assert database["memory_ledger"].count_documents({"job_id": job.id}) == 3
    progress = engine.control.get(ALICE.owner, job.id).get("progress")
    assert (progress["done"], progress["total"], progress["unit"]) == (4, 4, "conversations")
    assert spooled(database) == [0, 0]


def test_what_others_kept_from_being_written_is_tried_again(memory, uploaded, run, monkeypatch):
    commit, tried = MemoryRepository.commit, set()

    def contended(repository, effects, fence):
        if effects.position not in tried:
            tried.add(effects.position)
            return False
        return commit(repository, effects, fence)

    monkeypatch.setattr(pipeline, "_TRIES", 1)
    monkeypatch.setattr(MemoryRepository, "commit", contended)
    _, result = run(uploaded())

    assert (result["turns"], result["succeeded"], result["failed"]) == (3, 3, 0)


def test_an_upload_that_is_gone_fails_for_good(uploaded, run, spools, database):
    gone = uploaded()
    spools.remove(ALICE, spool_of(database, gone))

    with pytest.raises(Permanent, match="send it again"):
        run(gone)


def test_what_is_no_conversation_fails_for_good(uploaded, run):
    with pytest.raises(Permanent, match="no conversation was found"):
        run(uploaded(b"%PDF-1.7"))


def test_an_upload_is_removed_once_no_job_will_read_it(uploaded, engine, spools, database):
    waiting, cancelled = uploaded(), uploaded()
    engine.control.cancel(ALICE.owner, cancelled.id, by="alice")
    broken, coming = spools.begin(ALICE), spools.begin(ALICE)
    broken.append(b"[")
    hour = timedelta(hours=1)
    early = [{"$set": {"keep_until": {"$subtract": ["$keep_until", hour.total_seconds() * 1000]}}}]
    database["memory_spools"].update_one({"_id": broken.id}, early)

    assert spools.sweep(engine.control) == 2

    left = {spool["_id"] for spool in database["memory_spools"].find()}
    assert left == {spool_of(database, waiting), coming.id}
    assert database["memory_spool_pieces"].distinct("spool") == [spool_of(database, waiting)]


def test_an_upload_is_erased_with_its_user(uploaded, memory, database):
    uploaded()

    erased = memory.changes.erase(ALICE)

    assert (erased.before["uploads"], erased.after["uploads"]) == (1, 0)
    assert spooled(database) == [0, 0]


def test_what_comes_of_an_upload_after_its_user_was_erased_is_refused(memory, spools, database):
    coming, whole = spools.begin(ALICE), spools.begin(ALICE)
    coming.append(b"[")
    memory.changes.erase(ALICE)

    with pytest.raises(Contended):
        coming.append(b"]")
    with pytest.raises(Contended):
        whole.close()
    spools.remove(ALICE, coming.id)  # as the web does then
    assert spooled(database) == [0, 0]


def test_a_spool_is_read_as_a_file(spools, monkeypatch):
    monkeypatch.setattr("keepsake.memory.storing.spools.PIECE_BYTES", 4)
    spool = spools.begin(ALICE)
    for piece in (b"abcd", b"efgh", b"ij"):
        spool.append(piece)
    file = spools.opened(ALICE, spool.id)

    assert b"".join(file.pieces()) == b"abcdefghij"
    assert (file.seek(-3, 2), file.read(9), file.read(9)) == (7, b"h", b"ij")
    assert (file.seek(2), file.readall()) == (2, b"cdefghij")
