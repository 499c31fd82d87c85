"""All indexes that the stores declare."""

from keepsake.access.indexes import INDEXES as ACCESS
from keepsake.jobs.indexes import INDEXES as JOBS
from keepsake.memory.indexes import INDEXES as MEMORY
from keepsake.scanner.store.schema import INDEXES as SCANNER
from keepsake.storage.indexes import Index

DECLARED: tuple[Index, ...] = (*ACCESS, *JOBS, *MEMORY, *SCANNER)
