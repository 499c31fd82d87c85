"""`keepsake`, for jobs and dead letters: listed, cancelled, tried again, replayed."""

import re
from functools import partial

import pytest

from tests.integration.client.commands.conftest import as_owner, asked


def test_jobs_are_listed_by_their_state_and_time(keepsake, busy):
    busy("ann", "cl4")
    listed = partial(asked, keepsake, "jobs", "ls")

    assert [job["status"] for job in listed("--status", "paused")] == ["paused"]
    assert listed("--status", "paused", "--until", "1h") == []
    assert len(listed("--since", "1h", "--type", "memory.ingest", "--limit", 1)) == 1
    assert "paused" in keepsake("jobs", "ls").stdout


def test_jobs_are_cancelled_by_id_or_by_filter_and_counted_first(keepsake, busy):
    busy("ann", "cl5")
    one, *_ = (asked(keepsake, "remember", f"I like {what}.", "--user", "cl5")["job_id"]
               for what in ("rain", "snow", "hail"))  # fmt: skip
    many = partial(asked, keepsake, "jobs", "cancel", "--all", "--status", "pending")

    assert asked(keepsake, "jobs", "cancel", one)[0]["status"] == "cancelled"
    assert (many("--dry-run")["matched"], many("--dry-run")["changed"]) == (2, 0)
    assert many()["changed"] == 2
    assert many()["matched"] == 0
    assert "cancelled" in keepsake("jobs", "show", one).stdout
    keepsake("jobs", "watch", one, code=1)


@pytest.mark.parametrize(
    "arguments",
    [["jobs", "cancel"], ["jobs", "cancel", "job_1", "--all"], ["dead", "replay", "--dry-run"],
     ["jobs", "cancel", "job_1", "--since", "1h"], ["jobs", "pause", "--all"],
     ["jobs", "ls", "--since", "soon"],
     ["erase", "ana"], ["keys", "create"], ["jobs", "ls", "--profile", "a", "--url", "http://b"]],
)  # fmt: skip
def test_what_is_typed_wrong_is_refused(keepsake, arguments):
    keepsake(*arguments, code=2)


def test_only_a_job_that_waits_for_its_next_try_is_tried_again(keepsake):
    job = asked(keepsake, "remember", "I like tea.", "--user", "cl6", "--wait")["job_id"]

    assert "illegal-move" in keepsake("jobs", "retry", job, code=6).stderr
    assert asked(keepsake, "jobs", "retry", "--all")["changed"] == 0


def test_dead_letters_are_listed_counted_and_replayed(keepsake, dead):
    job = dead("I like figs.")

    assert asked(keepsake, "dead", "ls")[0]["job_id"] == job
    assert "no use" in keepsake("dead", "ls").stdout
    causes = asked(keepsake, "dead", "groups")
    assert [(cause["letters"], cause["error_place"]) for cause in causes] == [(1, None)]
    assert "permanent" in keepsake("dead", "groups").stdout
    typed = ("--all", "--dry-run", "--error-type")
    assert asked(keepsake, "dead", "replay", *typed, "permanent")["matched"] == 1
    assert asked(keepsake, "dead", "replay", *typed, "internal")["matched"] == 0
    assert asked(keepsake, "dead", "replay", "--all", "--dry-run")["matched"] == 1
    assert asked(keepsake, "dead", "replay", job)[0]["lineage"] == {"replay_of": job}
    assert "No dead letters." in keepsake("dead", "ls").stdout


def test_an_operator_finds_and_cancels_an_owners_jobs_and_no_others(
    operate, key, environment, busy
):
    for owner in ("bob", "eve"):
        busy(owner, "op1")
        say = as_owner(environment, key(owner))
        for what in ("rain", "snow"):
            say("remember", f"I like {what}.", "--user", "op1", "--label", f"of={owner}")
    listed = partial(asked, operate, "jobs", "ls")

    assert listed() == []
    assert {job["owner"] for job in listed("-A")} == {"bob", "eve"}
    assert {job["owner"] for job in listed("--label", "of=bob", "-A")} == {"bob"}
    assert "bob" in operate("jobs", "ls", "--owner", "bob").stdout
    cancel = partial(asked, operate, "jobs", "cancel", "--all", "--owner", "bob", "--reason", "x")
    assert (cancel("--dry-run")["matched"], cancel()["changed"]) == (3, 3)
    assert [job["status"] for job in listed("--owner", "eve")].count("cancelled") == 0


def test_an_operator_sees_why_anyones_job_waits(operate, keepsake, busy):
    busy("ann", "op2")
    job = asked(keepsake, "remember", "I like rain.", "--user", "op2")["job_id"]

    shown, own = operate("jobs", "show", job).stdout, keepsake("jobs", "show", job).stdout

    assert re.search(r"^owner +ann$", shown, re.MULTILINE)
    assert "lane" in shown.partition("waits for")[2]
    assert "lane" in own.partition("waits for")[2]
    assert asked(operate, "jobs", "show", job)["lanes"][0]["ahead"] == 1
    assert asked(operate, "jobs", "pause", job)[0]["status"] == "paused"
    assert asked(operate, "jobs", "resume", job)[0]["status"] == "pending"
    assert asked(keepsake, "jobs", "pause", job)[0]["status"] == "paused"


def test_a_job_may_be_scheduled_for_later(keepsake):
    later = asked(keepsake, "remember", "I like tea.", "--user", "op3", "--run-at", "+2d",
                  "--priority", "bulk")  # fmt: skip

    assert (later["status"], later["priority"]) == ("scheduled", "bulk")
    assert "run at" in keepsake("jobs", "show", later["job_id"]).stdout
