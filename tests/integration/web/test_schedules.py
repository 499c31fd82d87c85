"""Schedules of scans, over HTTP."""

import pytest

URL = "/v2/scanner/schedules"
BODY = {"url": "https://example.com/acme/shop", "cron": "0 3 * * *", "time_zone": "Europe/Lisbon"}


def test_a_schedule_is_made_listed_paused_resumed_and_deleted(clients, alice):
    made = alice.post(URL, json={**BODY, "labels": {"team": "cli"}, "jitter_seconds": 60})
    assert (made.status_code, made.json()["paused"]) == (201, False)
    one = f"{URL}/{made.json()['schedule_id']}"

    paused = alice.post(f"{one}:pause").json()
    assert (paused["paused"], paused["next_at"]) == (True, None)
    assert alice.get(URL).json()["schedules"] == [paused]
    assert alice.post(f"{one}:resume").json()["next_at"]
    assert clients("bob").get(URL).json() == {"schedules": []}
    for ask in (clients("bob").delete(one), clients("bob").post(f"{one}:pause")):
        assert (ask.status_code, ask.json()["type"]) == (404, "/problems#schedule-not-found")
    assert alice.delete(one).status_code == 204
    assert alice.get(URL).json() == {"schedules": []}


def test_a_token_goes_into_the_vault_and_each_job_gets_its_own(scanners, database, engine):
    ann = scanners("ann")
    made = ann.post(URL, json={**BODY, "token": "a-secret-token"}).json()

    schedule = database["schedules"].find_one()
    assert "a-secret-token" not in str([made, schedule])
    assert database["vault"].count_documents({"_id": schedule["credential"]}) == 1
    ann.delete(f"{URL}/{made['schedule_id']}")
    assert database["vault"].count_documents({}) == 0


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"cron": "0 3 * *"}, "/cron"),
        ({"cron": "0 3 * * * *"}, "/cron"),
        ({"cron": "61 3 * * *"}, "/cron"),
        ({"cron": "0 0 31 2 *"}, "/cron"),
        ({"time_zone": "Mars/Olympus"}, "/time_zone"),
        ({"time_zone": "../../etc/passwd"}, "/time_zone"),
        ({"jitter_seconds": 3_601}, "/jitter_seconds"),
        ({"url": "ftp://example.com/a/b"}, "/url"),
        ({"labels": {"a b": "c"}}, "/labels/a b/[key]"),
        ({"every": "day"}, "/every"),
    ],
)
def test_what_is_no_schedule_is_refused(alice, change, pointer):
    refused = alice.post(URL, json={**BODY, **change})

    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, pointer)
    assert alice.get(URL).json() == {"schedules": []}
