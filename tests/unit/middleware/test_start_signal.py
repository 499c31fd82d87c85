"""How a worker tells its master that it has started."""

import multiprocessing
import os
import signal

import pytest

from middleware.work import StartSignal

FORK = multiprocessing.get_context("fork")


def killed(*, told: bool) -> StartSignal:
    """The signal of a worker that was killed, before it told or right after."""
    begun = StartSignal()

    def work() -> None:
        if told:
            begun.set()
        os.kill(os.getpid(), signal.SIGKILL)

    worker = FORK.Process(target=work)
    worker.start()
    worker.join(20)
    assert worker.exitcode == -signal.SIGKILL
    return begun


@pytest.mark.parametrize("told", [True, False])
def test_the_master_of_a_killed_worker_goes_on_whether_it_told_or_not(told):
    assert killed(told=told).wait(timeout=0.05) is told
