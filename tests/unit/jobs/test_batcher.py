import threading
from concurrent.futures import ThreadPoolExecutor

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


def asked(batcher, *questions):
    """The answers, in the order of their arrival."""
    heard = []
    for question in questions:
        batcher.submit_nowait(question, heard.append)
    assert batcher.drain(10)
    return heard


def test_a_lone_question_is_a_round_of_its_own():
    rounds = Rounds()

    assert asked(Batcher(rounds), 4) == [8]
    assert rounds.sizes == [1]


def test_questions_that_come_during_a_round_share_the_next_and_nobody_waits():
    rounds, heard = Rounds(held=True), []
    batcher = Batcher(rounds)
    batcher.submit_nowait(1, heard.append)
    assert rounds.began.acquire(timeout=10)

    for number in (2, 3, 4):
        batcher.submit_nowait(number, heard.append)

    assert heard == []
    rounds.go.set()
    assert batcher.drain(10)
    assert (rounds.sizes, sorted(heard)) == ([1, 3], [2, 4, 6, 8])


def test_what_is_not_answered_in_time_is_not_drained():
    rounds = Rounds(held=True)
    batcher = Batcher(rounds)
    batcher.submit_nowait(1, [].append)

    assert not batcher.drain(0.01)
    rounds.go.set()
    assert batcher.drain(10)


def test_an_error_is_told_to_all_who_shared_the_round_and_to_nobody_else():
    rounds, first, others = Rounds(held=True), [], []
    batcher = Batcher(rounds)
    batcher.submit_nowait(1, first.append)
    assert rounds.began.acquire(timeout=10)
    for number in (12, 13):
        batcher.submit_nowait(number, others.append)
    rounds.go.set()

    assert batcher.drain(10)
    assert first == [2]
    assert [str(error) for error in others] == ["thirteen", "thirteen"]
    assert asked(batcher, 5) == [10]


def test_an_answer_that_is_an_exception_concerns_its_question_only():
    batcher = Batcher(lambda asked: [OSError() if one == 1 else one for one in asked])

    (error,) = asked(batcher, 1)

    assert isinstance(error, OSError)
    assert asked(batcher, 2) == [2]


def test_all_that_many_threads_leave_is_answered():
    batcher, heard = Batcher(Rounds()), []
    questions = range(100, 3_000)
    with ThreadPoolExecutor(16) as pool:
        list(pool.map(lambda question: batcher.submit_nowait(question, heard.append), questions))

    assert batcher.drain(10)
    assert sorted(heard) == [2 * question for question in questions]
