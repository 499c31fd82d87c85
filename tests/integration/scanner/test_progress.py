"""What a scan says of its progress, from its first step to its last."""

from dataclasses import replace
from itertools import groupby, pairwise

import pytest

from keepsake.scanner import pipeline
from keepsake.scanner.models import ScanRequest
from keepsake.scanner.pipeline import Scan
from keepsake.storage.mongo import Unfenced
from tests.integration.scanner.indexed import many_files
from tests.integration.scanner.scan_process import LetterPairs


@pytest.fixture
def record_progress(tools, repo, monkeypatch):
    """All that is said of a whole scan, however short it is."""
    monkeypatch.setattr(pipeline, "_SHORT_SECONDS", 0)
    with_vectors = replace(tools, embedder=LetterPairs(), embedding_model="pairs")

    def scan(owner="ann"):
        running = Scan(with_vectors, owner, ScanRequest(url=repo.url), fence=Unfenced())
        return [step.progress for step in running.steps()], running.result

    return scan


def test_done_never_falls_and_the_total_is_known_once_the_trees_are_compared(record_progress, repo):
    repo.commit(many_files(30))

    progress, result = record_progress()

    for stage, group in groupby(progress, key=lambda step: step.stage):
        within = list(group)
        assert all(step.done <= other.done for step, other in pairwise(within)), stage
        assert all(step.done <= step.total for step in within if step.total is not None), stage
    parsed = [step for step in progress if step.stage == "parse"]
    assert {step.total for step in parsed} == {30}
    assert parsed[-1].done == 30
    embedded = [step for step in progress if step.stage == "embed"]
    assert (embedded[-1].done, embedded[-1].unit) == (result.stats["symbols"], "symbols")
    assert len(embedded) < 10  # of 30 files
    assert progress[-1].symbols == result.stats["symbols"]


def test_the_time_left_counts_the_stages_to_come_once_a_scan_was_seen(record_progress, repo):
    repo.commit(many_files(30))

    first, former = record_progress("ann")
    second, _ = record_progress("bob")

    def left(progress, stage):
        return [step.seconds_left for step in progress if step.stage == stage and step.done]

    assert set(left(first, "parse")) == {None}  # nobody knows how long vectors take
    assert None not in left(first, "embed")
    assert None not in left(second, "parse")
    vectors = former.stats["seconds"]["embed"]
    assert left(second, "parse")[-1] == pytest.approx(vectors, abs=0.06)
    assert (first[-1].seconds_left, second[-1].seconds_left) == (0.0, 0.0)
