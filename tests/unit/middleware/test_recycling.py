"""When a worker process is to end by itself."""

import pytest

from middleware import recycling
from middleware.recycling import Recycling
from middleware.worker_settings import WorkerSettings


def recycled(attempts: int, memory_mb: int, monkeypatch, **settings: int) -> str:
    monkeypatch.setattr(recycling, "resident_bytes", lambda: memory_mb * 1_000_000)
    of_process = Recycling(None, None, "w", WorkerSettings(**settings))
    for _ in range(attempts):
        of_process.ended(None)
    return of_process.why()


@pytest.mark.parametrize(
    ("attempts", "memory_mb", "settings", "why"),
    [
        (1_000, 5_000, {}, ""),
        (1, 301, {"worker_max_memory_mb": 300}, "it has 301 MB of memory"),
        (1, 300, {"worker_max_memory_mb": 300}, ""),
        (0, 301, {"worker_max_memory_mb": 300}, ""),  # else it would end for ever and do nothing
        (8, 0, {"worker_max_jobs": 9}, ""),
        (9, 0, {"worker_max_jobs": 9}, "it has made 9 attempts"),
    ],
)
def test_a_process_ends_for_its_memory_or_its_attempts(
    monkeypatch, attempts, memory_mb, settings, why
):
    assert recycled(attempts, memory_mb, monkeypatch, **settings) == why


def test_processes_that_start_together_do_not_end_together():
    most = {Recycling(None, None, "w", WorkerSettings(worker_max_jobs=1_000))._most
            for _ in range(50)}  # fmt: skip

    assert len(most) > 1
    assert all(900 <= each <= 1_000 for each in most)
