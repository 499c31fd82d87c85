import pytest
from pydantic import ValidationError

from keepsake.jobs.settings import JobSettings


def test_a_lease_lasts_longer_than_two_heartbeats():
    with pytest.raises(ValidationError, match="over twice KEEPSAKE_HEARTBEAT_SECONDS"):
        JobSettings(lease_seconds=10, heartbeat_seconds=5)

    assert JobSettings(lease_seconds=11, heartbeat_seconds=5).lease_seconds == 11
