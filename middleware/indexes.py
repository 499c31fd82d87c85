"""All indexes that the stores declare."""

import keepsake.access.indexes
import keepsake.jobs.indexes
import keepsake.memory.indexes
import keepsake.scanner.indexes
from keepsake.storage.indexes import Index

DECLARED: tuple[Index, ...] = (
    *access.indexes.INDEXES,
    *jobs.indexes.INDEXES,
    *memory.indexes.INDEXES,
    *scanner.indexes.INDEXES,
)
