"""What the console's pages are made of, without a server."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import httpx
import pytest
from jinja2 import UndefinedError
from starlette.datastructures import QueryParams

from web.console import signing_in
from web.console.alarms import alarms
from web.console.api import _problem
from web.console.assets import static_url
from web.console.charts import charts
from web.console.filters import JobFilters
from web.console.history import history
from web.console.rendering import _TEMPLATES, distance, length, number
from web.console.sessions import SignedIn
from web.console.signing_in import FailedSignIns, _within
from web.problems import Problem

READY = {"mongodb": "ok", "rabbitmq": "ok", "workers": "ok"}
AGREED = dict.fromkeys(
    ("unpublished", "unnotified", "lease_expired", "postdated", "unknown", "indexes"), 0
)
QUEUE = {"name": "keepsake.memory", "waiting": 3, "running": 1, "oldest_waiting_seconds": 2.0,
         "paused": None, "rabbitmq": {"ready": 3, "unacked": 1, "consumers": 1},
         "overflow": None}  # fmt: skip


def at(seconds):
    return (datetime(2026, 1, 31, tzinfo=UTC) + timedelta(seconds=seconds)).isoformat()


def point(accepted, p50=None):
    counts = (
        None
        if accepted is None
        else {"accepted": accepted, "succeeded": accepted, "failed_attempts": 0, "dead_letter": 0}
    )
    latency = p50 and {"p50_seconds": p50, "p95_seconds": 2 * p50}
    return {"counts": counts, "latency": latency}


def test_a_chart_has_a_gap_where_nothing_is_known_and_says_in_words_what_it_shows():
    throughput, took, failures = charts([point(30), point(None), point(60, 0.2)], minutes=15)

    accepted = throughput.lines[0]
    assert accepted.runs == ["0.0,43.2 0.0,43.2", "300.0,14.4 300.0,14.4"]
    assert throughput.words.startswith("Jobs a minute. accepted: 3 on average, 4 at most;")
    assert (throughput.top, took.top, failures.top) == ("5", "500 ms", "1")
    assert "half of them: 200 ms on average" in took.words
    assert charts([point(None)], 1)[0].lines[0].words == "nothing is known"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"ready": {**READY, "mongodb": "unavailable"}}, "no job is accepted"),
        ({"ready": {**READY, "workers": "none alive"}}, "No worker is alive"),
        ({"queues": [{**QUEUE, "paused": {"by": "root", "reason": "full", "at": None}}]},
         "paused by root: full"),
        ({"queues": [{**QUEUE, "oldest_waiting_seconds": 400.0}]}, "has waited for 6 min 40 s"),
        ({"queues": [{**QUEUE, "rabbitmq": {"ready": 1, "unacked": 0, "consumers": 0}}]},
         "No worker serves keepsake.memory"),
        ({"divergence": {**AGREED, "lease_expired": 1}}, "under a lease that is over: 1."),
        ({"divergence": {**AGREED, "indexes": 2}}, "Indexes that are not as declared: 2."),
        ({"workers": [{"worker": "w1", "status": "silent", "running": [1, 2]}]},
         "w1 is silent; jobs that it holds: 2."),
    ],
)  # fmt: skip
def test_what_is_amiss_is_an_alarm_and_a_healthy_system_has_none(changes, said):
    healthy = {"ready": READY, "queues": [QUEUE], "divergence": AGREED, "workers": []}

    (alarm,) = alarms(**{**healthy, **changes})

    assert said in alarm.what
    assert alarms(**healthy) == []


def test_the_worst_alarm_comes_first():
    paused = {**QUEUE, "paused": {"by": "root", "reason": "", "at": None}}
    seen = alarms({**READY, "rabbitmq": "unavailable"}, [paused], AGREED, [])

    assert [alarm.level for alarm in seen] == ["bad", "warn"]


def test_a_history_has_each_try_and_the_bar_shows_when_it_ran():
    job = {"created_at": at(0), "ended_at": at(10), "status": "succeeded", "max_attempts": 6}
    failed = {"attempt": 1, "worker": "w1", "started_at": at(1), "ended_at": at(2),
              "outcome": "failed", "slices": 1}  # fmt: skip
    good = {**failed, "attempt": 2, "started_at": at(5), "ended_at": at(10),
            "outcome": "succeeded", "slices": 3}  # fmt: skip

    shown = history(job, [good, failed])

    assert [entry.what for entry in shown.entries] == [
        "accepted", "try 1 of 6 began", "try 1 of 6: failed", "try 2 of 6 began",
        "try 2 of 6: succeeded", "ended as succeeded"]  # fmt: skip
    assert shown.entries[4].detail == "after 5 s, in 3 slices"
    assert [(s.x, s.width, s.outcome) for s in shown.stretches] == [
        (100.0, 100.0, "failed"), (500.0, 500.0, "succeeded")]  # fmt: skip
    assert shown.words == "10 s in all: ran for 6 s, waited for 4 s"


def test_a_filter_is_the_apis_own_and_says_itself_in_words():
    sent = QueryParams("status=running&status=paused&owner=ana&page_token=x&type=")
    of_all, of_own = JobFilters(sent, operates=True), JobFilters(sent, operates=False)

    assert of_all.api == {"status": ["running", "paused"], "owner": "ana"}
    assert of_own.api == {"status": ["running", "paused"]}
    assert of_all.words == "jobs in the state running or paused, of the owner ana"
    assert JobFilters(QueryParams(), operates=True).words == "all jobs of all owners"


def test_a_filter_that_is_closed_stays_as_it_is():
    once = JobFilters(QueryParams("status=running"), operates=True).closed()

    assert set(once.api) == {"status", "created_before"}
    assert once.closed().api == once.api


def test_a_filter_is_closed_now_and_leaves_out_nothing_that_was_there():
    before = datetime.now(UTC) - timedelta(milliseconds=1)

    closed = JobFilters(QueryParams("status=running"), operates=True).closed()

    assert before <= datetime.fromisoformat(closed["created_before"]) <= datetime.now(UTC)


def test_an_address_that_fails_too_often_is_told_to_wait(monkeypatch):
    now = [1_000.0]
    monkeypatch.setattr(signing_in, "time", SimpleNamespace(monotonic=lambda: now[0]))
    failed, here, there = FailedSignIns(), *(
        SimpleNamespace(client=SimpleNamespace(host=host)) for host in ("a", "b")
    )  # fmt: skip
    for _ in range(10):
        failed.note(here)

    with pytest.raises(Problem, match="Too many failed sign-ins"):
        failed.note(here)
    failed.note(there)
    now[0] += 6
    failed.note(here)
    with pytest.raises(Problem, match="Too many failed sign-ins"):
        failed.note(here)


@pytest.mark.parametrize("wanted", ["//evil.example", "https://evil.example/console/", "/docs",
                                    "/\\evil.example", "javascript:alert(1)", ""])  # fmt: skip
def test_going_on_leads_to_pages_of_the_console_alone(wanted):
    assert _within(wanted) == "/console/"
    assert _within("/console/jobs?status=running") == "/console/jobs?status=running"


def test_the_token_of_forms_is_of_the_session_and_says_nothing_of_it():
    first, second = (SignedIn(token, None) for token in ("one", "two"))

    assert first.form_token != second.form_token
    assert "one" not in first.form_token
    assert first.form_token == SignedIn("one", None).form_token


def test_what_the_api_refuses_keeps_its_kind_and_an_answer_without_one_its_members():
    refused = _problem(httpx.Response(409, json={
        "type": "/problems#illegal-move", "title": "Conflict", "status": 409, "detail": "No.",
        "possible": ["cancel"]}))  # fmt: skip
    not_ready = _problem(httpx.Response(503, json={"status": "not ready", "mongodb": "ok"}))

    assert (refused.kind, refused.detail) == ("illegal-move", "No.")
    assert refused.members == {"possible": ["cancel"]}
    assert (not_ready.status, not_ready.members) == (503, {"mongodb": "ok"})


def test_what_is_put_into_a_template_is_escaped_and_a_name_that_is_missing_is_a_fault():
    assert _TEMPLATES.from_string("{{ a }}").render(a="<b>") == "&lt;b&gt;"
    with pytest.raises(UndefinedError):
        _TEMPLATES.from_string("{{ b }}").render(a=1)


def test_files_have_an_address_that_changes_with_them_and_unknown_ones_none():
    assert static_url("console.css").startswith("/console/static/console.css?v=")
    with pytest.raises(KeyError):
        static_url("../pyproject.toml")


def test_lengths_times_and_numbers_are_said_as_people_say_them():
    assert [length(s) for s in (None, 0.25, 61, 90_061)] == ["-", "250 ms", "1 min 1 s", "1 d 1 h"]
    assert [number(n) for n in (1_234_567, 3, 0.25)] == ["1,234,567", "3", "0.25"]
    soon = datetime.now(UTC)
    assert distance((soon - timedelta(hours=3)).isoformat()) == "3 h ago"
    assert distance((soon + timedelta(seconds=90)).isoformat()).startswith("in 1 min")
