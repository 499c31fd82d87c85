"""ProcessLimits of the scanner and of its jobs, which do not know each other."""

import pytest
from pydantic import ValidationError

from keepsake.scanner.job_types import SCAN
from keepsake.scanner.settings import ScannerSettings

RABBITMQ_TAKES_BACK_SECONDS = 1_800


def test_an_attempt_at_a_scan_has_time_for_the_longest_fetch_and_no_delivery_is_taken_back():
    settings, attempt = ScannerSettings(), SCAN.limits.attempt_seconds
    around = 2 * settings.scan_connect_timeout_seconds + settings.scan_git_timeout_seconds

    assert settings.scan_fetch_timeout_seconds + around < attempt < RABBITMQ_TAKES_BACK_SECONDS


def test_a_fetch_timeout_that_no_attempt_has_is_refused():
    with pytest.raises(ValidationError):
        ScannerSettings(scan_fetch_timeout_seconds=1_300)
