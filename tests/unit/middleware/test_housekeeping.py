"""How often housekeeping looks, and what it says of a step that fails."""

import threading

import pytest

from keepsake.jobs.engine import Engine
from keepsake.parts import job_types
from keepsake.storage import IndexUpkeep, StorageError, StorageUnavailable, connect
from middleware.housekeeping import Housekeeping

ROUNDS = 500
"""At one a second they would take minutes."""


@pytest.fixture
def housekeeping():
    database = connect()  # connects with the first question, and none is asked
    engine, upkeep = Engine.over(database, job_types()), IndexUpkeep(database, ())
    yield Housekeeping(engine, None, upkeep, list, {})
    database.client.close()


def test_a_step_that_says_there_is_more_is_repeated_without_a_pause(housekeeping):
    rounds = []

    def step():
        rounds.append(True)
        if len(rounds) == ROUNDS:
            housekeeping.before_worker_shutdown(None, None)
        return True

    thread = threading.Thread(target=housekeeping._run, args=(step,), daemon=True)
    thread.start()
    thread.join(60)

    assert len(rounds) == ROUNDS


@pytest.mark.parametrize(
    ("failure", "said"),
    [
        (StorageUnavailable("x"), ("WARNING", "housekeeping.storage_away")),
        (StorageError("x: MongoDB refused"), ("ERROR", "housekeeping.refused")),
        (ValueError("of a bug"), ("ERROR", "housekeeping.failed")),
    ],
)
def test_a_refusal_of_mongodb_is_not_said_to_be_an_outage(housekeeping, caplog, failure, said):
    def step():
        housekeeping.before_worker_shutdown(None, None)
        raise failure

    housekeeping._pause_seconds = lambda: 0
    housekeeping._run(step)

    lines = [line for line in caplog.records if line.name == "keepsake.housekeeping"]
    assert [(line.levelname, line.message) for line in lines] == [said]
