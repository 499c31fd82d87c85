"""Notifications that came before their jobs were recorded."""

import threading
import time
from collections.abc import Callable, Collection

from dramatiq.broker import MessageProxy

from keepsake.storage import StorageError

_LOOK_SECONDS = 0.02
_LONGEST_SECONDS = 1.0


class EarlyNotifications:
    """Repeats each once its job is recorded, and drops it after a second: the relay covers it.

    A notification may leave while its job is being written, and overtake it. One whose job is never
    written, such as that of a request that was a repeat, is for nothing.

    recorded: which of some jobs are there. repeat: publishes a message once more.
    """

    def __init__(
        self,
        recorded: Callable[[Collection[str]], Collection[str]],
        repeat: Callable[[MessageProxy], None],
    ) -> None:
        self._recorded, self._repeat = recorded, repeat
        self._changed = threading.Condition()
        self._waiting: dict[str, tuple[float, MessageProxy]] = {}
        self._thread: threading.Thread | None = None

    def add(self, message: MessageProxy) -> None:
        """Wait for the job of a message, on another thread; its repeat counts as any other."""
        job_id = message.kwargs["job_id"]
        del message.kwargs["early"]
        with self._changed:
            self._waiting[job_id] = (time.monotonic() + _LONGEST_SECONDS, message)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="early", daemon=True)
                self._thread.start()
            self._changed.notify()

    def _run(self) -> None:
        pause = threading.Event()
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._waiting)
            pause.wait(_LOOK_SECONDS)
            self._look()

    def _look(self) -> None:
        with self._changed:
            waiting = dict(self._waiting)
        try:
            recorded = self._recorded(waiting)
        except StorageError:  # asked again, until the second is over
            recorded = ()
        now = time.monotonic()
        for job_id in recorded:
            self._repeat(waiting[job_id][1])
        over = {job_id for job_id, (until, _) in waiting.items() if until < now}
        with self._changed:
            for job_id in over.union(recorded):
                self._waiting.pop(job_id, None)
