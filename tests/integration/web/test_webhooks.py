"""What `/v2/webhooks` refuses; clients' examples show what it does."""

from datetime import UTC, datetime

import pytest

URL = "https://example.org/keepsake"
BAD_LINKS = [
    "http://example.org/keepsake", "https://example.org:8443/", "https://localhost/x",
    "https://127.0.0.1/x", "https://[::1]/x", "https://ann:secret@example.org/", "ftp://example.org",
    "https://example.org\n/x", "https://example.org/a b", "https://example.org/\x01",
]  # fmt: skip


@pytest.mark.parametrize("url", BAD_LINKS)
def test_an_address_that_none_of_ours_may_ask_is_refused(alice, url):
    answer = alice.post("/v2/webhooks", json={"url": url, "events": ["job.ended"]})

    assert answer.status_code == 422
    assert [fault["pointer"] for fault in answer.json()["errors"]] == ["/url"]
    assert "secret" not in answer.text


@pytest.mark.parametrize("events", [[], ["job.begun"], "job.ended", ["job.ended"] * 11])
def test_events_that_there_are_not_are_refused(alice, events):
    assert alice.post("/v2/webhooks", json={"url": URL, "events": events}).status_code == 422


def test_without_a_vault_no_secret_is_made(alice):
    answer = alice.post("/v2/webhooks", json={"url": URL, "events": ["job.ended"]})

    assert (answer.status_code, answer.json()["type"]) == (503, "/problems#vault-closed")


def test_a_test_and_a_replay_are_accepted_as_deliveries_of_one_event_each(alice, database):
    at = datetime.now(UTC)
    database["webhooks"].insert_one({
        "_id": "wh_2", "owner": "alice", "url": URL, "events": ["job.ended"], "secrets": [],
        "description": "", "active": True, "reason": None, "created_at": at, "posts_from": at,
    })  # fmt: skip

    tried = alice.post("/v2/webhooks/wh_2:test")
    again = alice.post(f"/v2/webhooks/wh_2/deliveries/{tried.json()['job_id']}:replay")

    assert (tried.status_code, again.status_code) == (201, 201)
    assert again.json()["event_id"] == tried.json()["event_id"]
    listed = alice.get("/v2/webhooks/wh_2/deliveries").json()["deliveries"]
    assert [row["job_id"] for row in listed] == [again.json()["job_id"], tried.json()["job_id"]]
    assert {row["event"] for row in listed} == {"webhook.test"}


def test_what_is_not_there_and_what_is_anothers_is_not_told_apart(alice, clients, database):
    webhook = {"_id": "wh_1", "owner": "bob", "url": URL, "events": [], "secrets": []}
    database["webhooks"].insert_one(webhook)

    for client in (alice, clients("carol")):
        for method, path in (("GET", ""), ("PATCH", ""), ("DELETE", ""), ("POST", ":test"),
                             ("POST", ":rotate"), ("GET", "/deliveries")):  # fmt: skip
            sent = {"json": {}} if method == "PATCH" else {}
            answer = client.request(method, f"/v2/webhooks/wh_1{path}", **sent)
            assert (answer.status_code, answer.json()["type"]) == (
                404, "/problems#webhook-not-found",
            ), path  # fmt: skip
