"""Work that cannot be interrupted in this process runs in a child, whose group can be killed."""

import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from keepsake.jobs.attempt import Attempt
from keepsake.jobs.errors import Transient

_LOOK_SECONDS = 0.05
_PLAIN = {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C.UTF-8"}


def run_in_child(
    attempt: Attempt,
    command: Sequence[str],
    *,
    stdin: bytes = b"",
    environment: Mapping[str, str] | None = None,
) -> bytes:
    """Run a program for an attempt and return what it wrote to its standard output.

    It runs in a session of its own, and its environment holds nothing of this process but the path.
    When the attempt is asked to stop (cancel, pause, time limit, lost lease), the whole group is
    killed at once.

    Raises:
        Stop: The attempt was asked to stop; the program is gone.
        Transient: The program failed; its exit code is in the message, its output is not.
    """
    child = subprocess.Popen(
        list(command), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        env={**_PLAIN, **(environment or {})}, start_new_session=True,
    )  # fmt: skip
    try:
        output = _finished(attempt, child, stdin)
    finally:
        _kill_group(child)
    if child.returncode:
        raise Transient(f"{Path(command[0]).name} ended with {child.returncode}")
    return output


def _finished(attempt: Attempt, child: "subprocess.Popen[bytes]", stdin: bytes) -> bytes:
    remaining: bytes | None = stdin
    while True:
        attempt.check()
        try:
            output, _ = child.communicate(remaining, timeout=_LOOK_SECONDS)
        except subprocess.TimeoutExpired:
            remaining = None
        else:
            return output


def _kill_group(child: "subprocess.Popen[bytes]") -> None:
    try:
        os.killpg(child.pid, signal.SIGKILL)
    except ProcessLookupError:
        return
    finally:
        child.wait()
