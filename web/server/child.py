"""A web process as its master sees it: started, heard through a pipe, ended."""

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress

START_SECONDS = 90.0
"""Until the first beat: a busy machine loads the application slowly."""


class Child:
    """One web process. Its event loop writes beats into a pipe that only this end can read."""

    def __init__(self, module: str, listening: int) -> None:
        self._ear, mouth = os.pipe()
        os.set_blocking(self._ear, False)
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-m", module, str(listening), str(mouth)],
                pass_fds=(listening, mouth),
                stdin=subprocess.DEVNULL,
            )
        finally:
            os.close(mouth)
        self.started_at = time.monotonic()
        self.heard_at = self.started_at
        self.serves = False

    @property
    def pid(self) -> int:
        """The process's id."""
        return self._process.pid

    @property
    def exit_code(self) -> int | None:
        """How it ended; None while it runs."""
        return self._process.poll()

    def listen(self) -> None:
        """Take the beats that have come."""
        with suppress(BlockingIOError):
            if os.read(self._ear, 4_096):
                self.serves, self.heard_at = True, time.monotonic()

    def silent(self, seconds: float) -> bool:
        """Whether nothing was heard for so long, or for a whole start."""
        allowed = seconds if self.serves else max(seconds, START_SECONDS)
        return time.monotonic() - self.heard_at > allowed

    def excuse(self) -> None:
        """Count its silence from now on."""
        self.heard_at = time.monotonic()

    def stop(self) -> None:
        """Ask it to end."""
        self._process.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """End it without warning."""
        self._process.kill()
        self._process.wait()

    def close(self) -> None:
        """Forget the pipe of one that has ended."""
        os.close(self._ear)
