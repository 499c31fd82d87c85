"""The files of one generation whose blobs hold something.

Blobs are shared by the branches and generations of a repository, so what an index shows is told
first and counted then: another branch's files never crowd out this one's.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from keepsake.scanner.store.blobs import Blobs
from keepsake.scanner.store.files import Files
from keepsake.scanner.store.heads import Head
from keepsake.storage.mongo import Document

_AT_ONCE = 1_000
_MOST_LOOKED = 20_000
_MOST_FILES = 1_000
_FIELDS = {"path": 1, "language": 1, "key": 1, "_id": 0}


@dataclass(slots=True)
class Holders:
    """Some files by the key of their blob."""

    blobs: Blobs
    rows: dict[str, list[Document]] = field(default_factory=dict)
    truncated: bool = False
    """There are more of them, or there may be."""

    def read(self, fields: Any) -> Iterator[tuple[Document, list[Document]]]:
        """Each blob with the files that show it; a few blobs are in memory at a time."""
        for blob in self.blobs.read(list(self.rows), fields):
            yield blob, self.rows[blob["_id"]]


def holders(files: Files, blobs: Blobs, head: Head, which: Document) -> Holders:
    """The files of a generation whose blobs fit a filter, up to a bound."""
    found, left = Holders(blobs), _MOST_FILES
    keys = blobs.keys(head.repository, which, _MOST_LOOKED)
    looked = 0
    while some := list(islice(keys, _AT_ONCE)):
        looked += len(some)
        more: Document = {"key": {"$in": some}}
        rows = list(files.shown(head.index, head.generation, more, _FIELDS, left + 1))
        for row in rows[:left]:
            found.rows.setdefault(row["key"], []).append(row)
        if len(rows) > left:
            found.truncated = True
            return found
        left -= len(rows)
    found.truncated = looked >= _MOST_LOOKED
    return found
