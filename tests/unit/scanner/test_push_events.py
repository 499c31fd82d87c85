"""What git hosts deliver: signatures, and what is read of a push."""

import base64
import hmac
import json
import time
from hashlib import sha256
from urllib.parse import urlencode

import pytest

from keepsake.scanner.push_events import (
    BranchGone,
    HookHost,
    Ignored,
    MalformedDelivery,
    Push,
    delivery_id,
    has_signature,
    is_older,
    is_signed,
    read_event,
)

SECRET = "whsec_" + base64.b64encode(b"k" * 32).decode()
A, B, C, ZERO = "a" * 40, "b" * 40, "c" * 40, "0" * 40
BODY = json.dumps({"ref": "refs/heads/main", "before": A, "after": B}).encode()
MAC = hmac.digest(SECRET.encode(), BODY, sha256).hex()


def standard(body=BODY, key=b"k" * 32, at=None, name="m1"):
    sent = str(int(time.time() if at is None else at))
    mac = hmac.digest(key, f"{name}.{sent}.".encode() + body, sha256)
    return {"webhook-id": name, "webhook-timestamp": sent,
            "webhook-signature": f"v1,eA== v1,{base64.b64encode(mac).decode()}"}  # fmt: skip


GOOD = [
    (HookHost.GITHUB, {"x-hub-signature-256": f"sha256={MAC}"}),
    (HookHost.GITEA, {"x-gitea-signature": MAC}),
    (HookHost.GITLAB, {"x-gitlab-token": SECRET}),
    (HookHost.GITLAB, None),
    (HookHost.GITLAB, SECRET.encode()),
]
BAD = [
    (HookHost.GITHUB, {}),
    (HookHost.GITHUB, {"x-hub-signature-256": MAC}),
    (HookHost.GITHUB, {"x-hub-signature-256": f"sha1={MAC}"}),
    (HookHost.GITHUB, {"x-hub-signature-256": "sha256="}),
    (HookHost.GITHUB, {"x-hub-signature-256": f"sha256={MAC.upper()}"}),
    (HookHost.GITHUB, {"x-hub-signature-256": "sha256=\xff\u0100"}),
    (HookHost.GITHUB, {"x-gitea-signature": MAC}),
    (HookHost.GITEA, {"x-hub-signature-256": f"sha256={MAC}"}),
    (HookHost.GITLAB, {"x-gitlab-token": ""}),
    (HookHost.GITLAB, {"x-gitlab-token": SECRET[:-1]}),
    (HookHost.GITLAB, {"x-gitlab-token": SECRET, "webhook-signature": "v1,eA=="}),
    (HookHost.GITLAB, standard(at=time.time() - 3_600)),
    (HookHost.GITLAB, standard(at=time.time() + 3_600)),
    (HookHost.GITLAB, standard(body=BODY + b" ")),
    (HookHost.GITLAB, {**standard(), "webhook-id": "m2"}),
    (HookHost.GITLAB, {**standard(), "webhook-timestamp": "now"}),
]


@pytest.mark.parametrize(("host", "headers"), GOOD)
def test_the_holder_of_the_secret_has_signed(host, headers):
    if not isinstance(headers, dict):  # signed now, not when the tests were collected
        headers = standard() if headers is None else standard(key=headers)
    assert is_signed(host, headers, BODY, SECRET)
    assert has_signature(host, headers)
    assert not is_signed(host, headers, BODY, SECRET[:-4] + "AAA=")


@pytest.mark.parametrize(("host", "headers"), BAD)
def test_nobody_else_has(host, headers):
    assert not is_signed(host, headers, BODY, SECRET)


def read(document, host=HookHost.GITHUB, event="push", name="x-github-event", **headers):
    return read_event(host, {name: event, **headers}, json.dumps(document).encode())


@pytest.mark.parametrize(
    ("document", "pushed"),
    [
        ({"ref": "refs/heads/main", "before": A, "after": B}, Push("main", A, B)),
        ({"ref": "refs/heads/a/b", "before": ZERO, "after": B}, Push("a/b", "", B)),
        ({"ref": "refs/heads/main", "after": B, "before": 1}, Push("main", "", B)),
    ],
)
def test_a_push_names_a_branch_and_its_commits(document, pushed):
    assert read(document) == pushed
    gitlab = {"host": HookHost.GITLAB, "event": "Push Hook", "name": "x-gitlab-event"}
    assert read(document, **gitlab) == pushed
    form = urlencode({"payload": json.dumps(document)}).encode()
    headers = {"x-github-event": "push", "content-type": "application/x-www-form-urlencoded"}
    assert read_event(HookHost.GITHUB, headers, form) == pushed


@pytest.mark.parametrize(
    ("event", "document", "word"),
    [
        ("ping", {}, "ping"),
        ("issues", {}, "only pushes"),
        ("push", {"ref": "refs/tags/v1", "after": ZERO}, "tag"),
        ("push", {"ref": "refs/tags/v1", "after": A}, "tag"),
        ("push", {"ref": "refs/pull/1/head", "after": A}, "no branch"),
    ],
)
def test_all_else_starts_no_scan_and_says_why(event, document, word):
    answer = read(document, event=event)

    assert isinstance(answer, Ignored)
    assert word in answer.reason


@pytest.mark.parametrize(
    "body",
    [
        b"", b"[]", b"{", b"\xff", b"[" * 100_000, b"1" * 10_000, b"{}",
        b'{"ref": 1, "after": "' + A.encode() + b'"}',
        b'{"ref": "refs/heads/main", "after": "HEAD"}',
        b'{"ref": "refs/heads/--upload-pack=x", "after": "' + A.encode() + b'"}',
        b'{"ref": "refs/heads/a..b", "after": "' + A.encode() + b'"}',
        rb'{"ref": "refs/heads/\ud800", "after": "' + A.encode() + b'"}',
    ],
)  # fmt: skip
def test_what_is_no_event_is_malformed(body):
    with pytest.raises(MalformedDelivery):
        read_event(HookHost.GITHUB, {"x-github-event": "push"}, body)


def test_an_older_push_is_told_from_a_commit_that_came_back():
    known = [Push("main", "", A), Push("main", "", B), Push("dev", "", C)]

    assert is_older(Push("main", "", A), known)
    assert is_older(Push("main", A, B), known)
    assert not is_older(Push("main", B, A), known)
    assert not is_older(Push("main", B, C), known)
    assert not is_older(Push("dev", "", A), known)
    assert is_older(Push("dev", "", C), known)
    assert not is_older(Push("dev", "", C), [*known, Push("dev", "", "")])


def test_a_branch_that_was_deleted_is_named():
    assert read({"ref": "refs/heads/a/b", "before": A, "after": ZERO}) == BranchGone("a/b")


def test_a_delivery_is_named_by_its_host():
    assert delivery_id(HookHost.GITHUB, {"x-github-delivery": "d" * 99}) == "d" * 60
    headers = {"x-gitlab-event-uuid": "u", "idempotency-key": "k"}
    assert delivery_id(HookHost.GITLAB, headers) == "k"
    assert delivery_id(HookHost.GITEA, headers) == ""
