"""A short run of `make chaos`, and one of a build whose fence is off."""

import pytest

from chaos.farm import Farm
from chaos.run import Scenario, run
from chaos.unfenced import VARIABLE


@pytest.fixture
def verdict(rabbitmq, mongod, database, empty_queues, tmp_path):
    """Runs a scenario over web and workers with an environment of a test's own."""

    def judge(scenario: Scenario, **environment: str):
        farm = Farm(rabbitmq, mongod, tmp_path, environment)
        try:
            farm.start()
            found = run(farm, database, scenario)
        finally:
            farm.stop()
        print("\n".join(found.lines()))
        return found

    return judge


def test_a_short_chaos_run_keeps_every_promise(verdict):
    found = verdict(Scenario(seconds=12, seed=1))

    assert found.sound, found.lines()
    assert found.count.recovered > 0


SLEEPERS = Scenario(seconds=9, settle_seconds=60, seed=2, tricks=["stop worker"],
                    clients=1, pause_seconds=0.3)  # fmt: skip


def test_a_build_without_fences_repeats_effects(verdict):
    found = verdict(SLEEPERS, **{VARIABLE: "off"})

    assert found.count.duplicated != []
    assert not found.sound


def test_the_same_run_with_fences_is_sound(verdict):
    assert verdict(SLEEPERS).sound
