import pytest
from pydantic import ValidationError

from keepsake.jobs.settings import JobSettings


def test_a_lease_lasts_longer_than_two_heartbeats():
    with pytest.raises(ValidationError, match="over twice KEEPSAKE_HEARTBEAT_SECONDS"):
        JobSettings(lease_seconds=10, heartbeat_seconds=5)

    assert JobSettings(lease_seconds=11, heartbeat_seconds=5).lease_seconds == 11


@pytest.mark.parametrize("name", ["succeeded", "cancelled", "dead_letter"])
def test_a_record_is_kept_for_as_long_as_its_key_stands_for_it(name):
    kept = f"{name}_kept_seconds"
    with pytest.raises(ValidationError, match=f"KEEPSAKE_{name.upper()}_KEPT_SECONDS must be at"):
        JobSettings(**{kept: 86_399})

    assert JobSettings(**{kept: 60}, idempotency_window_seconds=60)
