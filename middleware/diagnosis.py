"""What the record keeps of a failure: what was raised and where, and no value of anybody's."""

import gc
import sys
import traceback
from collections.abc import Iterable, Iterator
from types import FrameType

from keepsake.jobs import Failure, Outage, Stop
from keepsake.storage import Document, StorageUnavailable, redacted

_FRAMES = 12
_CAUSES = 4


def described(failure: Exception) -> Document:
    """An error for the record.

    Only our own failures keep their message: what a library says may quote a user or a secret.
    The traceback keeps places, not values; of what led to the failure its class and place are kept.
    """
    error = {"kind": "transient", "type": "internal", "message": "an unexpected error on our side"}
    if isinstance(failure, StorageUnavailable):
        error = {"kind": Outage.kind, "type": "database-away", "message": str(failure)}
    elif isinstance(failure, Failure):
        error = {
            "kind": failure.kind,
            "type": failure.error_type,
            "message": redacted(str(failure)),
        }
    return {
        **error,
        "exception": type(failure).__name__,
        "traceback": _places(traceback.extract_tb(failure.__traceback__)),
        "causes": list(_causes(failure)),
    }


def out_of_time(stop: Stop, thread_id: int) -> Document:
    """The error of an attempt that reached its time limit, with the place where it was.

    thread_id: its thread, which blocks there still if it could not be interrupted.
    """
    frames = traceback.extract_tb(stop.__traceback__)
    if not frames and (blocked := _frame_of(thread_id)):
        frames = traceback.extract_stack(blocked)
    return {
        "kind": "timeout",
        "type": "attempt-timeout",
        "message": "the attempt reached its time limit",
        "exception": type(stop).__name__,
        "traceback": _places(frames),
        "causes": [],
    }


def _frame_of(thread_id: int) -> FrameType | None:
    """Where a thread is.

    Python before 3.11.5 holds a lock while it lists all frames. A collection of garbage that ends a
    thread then waits for that lock for ever, with all other threads (CPython's issue 106883).
    """
    collects = gc.isenabled()
    try:
        gc.disable()
        return sys._current_frames().get(thread_id)  # noqa: SLF001 - CPython's own way
    finally:
        if collects:
            gc.enable()


def _causes(failure: BaseException) -> Iterator[str]:
    """What led to a failure, the nearest first: the class of each, and its innermost place."""
    for _ in range(_CAUSES):
        cause = failure.__cause__ or (None if failure.__suppress_context__ else failure.__context__)
        if cause is None:
            return
        place = _places(traceback.extract_tb(cause.__traceback__))[-1:]
        yield " ".join([type(cause).__name__, *place])
        failure = cause


def _places(frames: Iterable[traceback.FrameSummary]) -> list[str]:
    """The innermost places: the end of the path, the line and the function of each."""
    return [
        f"{'/'.join(frame.filename.rsplit('/', 2)[-2:])}:{frame.lineno} {frame.name}"
        for frame in list(frames)[-_FRAMES:]
    ]
