"""Migrations: in batches, resumed, beside writers of both versions, and the step that waits."""

import pytest

from keepsake.jobs.attempt import Attempt
from keepsake.jobs.engine import Engine
from keepsake.jobs.errors import HandBack, LeaseLost
from keepsake.jobs.job_types import Registry, Resources
from keepsake.jobs.migration_requests import SERVICE_OWNER, FormerWorkers, Migrations
from keepsake.jobs.migrations import (
    MIGRATIONS,
    Migration,
    MigrationPayload,
    MigrationStep,
    migration_type,
)
from keepsake.memory.job_types import MEMORY_QUEUE
from keepsake.parts import job_types

RECORDS, FINISH = MigrationStep
NAME = "boxes.migrate_sizes"
BOXES = "boxes"


def sized(box):
    """The update of a box: its size in millimetres."""
    return {"$set": {"mm": box["cm"] * 10}}


def declared(**given):
    migration = Migration(
        **{"collection": BOXES, "former": {"mm": None}, "change": sized, "fields": ("cm",),
           "together": 4, "former_indexes": (f"{BOXES}.by_cm",), **given}
    )  # fmt: skip
    return Registry([*job_types().values(), migration_type(NAME, MEMORY_QUEUE, migration)])


@pytest.fixture
def boxes(database):
    """Ten boxes of before, and the index that was read by then."""
    database[BOXES].insert_many([{"_id": f"box_{n:02}", "cm": n} for n in range(10)])
    database[BOXES].create_index("cm", name="by_cm")
    return database[BOXES]


@pytest.fixture
def run(engine, database):
    """Asks for a step and does one attempt of it, in slices of a length; the ended job or None."""

    def attempt(step=RECORDS, *, types=None, slice_seconds=60, meanwhile=None):
        types = types or declared()
        local = Engine.over(database, types, engine.settings)
        migrations = Migrations(database, types)
        migrations.request(step)
        (state,) = [state for state in migrations.states() if state.name == NAME]
        claim = local.claims.claim(state.job.lane, "w1")
        if meanwhile:
            meanwhile(claim)
        try:
            result = types[NAME].work(
                Attempt(local.claims, claim, slice_seconds),
                MigrationPayload(step=step),
                Resources(database),
            )
        except HandBack:
            local.claims.release(claim)
            return None
        local.claims.succeed(claim, result)
        return local.control.get(SERVICE_OWNER, claim.job.id)

    return attempt


def test_what_is_of_before_is_changed_and_what_is_not_stays(run, boxes, database):
    boxes.insert_one({"_id": "box_new", "cm": 3, "mm": 33})

    ended = run()

    assert ended.get("result") == {"read": 11, "changed": 10}
    assert ended.get("progress")["total"] == 11
    assert {box["_id"]: box["mm"] for box in boxes.find()} == {
        **{f"box_{n:02}": 10 * n for n in range(10)}, "box_new": 33,
    }  # fmt: skip
    assert "by_cm" in boxes.index_information()
    assert set(database[MIGRATIONS].find_one({"_id": NAME})) == {"_id", "records"}


def test_an_attempt_goes_on_where_the_last_one_was(run, boxes):
    looked_at = []

    def counted(box):
        looked_at.append(box["_id"])
        return sized(box)

    types = declared(change=counted)

    ended = [run(types=types, slice_seconds=0) for _ in range(4)]

    assert [job is not None for job in ended] == [False, False, False, True]
    assert ended[-1].get("result") == {"read": 10, "changed": 10}
    assert looked_at == [f"box_{n:02}" for n in range(10)]


def test_what_changes_or_goes_while_it_is_migrated_is_left_so(run, boxes):
    def raced(box):
        if box["_id"] == "box_01":
            boxes.update_one({"_id": "box_01"}, {"$set": {"cm": 7, "mm": 77}})
        if box["_id"] == "box_02":
            boxes.delete_one({"_id": "box_02"})
        return sized(box)

    ended = run(types=declared(change=raced))

    assert ended.get("result")["changed"] == 8
    assert boxes.find_one({"_id": "box_01"})["mm"] == 77
    assert boxes.find_one({"_id": "box_02"}) is None


def test_a_record_that_cannot_be_read_keeps_no_other_from_being_changed(run, boxes):
    boxes.update_one({"_id": "box_05"}, {"$unset": {"cm": ""}})

    assert run().get("result") == {"read": 10, "changed": 9}
    assert [box["_id"] for box in boxes.find({"mm": None})] == ["box_05"]


def test_the_last_step_changes_what_former_writers_wrote_and_drops_what_they_read_by(
    run, boxes, database
):
    run()
    boxes.insert_one({"_id": "box_00_late", "cm": 5})

    ended = run(FINISH)

    assert ended.get("result") == {"read": 11, "changed": 1, "dropped": [f"{BOXES}.by_cm"]}
    assert list(boxes.index_information()) == ["_id_"]
    states = {state.name: state.done for state in Migrations(database, declared()).states()}
    assert states[NAME] is FINISH


def test_a_step_that_is_done_is_not_asked_for_again_and_one_under_way_only_once(
    run, boxes, database
):
    migrations = Migrations(database, declared())
    assert NAME in migrations.request(RECORDS)
    migrations.request(RECORDS)
    assert database["jobs"].count_documents({"type": NAME}) == 1

    run()

    assert NAME not in migrations.request(RECORDS)
    assert NAME in migrations.before(FINISH)


def test_the_last_step_waits_until_no_worker_of_a_former_version_lives(database, boxes, engine):
    engine.leases.heartbeat("former", {"queues": [MEMORY_QUEUE.name]})
    engine.leases.heartbeat("present", {"types": sorted(declared())})
    migrations = Migrations(database, declared())

    with pytest.raises(FormerWorkers, match="former"):
        migrations.request(FINISH)
    assert database["jobs"].count_documents({}) == 0

    engine.leases.leave("former")
    assert NAME in migrations.request(FINISH)


def test_a_database_in_which_nothing_ever_was_has_nothing_to_migrate(database, boxes):
    boxes.delete_many({})
    boxes.drop_index("by_cm")

    assert Migrations(database, declared()).request(RECORDS) == []
    assert {state.done for state in Migrations(database, declared()).states()} == {FINISH}


def test_a_worker_that_lost_its_lease_notes_nothing(run, boxes, database):
    def lose(claim):
        database["jobs"].update_one({"_id": claim.job.id}, {"$inc": {"token": 1}})

    with pytest.raises(LeaseLost):
        run(meanwhile=lose)

    assert database[MIGRATIONS].find_one({"_id": NAME}) is None
