"""The job types of the next version: all of this one's, and one more on a queue that both serve."""

from keepsake.jobs.policy import MEMORY_QUEUE, POLICIES, Policy

FUTURE = "memory.future"
NEWER: dict[str, Policy] = {
    **POLICIES,
    FUTURE: Policy(
        queue=MEMORY_QUEUE,
        max_attempts=3,
        attempt_seconds=60,
        total_seconds=3_600,
        slice_seconds=20,
    ),
}
