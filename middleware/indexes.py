"""All indexes that the stores declare."""

import access.indexes
import jobs.indexes
import memory.indexes
import scanner.indexes
from storage.indexes import Index

DECLARED: tuple[Index, ...] = (
    *access.indexes.INDEXES,
    *jobs.indexes.INDEXES,
    *memory.indexes.INDEXES,
    *scanner.indexes.INDEXES,
)
