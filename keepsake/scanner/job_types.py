"""The job types of the scanner: a scan of a repository, whose lane is that, and a migration."""

from keepsake.jobs import JobType, Limits, Migration, Priority, Queue, migration_type
from keepsake.scanner.models import ScanRequest
from keepsake.scanner.store import SOURCES

SCANNER_QUEUE = Queue("keepsake.scanner")

SCAN = JobType(
    name="scanner.scan",
    queue=SCANNER_QUEUE,
    payload=ScanRequest,
    work="keepsake.scanner.work:scan",
    limits=Limits(
        max_attempts=6,
        attempt_seconds=1_500,  # a fetch is one step; RabbitMQ takes a message back after 1,800
        total_seconds=7 * 86_400,
        slice_seconds=30,
    ),
    scope="scanner",
    stores=True,
    hindrance="keepsake.scanner.credentials:hindrance",
    undo_hint="A scan changes no memories; delete its index instead.",
    shown=("branch", "tag", "commit", "include", "exclude", "working_tree"),
    # A scan builds upon the one before it, and those of one repository wait for the same host.
    may_be_overtaken=False,
    newest_of_lane=True,
    priority=Priority.BULK,
)
MIGRATE_TRIGRAMS = migration_type(
    "scanner.migrate_trigrams",
    SCANNER_QUEUE,
    Migration(
        collection=SOURCES,
        former={"trigrams": None},
        change="keepsake.scanner.store.blobs:with_trigrams",
        fields=("zlib",),
        together=50,  # texts of up to a megabyte
    ),
)
"""Texts of before search in texts had no sets of trigrams; a search made them anew each time."""
