"""What lists and counts cost an owner who has a long history: by MongoDB's own profiler."""

from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import product

import pytest
from bson import Timestamp

from keepsake.jobs.control import LIMIT, SOURCES
from keepsake.jobs.engine import Engine
from keepsake.jobs.indexes import job_indexes
from keepsake.jobs.listing import EXAMINED, Place, Wanted
from keepsake.jobs.states import ENDED, UNFINISHED, State
from keepsake.memory.job_types import INGEST, SCRAPE
from keepsake.parts import job_types
from keepsake.scanner.job_types import SCAN
from keepsake.storage.indexes import ensure_indexes
from tests.factories import a_job

RECORDS = 200_000
EVERY = 100
"""One record in so many has not ended."""
BEGAN = datetime(2026, 1, 1, tzinfo=UTC)
TIE = range(100_000, 105_000)
"""Records that share one time of creation."""
STATES = [
    *(frozenset({state}) for state in State),
    *(frozenset(), frozenset(State), UNFINISHED, ENDED),
    *(frozenset({State.RUNNING, State.PAUSED}), frozenset({State.RUNNING, State.CANCELLED})),
]
TYPES = [frozenset(), frozenset({SCRAPE.name}), frozenset(job_types())]


def named(conditions):
    return "-".join(sorted(conditions)) or "any"


def created(number):
    return BEGAN + timedelta(seconds=TIE.start if number in TIE else number)


CREATED = list(product([None, created(RECORDS // 4)], [None, created(RECORDS * 3 // 4)]))
PLACES = [None, *(Place(created(n), f"job_{n:08}") for n in (150_000, TIE.stop - 10, TIE.start))]


READ_BY_ALL = {
    "updated_at": BEGAN, "run_at": BEGAN, "token": 0, "revision": 1, "failures": 0,
    "limits": {"max_attempts": 8}, "attempts": [],
}  # fmt: skip


def a_record(number):
    """Of two types: scrapes are the oldest thousand, so that a filter finds none for long."""
    open_job = number % EVERY == 0
    states = sorted(UNFINISHED if open_job else ENDED)
    job_id = f"job_{number:08}"
    kind = SCRAPE.name if number < 1_000 else INGEST.name
    return {
        "_id": job_id, "owner": "alice", "type": str(kind), "queue": "keepsake.memory",
        "state": str(states[number // EVERY % len(states)]), "lane": job_id,
        "created_at": created(number), **READ_BY_ALL,
        **({"open_lane": job_id, "deadline_at": BEGAN} if open_job else {}),
        **({"label_pairs": ["run:1", f"team:{number % 3}"]} if number % 1_000 == 7 else {}),
    }  # fmt: skip


def a_letter(number):
    status = ("replayed", "discarded", "open")[0 if number % 100 else number // 100 % 3]
    return {
        "_id": f"job_{number:08}", "owner": "alice" if number // 300 % 2 else "bob",
        "status": status, "died_at": created(number), "created_at": created(number),
        "type": INGEST.name,
    }  # fmt: skip


def a_scan(number):
    return {
        "_id": f"scan_{number:08}", "owner": "carol", "lane": f"lane-{number % 2}",
        "type": SCAN.name, "accepted": Timestamp(1, number + 1),
        "created_at": created(number), "state": "succeeded", **READ_BY_ALL,
    }  # fmt: skip


@pytest.fixture(scope="module")
def engine(_connected):
    """An engine over a database of its own, which is filled once."""
    database = _connected.client.get_database("long_histories")
    ensure_indexes(database, job_indexes(job_types()))
    database["jobs"].insert_many(map(a_record, range(RECORDS)), ordered=False)
    database["jobs"].insert_many(map(a_scan, range(2_000)), ordered=False)
    database["dead_letters"].insert_many(map(a_letter, range(20_000)), ordered=False)
    yield Engine.over(database, job_types())
    database.client.drop_database(database)


@pytest.fixture
def examined(engine):
    """Counts the keys and the records that are looked at meanwhile."""
    database = engine.records.database

    @contextmanager
    def measured():
        seen = {}
        database.command("profile", 2)
        try:
            yield seen
        finally:
            database.command("profile", 0)
            rows = list(database["system.profile"].find({"docsExamined": {"$exists": True}}))
            database["system.profile"].drop()
            seen["keys"] = sum(row["keysExamined"] for row in rows)
            seen["records"] = sum(row["docsExamined"] for row in rows)
            seen["sorted"] = any("hasSortStage" in row for row in rows)

    return measured


@pytest.mark.parametrize("states", STATES, ids=named)
def test_no_page_of_jobs_looks_at_more_than_two_thousand_records(engine, examined, states):
    for types, (after, before), place in product(TYPES, CREATED, PLACES):
        wanted = Wanted(states, types, after, before)
        with examined() as seen:
            page = engine.listing.page("alice", wanted, place, 50)

        assert seen["records"] <= EXAMINED, (wanted, place)
        assert seen["keys"] <= 2 * EXAMINED + 20, (wanted, place)  # once for its end
        assert not seen["sorted"], (wanted, place)
        assert all(job.state in (states or State) for job in page.jobs)


def test_a_page_of_a_label_looks_at_jobs_of_that_label_alone(engine, examined):
    labels = frozenset({"run:1", "team:2"})
    with examined() as seen:
        page = engine.listing.page("alice", Wanted(labels=labels), None, 200)

    expected = [n for n in range(7, RECORDS, 1_000) if n % 3 == 2]
    assert [int(job.id[4:]) for job in page.jobs] == expected[::-1]
    assert seen["records"] <= RECORDS // 1_000
    assert not seen["sorted"]


@pytest.mark.parametrize(
    ("wanted", "fits"),
    [
        (Wanted(frozenset({State.CANCELLED}), frozenset({SCRAPE.name})),
         lambda job: job["state"] == "cancelled" and job["type"] == "memory.scrape"),
        (Wanted(frozenset({State.PAUSED, State.RUNNING})),
         lambda job: job["state"] in ("paused", "running")),
        (Wanted(types=frozenset({SCRAPE.name}), created_before=created(500)),
         lambda job: job["type"] == "memory.scrape" and job["created_at"] < created(500)),
    ],
)  # fmt: skip
def test_short_pages_together_are_all_that_fits_each_once(engine, wanted, fits):
    ids, place, pages = [], None, 0
    while pages == 0 or place is not None:
        page = engine.listing.page("alice", wanted, place, 200)
        ids += [job.id for job in page.jobs]
        place, pages = page.following, pages + 1

    expected = [job["_id"] for job in map(a_record, range(RECORDS)) if fits(job)]
    newest_first = sorted(expected, key=lambda job_id: (created(int(job_id[4:])), job_id))[::-1]
    assert ids == newest_first


def test_the_snapshot_and_the_backlog_read_unfinished_jobs_alone(engine, examined):
    with examined() as snapshot:
        page = engine.listing.page("alice", Wanted(UNFINISHED), None, 200)
    with examined() as backlog:
        unfinished = engine.listing.count_unfinished("alice", RECORDS)

    assert (len(page.jobs), page.following is not None, snapshot["records"]) == (200, True, 201)
    assert (unfinished, backlog["records"]) == (RECORDS // EVERY, 0)


@pytest.mark.parametrize("action", sorted(SOURCES))
@pytest.mark.parametrize("types", TYPES, ids=named)
def test_bulk_actions_look_at_unfinished_jobs_or_open_letters(engine, examined, action, types):
    with examined() as seen:
        counted = engine.bulk.matched(action, "alice", Wanted(types=types))
        newest = (
            engine.letters.newest_open("alice", Wanted(types=types), LIMIT)
            if action == "replay"
            else engine.listing.newest_unfinished(
                "alice", Wanted(SOURCES[action], types), LIMIT)
        )  # fmt: skip

    assert len(newest) == min(counted, LIMIT)
    assert seen["records"] <= 2 * RECORDS // EVERY  # counted, then listed


def test_the_newest_scan_of_a_repository_is_found_among_many_by_one_look(engine, examined):
    with examined() as seen:
        scan = engine.lane_jobs.newest(SCAN, "carol", ["lane-0", "lane-1", "lane-2"])

    assert {lane: job.id for lane, job in scan.items()} == {
        "lane-0": "scan_00001998", "lane-1": "scan_00001999",
    }  # fmt: skip
    assert seen["records"] == 2


def test_the_unfinished_jobs_about_a_user_are_sought_among_unfinished_ones(engine, examined):
    with examined() as seen:
        engine.erasing.unfinished_about("alice", "nobody", 100)

    assert seen["records"] == RECORDS // EVERY


@pytest.mark.parametrize("owner", ["alice", None])
@pytest.mark.parametrize("status", ["open", "replayed", "discarded", None])
@pytest.mark.parametrize("place", [None, Place(created(10_000), "job_00010000")])
def test_a_page_of_dead_letters_looks_at_few_others(engine, examined, owner, status, place):
    with examined() as seen:
        page = engine.letters.page(owner, status, place, 51)

    statuses = 1 if status else 3
    assert 0 < len(page) <= seen["records"] <= statuses * 51
    assert seen["keys"] <= statuses * 52


def test_only_acceptance_and_end_write_the_index_of_unfinished_jobs(database):
    """By the storage engine's own count of writes to it."""
    ensure_indexes(database, job_indexes(job_types()))
    engine = Engine.over(database, job_types())

    def writes():
        stats = database.command("collStats", "jobs", indexDetails=True)
        cursor = stats["indexDetails"]["unfinished"]["cursor"]
        return cursor["insert calls"], cursor["remove calls"]

    inserted, removed = writes()
    job = engine.acceptance.accept(a_job()).job
    accepted = writes()
    claim = engine.claims.claim(job.lane, "w1")
    engine.leases.renew([claim])
    engine.claims.save(claim, {"checkpoint": {"n": 1}})
    engine.claims.retry(claim, {"kind": "transient", "message": "again"}, 0)
    engine.control.pause("alice", job.id, by="alice")
    engine.control.resume("alice", job.id, by="alice")
    claim = engine.claims.claim(job.lane, "w1")
    before_end = writes()
    engine.claims.succeed(claim, {})

    assert accepted == before_end == (inserted + 1, removed)
    assert writes() == (inserted + 1, removed + 1)
