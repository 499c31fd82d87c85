"""Rows and what their blobs hold, as a index_stats."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from keepsake.scanner.index_stats import IndexStats


def tally_of(
    rows: Iterable[Mapping[str, Any]], counts: Mapping[str, Mapping[str, Any]]
) -> IndexStats:
    """Count rows; `counts` gives what the blob of a key holds."""
    numbers, languages, skipped = Counter[str](), Counter[str](), Counter[str]()
    for row in rows:
        blob = counts.get(row["key"] or "", {})
        reason = row["skip"] or blob.get("skip")
        numbers["files"] += 1
        numbers["bytes"] += row["size"] or 0
        if reason:
            skipped[reason] += 1
            continue
        languages[row["language"]] += 1
        numbers["failed" if blob.get("failed") else "parsed"] += 1
        numbers["symbols"] += blob.get("symbol_count", 0)
        numbers["references"] += blob.get("reference_count", 0)
    return IndexStats(
        **numbers, languages=dict(sorted(languages.items())), skipped=dict(sorted(skipped.items()))
    )
