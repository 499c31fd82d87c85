"""How often housekeeping looks."""

import threading

from keepsake.jobs.engine import Engine
from keepsake.parts import job_types
from keepsake.storage import IndexUpkeep, connect
from middleware.housekeeping import Housekeeping

ROUNDS = 500
"""At one a second they would take minutes."""


def test_a_step_that_says_there_is_more_is_repeated_without_a_pause(eventually):
    database = connect()  # connects with the first question, and none is asked
    engine, upkeep = Engine.over(database, job_types()), IndexUpkeep(database, ())
    housekeeping = Housekeeping(engine, None, upkeep, list, {})
    rounds = []

    def step():
        rounds.append(True)
        return len(rounds) < ROUNDS

    thread = threading.Thread(target=housekeeping._run, args=(step,))
    thread.start()
    eventually(lambda: len(rounds) >= ROUNDS)
    housekeeping.before_worker_shutdown(None, None)
    thread.join()

    assert len(rounds) == ROUNDS
    database.client.close()
