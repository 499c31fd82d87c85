"""Several parts started or stopped side by side."""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor


def side_by_side(calls: Iterable[Callable[[], None]]) -> None:
    """Make calls that mostly wait, each in a thread; the first failure is raised at the end."""
    with ThreadPoolExecutor() as pool:
        running = [pool.submit(call) for call in calls]
    for done in running:
        done.result()
