import subprocess
import sys
import threading
from types import SimpleNamespace

import pytest

from keepsake.jobs.errors import CancelRequested, LeaseLost, TimeLimitReached
from middleware.running import Run


class Asked:
    """An attempt as far as a run needs it."""

    def __init__(self) -> None:
        self.requested = None

    def request(self, stop) -> None:
        self.requested = stop


def a_run() -> Run:
    return Run(Asked(), threading.get_ident())  # type: ignore[arg-type]


def interrupted_by(run: Run, stop) -> threading.Thread:
    thread = threading.Thread(target=run.interrupt, args=(stop,))
    thread.start()
    return thread


def test_an_interrupt_reaches_python_code_that_never_looks():
    run = a_run()

    with pytest.raises(TimeLimitReached), run.interruptible():
        interrupted_by(run, TimeLimitReached)
        while True:
            pass


def test_no_interrupt_lands_outside_the_actors_code():
    run = a_run()
    with run.interruptible():
        pass

    interrupted_by(run, LeaseLost).join()

    assert sum(range(100_000)) > 0
    assert run.attempt.requested is LeaseLost


def test_only_the_first_interrupt_is_delivered():
    run = a_run()

    with pytest.raises(CancelRequested), run.interruptible():
        interrupted_by(run, CancelRequested).join()
        while True:
            pass
    with run.interruptible():
        interrupted_by(run, LeaseLost).join()
        assert sum(range(100_000)) > 0


def test_an_outcome_is_recorded_once():
    run = Run(SimpleNamespace(), 0)  # type: ignore[arg-type]

    assert [run.claim_settlement(), run.claim_settlement()] == [True, False]


def test_code_under_a_profile_function_goes_on_after_a_run():
    script = (
        "import sys, threading; from middleware.running import Run; "
        "sys.setprofile(lambda *_: None); run = Run(None, threading.get_ident()); "
        "run.close(); run.close()"
    )

    subprocess.run([sys.executable, "-c", script], check=True, timeout=60)
