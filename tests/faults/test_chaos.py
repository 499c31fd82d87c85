"""A short run of `make chaos`, and one of a build whose fence is off."""

import pytest

from chaos.load import LoadLevel
from chaos.processes import Processes
from chaos.run import Scenario, run
from chaos.servers import SingleServers
from keepsake.launcher.environment import SteppedClock

pytestmark = pytest.mark.drill

EVERYTHING = {
    "kill worker", "stop worker", "kill web", "stop web", "restart rabbitmq", "restart mongod",
    "stop rabbitmq", "drop connections", "latency 1 ms", "latency 200 ms", "fill queue",
    "partition worker from rabbitmq", "partition worker from mongodb", "fill disk of rabbitmq",
    "fill disk of mongod", "step clock of mongod",
}  # fmt: skip


@pytest.fixture
def judge(rabbitmq, mongod, database, empty_queues, tmp_path):
    """Runs a scenario over web and workers with an environment of a test's own."""

    def run_scenario(scenario: Scenario, **environment: str):
        processes = Processes(
            SingleServers(rabbitmq, mongod, SteppedClock(tmp_path / "clock")), tmp_path, environment
        )
        try:
            processes.start()
            verdict = run(processes, database, scenario)
        finally:
            processes.stop()
        print("\n".join(verdict.lines()))
        return verdict

    return run_scenario


@pytest.mark.timeout(400)
def test_a_short_chaos_run_keeps_every_promise(judge):
    verdict = judge(Scenario(seconds=12, seed=1, level=LoadLevel(clients=2)))

    assert verdict.sound, verdict.lines()
    assert verdict.count.recovered > 0
    assert verdict.count.remembered > 0
    assert verdict.faults.keys() == EVERYTHING


TRIES = 3
"""On a busy machine a worker may be put to sleep while no job is in a pause."""
SLEEPERS = Scenario(seconds=9, seed=2, faults=["stop worker"],
                    level=LoadLevel(clients=3, pause_seconds=0.3, remembering=0))  # fmt: skip


@pytest.mark.timeout(400)
def test_a_build_without_fences_repeats_effects(judge):
    for _ in range(TRIES):
        verdict = judge(SLEEPERS, CHAOS_FENCING="off")
        if verdict.count.duplicated:
            break

    assert verdict.count.duplicated != []
    assert not verdict.sound


@pytest.mark.timeout(180)
def test_the_same_run_with_fences_is_sound(judge):
    assert judge(SLEEPERS).sound
