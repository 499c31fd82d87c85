"""A worker of one of two versions, as `PROBE_VERSION` says: the newer one knows a type more."""

import os
import threading
from dataclasses import replace

from actors import process
from keepsake.jobs.job_types import Registry
from keepsake.parts import job_types
from tests.faults.newer_types import NEWER, Anything

VERSION = os.environ["PROBE_VERSION"]
TYPES = NEWER if VERSION == "newer" else job_types()


def perform(attempt, _payload, resources):
    """Note who ran it, and hold on for as long as the test asks the first attempt to."""
    ran = resources.database["probe"]
    about = {"job": attempt.job_id, "version": VERSION, "type": attempt.claim.job.type}
    began = ran.insert_one(about).inserted_id
    ran.update_one({"_id": began}, {"$currentDate": {"began_at": True}})
    if attempt.claim.token == 1 and attempt.payload.get("hang"):
        threading.Event().wait()
    ran.update_one({"_id": began}, {"$currentDate": {"ended_at": True}})
    return {"version": VERSION}


process.start(
    Registry(replace(job_type, work=perform, payload=Anything) for job_type in TYPES.values())
)
