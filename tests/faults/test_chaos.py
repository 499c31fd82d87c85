"""A short run of `make chaos`, and one of a build whose fence is off."""

import pytest

from chaos.load import Eta
from chaos.processes import Processes
from chaos.run import Scenario, run
from chaos.servers import Single
from chaos.unfenced import VARIABLE
from keepsake.launcher.faketime import SteppedClock

EVERYTHING = {
    "kill worker", "stop worker", "kill web", "stop web", "restart rabbitmq", "restart mongod",
    "stop rabbitmq", "drop connections", "latency 1 ms", "latency 200 ms", "fill queue",
    "partition worker from rabbitmq", "partition worker from mongodb", "fill disk of rabbitmq",
    "fill disk of mongod", "step clock of mongod",
}  # fmt: skip


@pytest.fixture
def verdict(rabbitmq, mongod, database, empty_queues, tmp_path):
    """Runs a scenario over web and workers with an environment of a test's own."""

    def judge(scenario: Scenario, **environment: str):
        processes = Processes(
            Single(rabbitmq, mongod, SteppedClock(tmp_path / "clock")), tmp_path, environment
        )
        try:
            processes.start()
            found = run(processes, database, scenario)
        finally:
            processes.stop()
        print("\n".join(found.lines()))
        return found

    return judge


@pytest.mark.timeout(400)
def test_a_short_chaos_run_keeps_every_promise(verdict):
    found = verdict(Scenario(seconds=12, seed=1, pace=Eta(clients=2)))

    assert found.sound, found.lines()
    assert found.count.recovered > 0
    assert found.count.remembered > 0
    assert found.faults.keys() == EVERYTHING


TRIES = 3
"""On a busy machine a worker may be put to sleep when no job is at its thoughts."""
SLEEPERS = Scenario(seconds=9, seed=2, faults=["stop worker"],
                    pace=Eta(clients=3, pause_seconds=0.3, remembering=0))  # fmt: skip


@pytest.mark.timeout(400)
def test_a_build_without_fences_repeats_effects(verdict):
    for _ in range(TRIES):
        found = verdict(SLEEPERS, **{VARIABLE: "off"})
        if found.count.duplicated:
            break

    assert found.count.duplicated != []
    assert not found.sound


@pytest.mark.timeout(180)
def test_the_same_run_with_fences_is_sound(verdict):
    assert verdict(SLEEPERS).sound
