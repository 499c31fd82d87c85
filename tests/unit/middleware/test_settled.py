import random

from middleware.consumer import Settled


def test_a_run_of_ended_messages_is_acknowledged_by_its_last():
    assert Settled().acks([2, 1, 3]) == [(3, True)]


def test_a_message_that_still_runs_is_not_acknowledged_with_those_after_it():
    settled = Settled()

    assert settled.acks([2, 4]) == [(2, False), (4, False)]
    assert settled.acks([1, 3]) == [(3, True)]


def test_a_rejected_message_counts_once_it_is_rejected():
    settled = Settled()

    assert settled.acks([2]) == [(2, False)]
    settled.add(1)
    assert settled.acks([3]) == [(3, False)]


def test_each_message_is_acknowledged_once_and_none_that_still_runs():
    chance = random.Random(1)
    for _ in range(200):
        settled, outstanding = Settled(), set(range(1, 31))
        while outstanding:
            ended = chance.sample(sorted(outstanding), chance.randint(1, len(outstanding)))
            running = outstanding - set(ended)
            for tag, multiple in settled.acks(ended):
                acknowledged = (
                    {outstanding_tag for outstanding_tag in outstanding if outstanding_tag <= tag}
                    if multiple
                    else {tag}
                )
                assert acknowledged <= outstanding - running
                outstanding -= acknowledged
            assert outstanding == running
