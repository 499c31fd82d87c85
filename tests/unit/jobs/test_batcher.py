import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from keepsake.jobs.batched_claims import Batcher


class Rounds:
    """Answers with the double; each round waits until it may go on."""

    def __init__(self, *, held=False) -> None:
        self.sizes = []
        self.go = threading.Event()
        self.began = threading.Semaphore(0)
        if not held:
            self.go.set()

    def __call__(self, questions) -> list[int]:
        self.sizes.append(len(questions))
        self.began.release()
        assert self.go.wait(10)
        if 13 in questions:
            raise OSError("thirteen")
        return [2 * question for question in questions]


def waiting(batcher):
    return len(batcher._waiting)


def test_a_lone_question_is_a_round_of_its_own():
    rounds = Rounds()

    assert Batcher(rounds).submit(4) == 8
    assert rounds.sizes == [1]


def test_questions_that_come_during_a_round_share_the_next(eventually):
    rounds = Rounds(held=True)
    batcher = Batcher(rounds)
    with ThreadPoolExecutor(8) as pool:
        first = pool.submit(batcher.submit, 0)
        assert rounds.began.acquire(timeout=10)
        others = [pool.submit(batcher.submit, number) for number in range(1, 8)]
        eventually(lambda: waiting(batcher) == 7)
        rounds.go.set()

        assert [first.result(10), *(other.result(10) for other in others)] == list(range(0, 16, 2))
    assert rounds.sizes == [1, 7]


def test_an_error_is_told_to_all_who_shared_the_round_and_to_nobody_else(eventually):
    rounds = Rounds(held=True)
    batcher = Batcher(rounds)
    with ThreadPoolExecutor(3) as pool:
        first = pool.submit(batcher.submit, 1)
        assert rounds.began.acquire(timeout=10)
        others = [pool.submit(batcher.submit, number) for number in (12, 13)]
        eventually(lambda: waiting(batcher) == 2)
        rounds.go.set()

        assert first.result(10) == 2
        for other in others:
            with pytest.raises(OSError, match="thirteen"):
                other.result(10)
    assert batcher.submit(5) == 10


def test_many_threads_all_get_their_own_answer():
    batcher = Batcher(Rounds())
    questions = range(100, 3_000)
    with ThreadPoolExecutor(16) as pool:
        assert list(pool.map(batcher.submit, questions)) == [2 * question for question in questions]


def test_an_answer_that_is_an_exception_concerns_its_question_only():
    batcher = Batcher(
        lambda asked: [OSError() if question == 1 else question for question in asked]
    )

    with pytest.raises(OSError):
        batcher.submit(1)
    assert batcher.submit(2) == 2


def test_who_leaves_a_question_while_nobody_asks_hears_at_once():
    heard = []

    Batcher(Rounds()).submit_nowait(4, heard.append)

    assert heard == [8]


def test_only_who_carries_out_the_next_round_waits_for_the_one_in_flight(eventually):
    rounds, heard = Rounds(held=True), []
    batcher = Batcher(rounds)
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(batcher.submit_nowait, 1, heard.append)
        assert rounds.began.acquire(timeout=10)
        next_one = pool.submit(batcher.submit_nowait, 2, heard.append)
        eventually(lambda: waiting(batcher) == 1)

        for number in (3, 4):
            batcher.submit_nowait(number, heard.append)

        assert (heard, next_one.done()) == ([], False)
        rounds.go.set()
        assert first.result(10) is next_one.result(10) is None
    assert (rounds.sizes, sorted(heard)) == ([1, 3], [2, 4, 6, 8])


def test_all_that_many_threads_leave_is_answered():
    batcher, heard = Batcher(Rounds()), []
    questions = range(100, 3_000)
    with ThreadPoolExecutor(16) as pool:
        list(pool.map(lambda question: batcher.submit_nowait(question, heard.append), questions))

    assert sorted(heard) == [2 * question for question in questions]
