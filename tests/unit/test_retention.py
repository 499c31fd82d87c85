"""Whatever is stored expires by itself, or it is known what removes it."""

import pytest

from keepsake.access.audit import AuditSettings
from keepsake.jobs.settings import JobSettings
from keepsake.memory.settings import MemorySettings
from keepsake.parts import declared_indexes, job_types
from keepsake.storage import Audience

REMOVED_BY = {
    "the owner or an operator": {"api_keys", "code_hooks", "code_stars", "schedules", "webhooks"},
    "the user's erasure": {"memory_users"},
    "the end of the upload's job, and a sweep": {"memory_spools", "memory_spool_pieces"},
    "deleting the repository or the branch": {
        "code_blobs", "code_files", "code_indexes", "code_repositories", "code_sources",
        "code_summaries", "code_vectors",
    },
    "a sweep, by their age": {"audit"},
}  # fmt: skip
SETTINGS = {
    AuditSettings: {"audit_kept_seconds"},
    JobSettings: {
        "cancelled_kept_seconds", "dead_letter_kept_seconds", "idempotency_window_seconds",
        "succeeded_kept_seconds",
    },
    MemorySettings: {"llm_replies_kept_seconds"},
}  # fmt: skip


def test_every_collection_expires_or_it_is_known_what_removes_it():
    indexes = declared_indexes(job_types())
    expiring = {index.collection for index in indexes if "expireAfterSeconds" in index.options}
    removed = set().union(*REMOVED_BY.values())

    assert {index.collection for index in indexes} - expiring == removed


@pytest.mark.parametrize("kind", SETTINGS, ids=lambda kind: kind.__name__)
def test_operators_set_for_how_long_records_are_kept(kind):
    retention = {name for name in kind.model_fields if kind.audience_of(name) is Audience.RETENTION}

    assert retention == SETTINGS[kind]
