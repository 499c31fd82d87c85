"""A worker of one of two versions, as `PROBE_VERSION` says: the newer one knows a type more."""

import os
import threading

from actors import process
from keepsake.jobs.policy import POLICIES
from tests.faults.newer_types import NEWER

VERSION = os.environ["PROBE_VERSION"]
TYPES = NEWER if VERSION == "newer" else POLICIES
process.start(TYPES)

from actors.process import database  # noqa: E402 - actors register with the broker set above
from actors.registry import works  # noqa: E402


def perform(attempt):
    """Note who ran it, and hold on for as long as the test asks the first attempt to."""
    database()["probe"].insert_one(
        {"job": attempt.job_id, "version": VERSION, "type": attempt.claim.job.type}
    )
    if attempt.claim.token == 1 and attempt.payload.get("hang"):
        threading.Event().wait(60)
    return {"version": VERSION}


for job_type in TYPES:
    works(job_type, TYPES)(perform)
