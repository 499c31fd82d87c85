"""What migrations of this service declare."""

import zlib

import pytest

from keepsake.jobs.migrations import migrations_of
from keepsake.memory.storing.documents import with_model
from keepsake.parts import declared_indexes, job_types
from keepsake.scanner.parse.frames import Packed
from keepsake.scanner.store.blobs import Parsed, with_trigrams

TYPES = job_types()
MIGRATIONS = migrations_of(TYPES)


def test_no_index_that_is_declared_is_dropped_as_one_of_before():
    declared = {f"{index.collection}.{index.name}" for index in declared_indexes(TYPES)}
    former = [name for migration in MIGRATIONS.values() for name in migration.former_indexes]

    assert former
    assert declared & set(former) == set()


def test_a_key_acts_on_migrations_only_with_the_scope_of_administration():
    assert {TYPES[name].scope for name in MIGRATIONS} == {"admin"}


def test_whoever_changes_records_says_which_and_how():
    for migration in MIGRATIONS.values():
        assert (migration.former is None) == (migration.change is None)


def test_vectors_that_do_not_say_their_model_are_those_of_the_first():
    assert with_model({"_id": "mem_1"}) == {"$set": {"embedded_by": "all-MiniLM-L6-v2"}}


def test_a_text_of_before_gets_the_trigrams_that_a_scan_stores():
    text = zlib.compress(b"def price(): return 1")
    scanned = Parsed("ana", "repo", "key", "blob", Packed({}, b"", text))

    assert (
        with_trigrams({"zlib": text})["$set"]["trigrams"] == scanned.source_document()["trigrams"]
    )


def test_a_text_that_is_damaged_is_one_that_cannot_be_read():
    with pytest.raises(ValueError, match="unpacked"):
        with_trigrams({"zlib": b"no zlib"})
