"""An actor that fails at first, if one keeps animals; in a worker as `actors` is one."""

import threading
from dataclasses import replace

from actors import process
from keepsake.jobs import Permanent, Progress, Registry, loaded
from keepsake.memory import INGEST

_ingest = loaded(INGEST.work)


def ingest(attempt, payload, resources):
    """Takes a heartbeat and a checkpoint, fails, and is a turn's the next time."""
    if attempt.claim.attempt == 1 and "keep" in payload.user_query:
        _await_a_heartbeat(attempt)
        attempt.checkpoint(None, Progress(stage="reading", done=1, message=payload.user_query))
        raise RuntimeError(payload.user_query)
    if "Give up" in payload.user_query:
        raise Permanent(payload.user_query)
    return _ingest(attempt, payload, resources)


def _await_a_heartbeat(attempt):
    renewed, told = threading.Event(), attempt.happened

    def happened(what):
        told(what)
        if what == "lease.renewed":
            renewed.set()

    attempt.happened = happened
    renewed.wait(30)


soon = replace(INGEST.limits, backoff_base_seconds=0.1)
process.start(Registry([replace(INGEST, work=ingest, limits=soon)]))
