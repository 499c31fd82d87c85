"""For how long acts are kept."""

import pytest
from pydantic import ValidationError

from keepsake.access.audit import Act, AuditLog, AuditSettings, expiring

DAY_SECONDS = 86_400


@pytest.fixture
def log(with_indexes):
    """A log with three acts: of 401 days ago, of 399, and of now."""
    written = AuditLog(with_indexes)
    for days in (401, 399, 0):
        written.note(Act(by="olga", key_id="key_1", action="job.cancel", target=f"{days} days"))
        ago = {"$subtract": ["$$NOW", days * DAY_SECONDS * 1_000]}
        with_indexes["audit"].update_one({"target": f"{days} days"}, [{"$set": {"at": ago}}])
    return written


def left(log):
    return [row["target"] for row in log.page(None, 10)]


def test_acts_are_kept_for_400_days(log, with_indexes):
    assert expiring(with_indexes)() is False
    assert left(log) == ["0 days", "399 days"]


def test_a_shorter_time_holds_for_acts_of_before_too(log, with_indexes, monkeypatch):
    monkeypatch.setenv("KEEPSAKE_AUDIT_KEPT_SECONDS", str(DAY_SECONDS))
    expire = expiring(with_indexes)
    expire()

    assert left(log) == ["0 days"]


def test_0_keeps_acts_for_ever(log, with_indexes, monkeypatch):
    monkeypatch.setenv("KEEPSAKE_AUDIT_KEPT_SECONDS", "0")
    expiring(with_indexes)()

    assert left(log) == ["0 days", "399 days", "401 days"]


def test_old_acts_go_in_batches(log, with_indexes, monkeypatch):
    monkeypatch.setattr("keepsake.access.audit._REMOVED", 1)
    monkeypatch.setenv("KEEPSAKE_AUDIT_KEPT_SECONDS", str(DAY_SECONDS))
    expire = expiring(with_indexes)

    assert [expire(), expire(), expire()] == [True, True, False]
    assert left(log) == ["0 days"]


def test_a_number_of_days_is_no_number_of_seconds(monkeypatch):
    monkeypatch.setenv("KEEPSAKE_AUDIT_KEPT_SECONDS", "400")

    with pytest.raises(ValidationError, match="at least 86400"):
        AuditSettings()


def test_a_worker_removes_old_acts(log, worker, eventually):
    worker()
    eventually(lambda: left(log) == ["0 days", "399 days"], within=60)
