"""The workers' entry point: real actors, and work that writes down what it does.

`dramatiq chaos.worker`. A text that holds a plan is carried out, any other is a turn to remember.
Each step appends an entry to the ledger of its lane, after a pause during which the worker may be
killed or stopped. The step is looked up first, so a repeat does nothing. Only the fence ensures
that no other worker writes between the look and the entry.

`CHAOS_FENCING=off` takes the fence down, so that a test can see chaos find what comes of it. Only
this entry point reads the variable; production code knows nothing of it.
"""

import os
import signal
import sys
import threading
from dataclasses import replace
from typing import Any

from pymongo.client_session import ClientSession
from pymongo.errors import PyMongoError

from actors import process
from chaos.ledger import DEATHS, LEDGER, Plan, Way
from keepsake.jobs import (
    Attempt,
    Claim,
    Claims,
    LeaseLost,
    Permanent,
    Registry,
    Resources,
    Stop,
    Transient,
)
from keepsake.memory import INGEST, IngestPayload, ingest
from keepsake.parts import job_types
from keepsake.storage import Document, Documents
from middleware.running import Run


def perform(attempt: Attempt, payload: IngestPayload, resources: Resources) -> Any:
    """Carry out a plan.

    Raises:
        Transient: It fails the first time, or the database is away.
        Permanent: It is to be given up, and this is not a replay.
    """
    if not payload.user_query.startswith("{"):
        return ingest(attempt, payload, resources)
    plan = Plan.read(payload.user_query)
    try:
        _perform(attempt, plan, resources.database)
    except PyMongoError as error:
        raise Transient("the ledgers are away") from error
    return {"steps": plan.steps}


def _perform(attempt: Attempt, plan: Plan, database: Documents) -> None:
    if plan.way is Way.GIVEN_UP and "replay_of" not in attempt.claim.job.record["lineage"]:
        raise Permanent("as planned")
    for step in attempt.steps(range(plan.steps), stage="steps"):
        _write(attempt, step, plan.pause_seconds, database)
        if step == plan.steps - 1:
            _misfortune(attempt, plan, database)


def _write(attempt: Attempt, step: int, pause_seconds: float, database: Documents) -> None:
    ledgers = database[LEDGER]
    lane, entry = attempt.claim.job.lane, {"job": attempt.job_id, "step": step}
    if ledgers.find_one({"_id": lane, "entries": {"$elemMatch": entry}}, {"_id": 1}):
        return
    threading.Event().wait(pause_seconds)

    def together(session: ClientSession) -> None:
        attempt.assert_owned(session)
        written = {**entry, "token": attempt.claim.token}
        ledgers.update_one({"_id": lane}, {"$push": {"entries": written}}, True, session=session)  # noqa: FBT003

    with database.client.start_session() as session:
        session.with_transaction(together)


def _misfortune(attempt: Attempt, plan: Plan, database: Documents) -> None:
    """After the last effect and before its checkpoint: the worst moment."""
    if plan.way is Way.FAILS_ONCE and attempt.claim.attempt == 1:
        raise Transient("as planned", retry_after_seconds=0.1)
    if plan.way is Way.DIES_ONCE:
        died = database[DEATHS].find_one_and_update(
            {"_id": attempt.job_id}, [{"$set": {"at": {"$ifNull": ["$at", "$$NOW"]}}}], upsert=True
        )
        if died is None:
            os.kill(os.getpid(), signal.SIGKILL)


def _take_fences_down() -> None:
    """Let writes name the job but not the claim, and let no worker miss its lease."""
    interrupt = Run.interrupt

    def whoever(claim: Claim) -> Document:
        return {"_id": claim.job.id, "claim": {"$exists": True}}

    def unless_lost(run: Run, stop: type[Stop]) -> None:
        if stop is not LeaseLost:
            interrupt(run, stop)

    def let_commit(claims: Claims, claim: Claim, session: ClientSession) -> None:
        """Let any transaction commit."""

    setattr(sys.modules[Claims.__module__], "leased_by", whoever)  # noqa: B010 - on purpose, all
    setattr(Run, "interrupt", unless_lost)  # noqa: B010
    setattr(Claims, "assert_owned", let_commit)  # noqa: B010


if os.environ.get("CHAOS_FENCING") == "off":
    _take_fences_down()
process.start(Registry({**job_types(), INGEST.name: replace(INGEST, work=perform)}.values()))
