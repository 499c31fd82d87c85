"""Deleting a repository looks at what is its own."""

import pytest

from keepsake.scanner.store import (
    BLOBS,
    FILES,
    INDEXES,
    PUBLISHED,
    SOURCES,
    SUMMARIES,
    VECTORS,
)
from keepsake.storage.indexes import ensure_indexes


@pytest.mark.parametrize("name", [PUBLISHED, FILES, BLOBS, SOURCES, VECTORS, SUMMARIES])
def test_what_is_deleted_is_found_by_an_index(database, name):
    ensure_indexes(database, INDEXES)

    plan = database[name].find({"repository": "none"}).explain()["queryPlanner"]["winningPlan"]

    assert "IXSCAN" in str(plan)
