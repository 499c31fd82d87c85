"""What `keepsake doctor` says of each part, and how to mend it."""

from datetime import datetime, timedelta

import pytest

from keepsake_client.commands import findings
from keepsake_client.models.admin import Queue, Readiness, Worker

UTC = datetime.fromisoformat("2026-01-31T00:00:00+00:00").tzinfo
CONSUMED = {"ready": 0, "unacked": 0, "consumers": 2}


def queue(**changed: object) -> Queue:
    about = {"name": "memory", "waiting": 7, "running": 1, "rabbitmq": CONSUMED, **changed}
    return Queue.model_validate(about)


def worker(**changed: object) -> Worker:
    about = {
        "worker": "w1",
        "alive": True,
        "heartbeat_at": datetime.now(UTC),
        "version": "1.0",
        **changed,
    }
    return Worker.model_validate(about)


def told(found) -> list[tuple[str, str]]:
    return [(finding.state, f"{finding.what} | {finding.mend}") for finding in found]


@pytest.mark.parametrize(
    ("part", "state", "said"),
    [
        ("mongodb", "unavailable", "KEEPSAKE_MONGO_URL"),
        ("rabbitmq", "unavailable", "KEEPSAKE_AMQP_URL"),
        ("rabbitmq", "alarm", "short of memory or disk"),
        ("workers", "none alive", "start workers"),
    ],
)
def test_a_part_that_is_away_is_a_fault_with_its_mend(part, state, said):
    parts = {"mongodb": "ok", "rabbitmq": "ok", "workers": "ok", part: state}
    ready = Readiness(status="degraded", **parts)

    broken = [finding for finding in findings.of_parts(ready) if finding.state != "ok"]

    assert [(finding.part, finding.state) for finding in broken] == [(part, "fault")]
    assert said in broken[0].mend


@pytest.mark.parametrize(
    ("ahead", "state", "said"),
    [(0, "ok", "agree"), (90, "warning", "1 min ahead of"), (-7_300, "warning", "2 h behind")],
)
def test_a_clock_that_differs_is_told_by_how_much(ahead, state, said):
    finding = findings.of_clock(datetime.now(UTC) - timedelta(seconds=ahead))

    assert finding.state == state
    assert said in finding.what


@pytest.mark.parametrize(
    ("changed", "state", "said"),
    [
        ({}, "ok", "none is paused"),
        ({"paused": {"by": "root", "reason": "disk"}}, "warning", "keepsake queues resume memory"),
        ({"rabbitmq": None}, "warning", "KEEPSAKE_MANAGEMENT_URL"),
        ({"rabbitmq": {**CONSUMED, "consumers": 0}}, "fault", "no worker consumes memory; 7 jobs"),
        ({"oldest_waiting_seconds": 7_200}, "warning", "has waited 2 h"),
    ],
)
def test_a_queue_that_stands_still_is_told(changed, state, said):
    ((found, words),) = told(findings.of_queues([queue(**changed)]))

    assert found == state
    assert said in words


def test_while_rabbitmq_is_away_it_is_told_once():
    silent = [queue(rabbitmq=None)]

    assert told(findings.of_queues(silent, rabbitmq="unavailable"))[0][0] == "ok"


def test_versions_that_differ_from_the_services_are_named():
    older = [worker(), worker(worker="w2", version="0.9"), worker(alive=False, version="0.1")]

    ((state, words),) = told(findings.of_workers(older, "1.0"))

    assert state == "warning"
    assert "workers are 0.9 too" in words
    assert told(findings.of_workers([worker()], "1.0"))[0][0] == "ok"


def test_a_drained_worker_that_lives_on_is_told():
    drained = worker(drain={"by": "root", "at": datetime.now(UTC), "reason": ""})

    ((state, words),) = told(findings.of_drained([drained, worker()]))

    assert state == "warning"
    assert "w1 was drained by root" in words


def test_each_kind_of_record_that_differs_has_its_mend():
    counted = {"unpublished": 3, "lease_expired": 1, "newer_kind": 2, "indexes": 0}

    found = told(findings.of_divergence(counted))

    assert [words.partition(" | ")[0] for _, words in found] == [
        "3 jobs were notified of once, and nobody came",
        "1 jobs run under a lease that is over: their worker is gone",
        "2 newer_kind",
    ]
    assert all(words.partition(" | ")[2] for _, words in found)
    assert told(findings.of_divergence({"unpublished": 0}))[0][0] == "ok"
