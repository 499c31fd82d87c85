"""Crashes and lost answers around a checkpoint."""

import pytest

from keepsake.jobs.states import State
from middleware.faults import VARIABLE
from tests.faults.conftest import STEADY


@pytest.mark.parametrize("point", ["after_checkpoint", "checkpoint_answer_lost"])
def test_a_step_whose_checkpoint_was_written_is_never_repeated(
    post, probes, job, database, eventually, point
):
    doomed = probes(**{VARIABLE: point})
    job_id = post(do="steps")
    if point == "after_checkpoint":
        eventually(lambda: not doomed.running, within=60)
        probes(**STEADY)

    job(job_id, State.SUCCEEDED)

    times = {row["what"]: row["times"] for row in database["probe"].find({"job": job_id})}
    print(f"lost=0 duplicated={sum(times.values()) - 5} recovered=1")
    assert times == dict.fromkeys([f"step-{number}" for number in range(5)], 1)
