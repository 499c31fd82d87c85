"""What the model says of a job's record, the code does: random traces, step by step."""

import os

import pytest

from keepsake.jobs import claims as claims_module
from keepsake.jobs.engine import Engine
from keepsake.jobs.settings import JobSettings
from keepsake.parts import job_types
from tests.integration.jobs.replay import EFFECTS, Replay
from tests.model.cases import SMALL
from tests.model.explorer import Explorer, Trace, described
from tests.model.properties import no_effect_twice
from tests.model.protocol import Protocol
from tests.model.rules import Rules
from tests.model.state import Bounds
from tests.model.walks import walk

BOUNDS = Bounds(lanes=(0, 0, 1), slots=2, unjournaled=3, faults=8)
STEPS = 60
TRACES = int(os.environ.get("REPLAY_TRACES", "6"))
SEED = int(os.environ.get("REPLAY_SEED", "1"))


@pytest.fixture
def replayed(database, engine):
    """Replay a trace; where the code differs, the trace is told as far as it came."""

    def replay(trace: Trace, bounds: Bounds, *, in_batches: bool = False) -> None:
        for name in ("jobs", "dead_letters", "workers", EFFECTS):
            database[name].delete_many({})
        # A worker lives, and a lease lasts, for as long as this machine may stand still.
        settings = JobSettings(
            crash_limit=bounds.crash_limit, lease_seconds=90, heartbeat_seconds=30
        )
        replay = Replay(Engine.over(database, job_types(), settings), bounds, in_batches=in_batches)
        before = bounds.initial()
        for number, (step, after) in enumerate(trace, 1):
            try:
                replay.take(step, before, after)
            except AssertionError as error:
                so_far = described(trace[:number], bounds)
                raise AssertionError(f"step {number}: {error}\n{so_far}") from error
            before = after

    return replay


@pytest.mark.parametrize("in_batches", [False, True])
def test_the_code_does_what_the_model_says(replayed, in_batches):
    taken = set[str]()
    for seed in range(SEED, SEED + TRACES):
        trace = walk(Protocol(Rules(), BOUNDS), seed, STEPS)
        print(f"REPLAY_SEED={seed}")
        replayed(trace, BOUNDS, in_batches=in_batches)
        taken |= {step.name for step, _ in trace}

    assert {"claim", "write the effect", "end", "sweep", "primary dies", "end in vain"} <= taken


@pytest.fixture
def twice():
    """How an effect is written twice where fences have no claim id."""
    protocol = Protocol(Rules(claim_id=False), SMALL["two jobs of a lane"])
    return Explorer(protocol, no_effect_twice).explore().trace


def test_the_code_refuses_what_breaks_a_protocol_without_claim_ids(replayed, twice):
    replayed(twice[:-1], SMALL["two jobs of a lane"])

    with pytest.raises(AssertionError, match=f"step {len(twice)}:"):
        replayed(twice, SMALL["two jobs of a lane"])


def test_code_whose_fence_has_no_claim_id_differs_from_the_model(replayed, twice, monkeypatch):
    monkeypatch.setattr(claims_module, "leased_by", by_token_alone)
    replayed(twice, SMALL["two jobs of a lane"])  # an effect is written twice

    with pytest.raises(AssertionError, match="step"):  # the first that a claim was undone in
        for seed in range(1, 100):
            replayed(walk(Protocol(Rules(), BOUNDS), seed, STEPS), BOUNDS)


def by_token_alone(claim):
    return {"_id": claim.job.id, "token": claim.token, "claim": {"$exists": True}}
