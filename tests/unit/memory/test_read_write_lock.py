import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from keepsake.memory.searching.index_cache import ReadWriteLock


@pytest.fixture
def lock():
    return ReadWriteLock()


@pytest.fixture
def pool():
    with ThreadPoolExecutor(4) as opened:
        yield opened


def test_readers_are_inside_together(lock, pool):
    together = threading.Barrier(3)

    def read():
        with lock.reading():
            together.wait(timeout=5)

    for reader in [pool.submit(read) for _ in range(3)]:
        reader.result()


@pytest.mark.parametrize(("first", "second"), [("reading", "writing"), ("writing", "reading"),
                                               ("writing", "writing")])  # fmt: skip
def test_a_writer_is_alone(lock, pool, first, second):
    trying, told = threading.Event(), []

    def other():
        trying.set()
        with getattr(lock, second)():
            told.append("other")

    with getattr(lock, first)():
        came = pool.submit(other)
        trying.wait(timeout=5)
        assert not came.done()
        told.append("first")
    came.result(timeout=5)

    assert told == ["first", "other"]


def test_a_reader_that_fails_keeps_no_writer_out(lock):
    with pytest.raises(ZeroDivisionError), lock.reading():
        raise ZeroDivisionError

    with lock.writing():
        pass
