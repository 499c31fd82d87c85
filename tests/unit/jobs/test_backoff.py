from random import Random

from hypothesis import given
from hypothesis import strategies as st

from keepsake.jobs.attempt import delay_seconds
from keepsake.memory.job_types import INGEST

LIMITS = INGEST.limits


@given(failures=st.integers(1, 10_000), seed=st.integers())
def test_a_delay_is_never_immediate_and_never_above_its_maximum(failures, seed):
    delay = delay_seconds(LIMITS, failures, Random(seed))

    assert LIMITS.backoff_base_seconds / 2 <= delay <= LIMITS.backoff_max_seconds


@given(asked=st.floats(0, 1e9), seed=st.integers())
def test_an_upstreams_retry_after_is_honoured_within_bounds(asked, seed):
    delay = delay_seconds(LIMITS, 1, Random(seed), asked)

    assert delay >= min(asked, LIMITS.backoff_max_seconds)


def test_delays_grow_on_average():
    def mean(failures: int) -> float:
        return sum(delay_seconds(LIMITS, failures, Random(seed)) for seed in range(200)) / 200

    assert mean(1) < mean(3) < mean(6)


def test_delays_of_a_crowd_differ():
    assert len({delay_seconds(LIMITS, 5, Random(seed)) for seed in range(50)}) == 50
