"""Looks names up within a time: the system's resolver may take as long as it likes."""

import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future

from keepsake.outbound.errors import LinkAway

_AT_ONCE = 32

Resolve = Callable[[str], Sequence[str]]
"""The addresses of a host name."""


class Lookups:
    """So many at once; one that nobody waits for any longer goes on until the resolver ends it."""

    def __init__(self, at_once: int = _AT_ONCE) -> None:
        self._slots = threading.BoundedSemaphore(at_once)

    def find(self, resolve: Resolve, host: str, until: float) -> Sequence[str]:
        """The addresses of a name, found before a moment of the monotonic clock.

        Raises:
            LinkAway: They were not, or others were looked up until then.
            Unreachable: As `resolve` has it.
        """
        if not self._slots.acquire(timeout=max(0.0, until - time.monotonic())):
            raise LinkAway("too many names are being looked up")
        found: Future[Sequence[str]] = Future()
        self._start(resolve, host, found)
        try:
            return found.result(timeout=max(0.0, until - time.monotonic()))
        except TimeoutError:
            raise LinkAway("no resolver answered in time") from None

    def _start(self, resolve: Resolve, host: str, found: "Future[Sequence[str]]") -> None:
        """In a thread that the end of the process does not wait for."""
        asked = (resolve, host, found)
        try:
            threading.Thread(target=self._run, args=asked, name="look-up", daemon=True).start()
        except RuntimeError:  # no thread can be begun
            self._slots.release()
            raise

    def _run(self, resolve: Resolve, host: str, found: "Future[Sequence[str]]") -> None:
        try:
            found.set_result(resolve(host))
        except Exception as error:  # noqa: BLE001 - raised where it is waited for
            found.set_exception(error)
        finally:
            self._slots.release()


LOOKUPS = Lookups()
"""Those of this process."""
