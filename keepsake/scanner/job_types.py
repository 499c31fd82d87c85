"""The job type of the scanner: a scan of a repository, whose lane is the repository."""

from keepsake.jobs import JobType, Limits, Priority, Queue
from keepsake.scanner.models import ScanRequest

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
