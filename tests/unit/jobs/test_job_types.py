"""Declarations of job types, the registry, and what processes share."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from keepsake.inference.embedding import shared_embedder
from keepsake.jobs.indexes import job_indexes
from keepsake.jobs.job_types import Queue, Registry, Resources, loaded
from keepsake.memory.job_types import INGEST
from keepsake.memory.service import memory_service
from keepsake.parts import job_types, key_scopes
from keepsake.scanner.job_types import SCAN
from keepsake.storage.mongo import connect

ROOT = Path(__file__).parents[3]
PICTURES = replace(INGEST, name="pictures.make", queue=Queue("keepsake.pictures"), scope="pictures")


@pytest.mark.parametrize("job_type", job_types().values(), ids=lambda job_type: job_type.name)
def test_what_a_declaration_names_is_there(job_type):
    assert callable(loaded(job_type.work))
    assert job_type.undo is None or callable(loaded(job_type.undo))


def test_no_two_types_have_one_name():
    with pytest.raises(ValueError, match="two job types are named"):
        Registry([INGEST, INGEST])


def test_no_two_queues_of_one_name_differ():
    other = replace(INGEST, name="memory.other", queue=Queue(INGEST.queue.name))

    with pytest.raises(ValueError, match="two queues are named"):
        Registry([INGEST, other])


def test_a_queue_to_which_rabbitmq_gives_no_rights_is_refused():
    other = replace(INGEST, queue=Queue("pictures"))

    with pytest.raises(ValueError, match="begins with keepsake"):
        Registry([other])


def test_queues_scopes_and_subjects_follow_from_the_types():
    types = Registry([INGEST, SCAN, PICTURES])

    assert types.queues == ("keepsake.memory", "keepsake.scanner", "keepsake.pictures")
    assert types.consumed == (*types.queues, "keepsake.memory.overflow")
    assert types.front("keepsake.memory.overflow") == "keepsake.memory"
    assert types.subjects == ("user_id",)
    assert set(key_scopes(types)) == {
        "memory", "scanner", "pictures", "jobs", "admin", "operator:content",
    }  # fmt: skip


def test_every_type_of_memory_that_adds_anything_says_that_it_stores():
    assert [name for name, job_type in job_types().items()
            if job_type.scope == "memory" and not job_type.stores] == ["memory.embed"]  # fmt: skip


def test_a_type_whose_newest_job_is_asked_for_has_an_index():
    names = {index.name for index in job_indexes(Registry([INGEST, SCAN]))}

    assert {name for name in names if name.startswith("newest")} == {"newest_of_lane_scanner.scan"}


def test_the_services_of_a_process_share_one_embedder():
    resources = Resources(connect())
    memory, again = resources.of(memory_service), resources.of(memory_service)

    assert memory is again
    assert memory.pipeline._embedder is resources.of(shared_embedder)
    assert memory.search._embedder is resources.of(shared_embedder)
    resources.database.client.close()


@pytest.mark.parametrize("folder", ["keepsake/jobs", "middleware"])
def test_the_engine_and_what_surrounds_attempts_name_no_kind_of_job(folder):
    kinds = {word for name in job_types() for word in name.split(".")} - {"jobs"}
    named = re.compile(rf"[\"'.](?:{'|'.join(sorted(kinds))})\b|import .*\b(?:memory|scanner)\b")

    found = [
        f"{path}:{line}"
        for path in (ROOT / folder).rglob("*.py")
        for line in path.read_text().splitlines()
        if named.search(line)
    ]

    assert found == []
