"""An attempt's limit is counted on the database's clock."""

import time
from datetime import UTC, datetime, timedelta

import pytest

from keepsake.jobs.job import Claim, Job
from middleware.guards import limit_seconds

LONG_AGO = datetime(2001, 1, 1, tzinfo=UTC)
FAR_AHEAD = datetime(2101, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize("claimed_at", [LONG_AGO, FAR_AHEAD])
@pytest.mark.parametrize(("left", "limit"), [(50.0, 50.0), (5_000.0, 120.0), (-1.0, 0.0)])
def test_a_worker_whose_clock_is_wrong_gives_attempts_their_time(claimed_at, left, limit):
    record = {
        "updated_at": claimed_at,
        "deadline_at": claimed_at + timedelta(seconds=left),
        "limits": {"attempt_seconds": 120},
    }

    asked_at = time.monotonic()
    given = limit_seconds(Claim(Job(record), "claim_id", asked_at))

    assert limit - (time.monotonic() - asked_at) <= given <= limit
