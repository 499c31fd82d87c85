"""A command that waits for a job: however it leaves, the job goes on and is named."""

from types import SimpleNamespace
from typing import Any

import pytest

from keepsake_client.commands import CommandFailed, Output
from keepsake_client.commands.calling import Call
from keepsake_client.commands.progress import waited
from keepsake_client.errors import ConnectionFailed, WaitTimeout

CALL = Call(Output(as_json=False), {"profile": "work", "url": None, "key_file": None})
FOLLOW = "job_1 goes on; to follow it: keepsake jobs watch job_1 --profile work"


def job(*happens: BaseException | None) -> Any:
    """A job whose waits end like this, one after the other; without an error it has ended."""
    left = list(happens)
    handle = SimpleNamespace(id="job_1", status="running", info=SimpleNamespace(ended=False))

    def wait(timeout: float, on_progress: object) -> None:
        error = left.pop(0)
        if error is not None:
            raise error
        handle.info.ended = True

    handle.wait = wait
    return handle


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (KeyboardInterrupt(), 130, FOLLOW),
        (ConnectionFailed("no answer from http://a"), 5, f"no answer from http://a; {FOLLOW}"),
        (WaitTimeout("late"), 8, f"it takes longer; {FOLLOW}"),
    ],
)
def test_a_wait_that_is_left_names_the_job_and_the_command_that_follows_it(error, code, said):
    with pytest.raises(CommandFailed) as left:
        waited(CALL, job(error), timeout=0)

    assert (left.value.exit_code, left.value.message) == (code, said)


def test_a_wait_without_a_limit_asks_again_until_the_end(capsys):
    assert waited(CALL, job(WaitTimeout("15 s"), WaitTimeout("15 s"), None)).ended

    assert capsys.readouterr().err == "running\n"
