"""Hooks: a git host's delivery, signed, becomes one scan of what was pushed."""

import hmac
import json
from hashlib import sha256
from itertools import count

import pytest

from tests.integration.web.test_credentials import EXPIRED, GOOD, SCANS, SHOP, host, url

__all__ = ["host", "url"]  # fixtures
URL = "/v2/scanner/hooks"
REPO = "https://example.com/acme/shop"
A, B, C = "a" * 40, "b" * 40, "c" * 40


@pytest.fixture
def forge(clients, scanning_web):
    """A git host: it has no key."""
    client = clients(None)
    client.base_url = scanning_web
    return client


@pytest.fixture
def hook(ann):
    return ann.post(URL, json={"url": REPO, "git_host": "github"}).json()


@pytest.fixture
def deliver(forge):
    """Deliver an event of GitHub's as its holder of the secret does."""
    numbers = count()

    def delivered(hook, document=None, event="push", **headers):
        body = json.dumps(document if document is not None else push()).encode()
        mac = hmac.digest(hook.get("secret", "").encode(), body, sha256).hex()
        signed = {"X-Hub-Signature-256": f"sha256={mac}", "X-GitHub-Event": event,
                  "X-GitHub-Delivery": f"d{next(numbers)}",
                  "Content-Type": "application/json", **headers}  # fmt: skip
        return forge.post(hook["path"], content=body, headers=signed)

    return delivered


def push(branch="main", before=A, after=B):
    return {"ref": f"refs/heads/{branch}", "before": before, "after": after,
            "repository": {"clone_url": "http://169.254.169.254/x/y"}}  # fmt: skip


def jobs(engine):
    return list(engine.records.jobs.find().sort("_id", 1))


def test_a_hook_is_made_listed_and_deleted_and_its_secret_shown_once(ann, scanners, database):
    made = [
        ann.post(URL, json={"url": f"{REPO}{number}", "git_host": host}).json()
        for number, host in enumerate(("github", "gitlab", "gitea"))
    ]
    first = ann.get(URL, params={"page_size": 2}).json()
    last = ann.get(URL, params={"page_token": first["next_page_token"]}).json()
    listed = first["hooks"] + last["hooks"]

    assert [hook["hook_id"] for hook in listed] == [hook["hook_id"] for hook in made]
    assert len({hook["secret"] for hook in made}) == 3
    shown = json.dumps([listed, [list(database[name].find()) for name in
                                 database.list_collection_names()]], default=str)  # fmt: skip
    assert not any(hook["secret"] in shown for hook in made)
    bob = scanners("bob")
    assert bob.get(URL).json() == {"hooks": [], "next_page_token": None}
    for client, status in ((bob, 404), (ann, 204), (ann, 404)):
        assert client.delete(f"{URL}/{made[0]['hook_id']}").status_code == status
    assert database["vault"].count_documents({}) == 2
    assert ann.delete("/v2/scanner/repositories/acme/shop1").status_code == 200
    assert database["vault"].count_documents({}) == 1


def test_pushes_become_one_scan_a_branch_of_the_hooks_repository(hook, deliver, engine, ann):
    first = deliver(hook, push(after=B))
    again = deliver(hook, push(before=B, after=C))
    other = deliver(hook, push(branch="dev"))

    assert [answer.json()["outcome"] for answer in (first, again, other)] == [
        "accepted", "joined", "accepted",
    ]  # fmt: skip
    assert (first.status_code, first.json()["job_id"]) == (202, again.json()["job_id"])
    scans = jobs(engine)
    assert [(job["payload"]["url"], job["payload"]["branch"], job["owner"]) for job in scans] == [
        (REPO, "main", "ann"), (REPO, "dev", "ann"),
    ]  # fmt: skip
    assert {job["priority"] for job in scans} == {"bulk"}
    (shown,) = ann.get(URL).json()["hooks"]
    assert (shown["last_delivery"]["event"], shown["last_delivery"]["job_id"]) == (
        "push", other.json()["job_id"],
    )  # fmt: skip


def test_a_push_during_a_scan_makes_exactly_one_more(hook, deliver, engine):
    running = deliver(hook, push(after=B)).json()["job_id"]
    claim = engine.claims.claim(jobs(engine)[0]["lane"], "w1")
    assert claim.job.id == running

    more = [deliver(hook, push(before=B, after=C)), deliver(hook, push(before=C, after=A))]

    assert [answer.json()["outcome"] for answer in more] == ["accepted", "joined"]
    assert len(jobs(engine)) == 2


def test_what_is_delivered_again_does_nothing_twice(hook, deliver, engine):
    named = {"X-GitHub-Delivery": "the-same"}
    outcomes = [
        deliver(hook, push(after=B), **named),
        deliver(hook, push(after=B), **named),
        deliver(hook, push(before=B, after=C)),
        deliver(hook, push(after=B)),
    ]

    assert [answer.json()["outcome"] for answer in outcomes] == [
        "accepted", "repeated", "joined", "repeated",
    ]  # fmt: skip
    assert len(jobs(engine)) == 1


def test_other_events_are_answered_and_start_nothing(hook, deliver, engine):
    answers = [
        deliver(hook, {"zen": "x"}, event="ping"),
        deliver(hook, {"action": "opened"}, event="issues"),
        deliver(hook, {"ref": "refs/tags/v1", "after": A}),
    ]

    assert {(answer.status_code, answer.json()["outcome"]) for answer in answers} == {
        (202, "ignored")
    }
    assert "works" in answers[0].json()["reason"]
    assert jobs(engine) == []
    malformed = deliver(hook, {"ref": []})
    assert (malformed.status_code, malformed.json()["type"]) == (400, "/problems#malformed-json")


def test_nobody_learns_which_hooks_there_are(hook, deliver, forge, engine, database):
    unknown = {**hook, "path": f"{URL}/github/hook_{'0' * 22}"}
    wrong = {**hook, "secret": "whsec_wrong"}
    other = {**hook, "path": hook["path"].replace("github", "gitea")}

    def asked(target, **headers):
        database.command("profile", 2)
        answer = deliver(target, **headers)
        database.command("profile", 0)
        rows = [(row["op"], row["ns"]) for row in database["system.profile"].find().sort("ts", 1)
                if row["op"] == "query"  # and not the upkeep's look at indexes
                and row["ns"].endswith(("code_hooks", "vault"))]  # fmt: skip
        database.drop_collection("system.profile")
        kept = {name: text for name, text in answer.headers.items()
                if name not in {"x-request-id", "date"}}  # fmt: skip
        return answer.status_code, answer.json(), kept, rows

    answers = [asked(target) for target in (unknown, wrong)]

    assert answers[0] == answers[1]
    assert (answers[0][0], len(answers[0][3])) == (401, 2)
    assert deliver(other).status_code == 401
    unsigned = forge.post(hook["path"], content=b"x" * 3_000_000)
    assert unsigned.status_code == 401
    too_large = deliver(hook, {"x": "y" * 3_000_000})
    assert too_large.status_code == 413
    assert (jobs(engine), database["code_hooks"].find_one()["last"]) == ([], None)


def test_deliveries_count_among_their_owners_requests(hook, deliver):
    answer = deliver(hook, {}, event="ping")

    assert "RateLimit" in answer.headers


def test_a_push_to_a_repository_that_refuses_waits_for_a_new_token(
    ann, scan_worker, url, deliver, database
):
    ann.post(SCANS, json={"url": url, "token": EXPIRED}, headers={"Prefer": "wait=30"})
    hook = ann.post(URL, json={"url": url, "git_host": "github"}).json()

    pushed = deliver(hook, push())
    resumed = ann.put(f"{SHOP}/credential", json={"token": GOOD}).json()

    assert pushed.json()["outcome"] == "waiting"
    assert len(resumed["job_ids"]) == 2
    for job_id in resumed["job_ids"]:
        job = ann.get(f"/v1/jobs/{job_id}", params={"wait": 30}).json()
        assert job["status"] == "succeeded", job["error"]


def test_a_push_is_found_in_the_index_and_a_deletion_ends_it_if_the_host_says_so(
    ann, scan_worker, repo, deliver, eventually
):
    hook = ann.post(URL, json={"url": repo.url, "git_host": "github"}).json()
    commit = repo.commit({"app/till.py": "def total(): pass\n"})

    def indexed():
        return [index["commit"] for index in ann.get(SHOP).json()["indexes"]]

    deliver(hook, push(after=commit))
    eventually(lambda: indexed() == [commit], within=30)
    job_id = ann.get(URL).json()["hooks"][0]["last_delivery"]["job_id"]
    assert ann.get(f"/v1/jobs/{job_id}", params={"wait": 30}).json()["status"] == "succeeded"

    assert deliver(hook, push(before=B, after=commit)).json()["outcome"] == "repeated"
    gone = push(before=commit, after="0" * 40)
    assert "there" in deliver(hook, gone).json()["reason"]
    assert indexed() == [commit]
    repo.git("branch", "--move", "main", "other")
    assert deliver(hook, gone).json()["outcome"] == "deleted"
    assert indexed() == []
