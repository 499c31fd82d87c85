"""Actors that do what their payload says, so that the engine can be watched from outside."""

import logging
import os
import signal
import subprocess
import sys
import threading
import traceback
from dataclasses import replace
from pathlib import Path

from actors import process
from keepsake.jobs.child import run_in_child
from keepsake.jobs.claims import Claims
from keepsake.jobs.errors import LeaseLost, Permanent, Stop, Transient
from keepsake.jobs.job_types import Registry
from keepsake.jobs.records import Records
from keepsake.jobs.vault import Vault
from keepsake.memory.job_types import INGEST
from keepsake.scanner.job_types import SCAN
from tests.faults.newer_types import Anything

GATE = "PROBE_GATE"
"""The variable that names a file: a test makes it to let go what waits for it."""
AT_THE_GATE = ["sh", "-c", 'until [ -e "$0" ]; do sleep 0.05; done']


def note(attempt, what):
    """An effect that is counted: one document per job, token and thing."""
    DATABASE["probe"].update_one(
        {"_id": f"{attempt.job_id}:{what}"},
        [{"$set": {"job": attempt.job_id, "what": what, "at": "$$NOW",
                   "times": {"$add": [{"$ifNull": ["$times", 0]}, 1]}}}],
        upsert=True,
    )  # fmt: skip


def spin(attempt):
    """Python code that never looks up."""
    note(attempt, "spinning")
    while True:
        pass


def block(attempt):
    """A call that no interrupt reaches, in an actor that then writes whatever happened.

    The test ends the call of the first try, and there is none in the next one.
    """
    if attempt.claim.token > 1:
        return
    waiting = subprocess.Popen([*AT_THE_GATE, os.environ[GATE]])
    try:
        os.waitpid(waiting.pid, 0)
    except Stop:
        note(attempt, "woke")
    try:
        Claims(Records(DATABASE, PROBES)).save(attempt.claim, {"checkpoint": {"stale": True}})
    except LeaseLost:
        note(attempt, "refused")


def in_child(attempt):
    """A child process that never ends."""
    note(attempt, "child")
    run_in_child(attempt, [sys.executable, "-c", "import time\nwhile 1: pass  # keepsake-probe"])


def hold(attempt):
    """At work until the test lets it go."""
    note(attempt, "holding")
    while not Path(os.environ[GATE]).exists():
        threading.Event().wait(0.05)


def steps(attempt):
    """Five steps, an effect each; dies once between the third's effect and its checkpoint."""
    for number in attempt.steps(range(5), stage="steps"):
        note(attempt, f"step-{number}")
        attempt.outcome(number, "succeeded")
        if number == 2 and attempt.claim.token == 1 and attempt.payload.get("die"):
            os.kill(os.getpid(), signal.SIGKILL)


def slow_steps(attempt):
    """Steps of a fifth of a second, an effect each."""
    for number in attempt.steps(range(attempt.payload.get("times", 5)), stage="steps"):
        note(attempt, f"step-{number}")
        threading.Event().wait(0.2)


def leave(attempt):
    """Five steps, an effect each; in its first one the first try waits to be asked to stop."""
    for number in attempt.steps(range(5), stage="steps"):
        note(attempt, f"step-{number}")
        if attempt.claim.token == 1:
            attempt.wait_stopped(60)


def die(attempt):
    """Takes its worker along, the first `times` tries."""
    if attempt.claim.token <= attempt.payload["times"]:
        note(attempt, f"died-{attempt.claim.token}")
        os.kill(os.getpid(), signal.SIGKILL)


def fail(attempt):
    """Fails as the payload says."""
    kinds = {"transient": Transient, "permanent": Permanent, "unknown": RuntimeError}
    raise kinds[attempt.payload["kind"]](attempt.payload.get("message", "told to"))


def leak(attempt):
    """Handles its credential carelessly: in an error's message, a log, a child's environment."""
    secret = Vault(DATABASE).reveal(attempt.owner, attempt.credential).get_secret_value()
    environment = {**os.environ, "PROBE_TOKEN": secret}
    subprocess.run([sys.executable, "-c", "pass"], env=environment, check=True)
    try:
        int(secret)
    except ValueError as error:
        logging.getLogger("pymongo").debug(traceback.format_exc())
        raise RuntimeError(f"clone failed: {secret}") from error


WORKS = {
    work.__name__: work
    for work in (spin, block, hold, in_child, steps, slow_steps, leave, die, fail, leak)
}


def perform(attempt, _payload, _resources):
    """Do what the payload says."""
    WORKS[attempt.payload["do"]](attempt)
    return {"done": attempt.payload["do"]}


PROBES = Registry(replace(kind, work=perform, payload=Anything) for kind in (INGEST, SCAN))
DATABASE = process.start(PROBES).database
