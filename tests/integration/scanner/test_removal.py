"""Deleting a repository looks at what is its own."""

import pytest

from keepsake.scanner.indexes import BLOBS, FILES, HEADS, INDEXES, SOURCES, SUMMARIES, VECTORS
from keepsake.storage.indexes import ensure


@pytest.mark.parametrize("name", [HEADS, FILES, BLOBS, SOURCES, VECTORS, SUMMARIES])
def test_what_is_deleted_is_found_by_an_index(database, name):
    ensure(database, INDEXES)

    plan = database[name].find({"repository": "none"}).explain()["queryPlanner"]["winningPlan"]

    assert "IXSCAN" in str(plan)
