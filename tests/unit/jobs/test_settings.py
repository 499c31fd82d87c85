import pytest
from pydantic import ValidationError

from jobs.settings import JobSettings


def test_a_lease_lasts_longer_than_two_beats():
    with pytest.raises(ValidationError, match="over twice KEEPSAKE_BEAT_SECONDS"):
        JobSettings(lease_seconds=10, beat_seconds=5)

    assert JobSettings(lease_seconds=11, beat_seconds=5).lease_seconds == 11
