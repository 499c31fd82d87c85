import pytest

from keepsake.jobs.job import Job
from web.scanner.phases import phases

PUBLISHED = {"phase2": "skipped", "phase2_note": "no model"}
ENRICHED = {"phase2": "complete", "phase2_note": "by m"}
TABLE = [
    (None, "", None, "not_started", "not_started"),
    (None, "", PUBLISHED, "complete", "skipped"),
    ("pending", "", None, "pending", "pending"),
    ("running", "", None, "running", "pending"),
    ("running", "parse", PUBLISHED, "running", "pending"),
    ("running", "publish", None, "running", "pending"),
    ("running", "embed", PUBLISHED, "complete", "pending"),
    ("running", "enrich", PUBLISHED, "complete", "running"),
    ("running", "tidy", ENRICHED, "complete", "complete"),
    ("cancelling", "parse", None, "running", "pending"),
    ("retrying", "fetch", None, "pending", "pending"),
    ("paused", "parse", None, "paused", "pending"),
    ("paused", "embed", PUBLISHED, "complete", "paused"),
    ("dead_letter", "fetch", ENRICHED, "failed", "not_started"),
    ("dead_letter", "enrich", PUBLISHED, "complete", "failed"),
    ("cancelled", "", None, "cancelled", "not_started"),
    ("succeeded", "done", ENRICHED, "complete", "complete"),
    ("succeeded", "done", None, "not_started", "not_started"),
]


@pytest.mark.parametrize(("state", "stage", "current", "phase1", "phase2"), TABLE)
def test_phases_follow_from_the_job_and_the_index(state, stage, current, phase1, phase2):
    job = state and Job({"state": state, "token": int(bool(stage)), "progress": {"stage": stage}})

    shown = phases(job, current)

    assert (shown.phase1, shown.phase2) == (phase1, phase2)


def test_a_scan_between_two_slices_runs_for_its_owner():
    job = Job({"state": "pending", "token": 3, "progress": {"stage": "parse"}})

    assert phases(job, None).phase1 == "running"


def test_an_error_is_told_while_it_counts():
    failed = {"state": "dead_letter", "token": 1, "error": {"message": "no branch"}}

    assert phases(Job(failed), None).error == "no branch"
    assert phases(Job({**failed, "state": "running"}), None).error is None
