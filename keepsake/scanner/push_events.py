"""What git hosts deliver to hooks: whether one has signed it, and what it says of a push.

Nothing is read of a body before its signature is good. Of a good one only a branch and two commits
are taken, to tell a repetition: what is scanned is the hook's repository, at its host, as it is.
"""

import base64
import binascii
import hmac
import json
import re
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qs

from keepsake.scanner.ref_names import branch_name

SECRET_PREFIX = "whsec_"  # noqa: S105 - of Standard Webhooks, which GitLab signs by
_TOLERANCE_SECONDS = 300
FIELDS_MOST = 1_000
"""Of an event; hosts send about thirty."""
_COMMIT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_HEADS, _TAGS = "refs/heads/", "refs/tags/"
_FORM = "application/x-www-form-urlencoded"
_FORM_FIELDS = 20
_SHOWN_CHARACTERS = 60


class HookHost(StrEnum):
    """Whose form a delivery has. Forgejo has Gitea's."""

    GITHUB = "github"
    GITLAB = "gitlab"
    GITEA = "gitea"


Headers = Mapping[str, str]
"""By names in lower case."""


class MalformedDelivery(ValueError):
    """A signed body that is no event of its host."""


@dataclass(frozen=True, slots=True)
class Push:
    """A branch that moved: from a commit (empty for a new branch) to another."""

    branch: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class BranchGone:
    """A branch that was deleted, as the host says."""

    branch: str


@dataclass(frozen=True, slots=True)
class Ignored:
    """What starts no scan, and why."""

    reason: str


Event = Push | BranchGone | Ignored


_SIGNATURES = {
    HookHost.GITHUB: ("x-hub-signature-256",),
    HookHost.GITLAB: ("x-gitlab-token", "webhook-signature"),
    HookHost.GITEA: ("x-gitea-signature",),
}
_EVENTS = {
    HookHost.GITHUB: "x-github-event",
    HookHost.GITLAB: "x-gitlab-event",
    HookHost.GITEA: "x-gitea-event",
}
_IDS = {
    HookHost.GITHUB: ("x-github-delivery",),
    HookHost.GITLAB: ("webhook-id", "idempotency-key", "x-gitlab-event-uuid"),
    HookHost.GITEA: ("x-gitea-delivery",),
}
_PUSHES = frozenset({"push", "Push Hook"})


def has_signature(host: HookHost, headers: Headers) -> bool:
    """Whether a delivery says that it is signed; else its body need not be read."""
    return any(headers.get(name) for name in _SIGNATURES[host])


def is_signed(host: HookHost, headers: Headers, body: bytes, secret: str) -> bool:
    """Whether the secret's holder has signed a delivery; compared in constant time."""
    if host is HookHost.GITLAB:
        if "webhook-signature" in headers:
            return _is_signed_by_standard(headers, body, secret)
        return _same(headers.get("x-gitlab-token", ""), secret)
    prefix = "sha256=" if host is HookHost.GITHUB else ""
    (name,) = _SIGNATURES[host]
    sent = headers.get(name, "")
    expected = prefix + hmac.digest(secret.encode(), body, sha256).hex()
    return _same(sent, expected)


def delivery_id(host: HookHost, headers: Headers) -> str:
    """What names a delivery, also when it is sent again; empty where the host says none."""
    named = (headers.get(name, "") for name in _IDS[host])
    return next((name[:_SHOWN_CHARACTERS] for name in named if name), "")


def event_name(host: HookHost, headers: Headers) -> str:
    """What a host calls an event, as far as it is shown."""
    name = headers.get(_EVENTS[host], "")
    return name[:_SHOWN_CHARACTERS] if name.isprintable() else ""


def read_event(host: HookHost, headers: Headers, body: bytes) -> Event:
    """What a signed delivery says.

    Raises:
        MalformedDelivery: It is no event.
    """
    event = event_name(host, headers)
    if event == "ping":
        return Ignored("a ping: the hook works")
    if event not in _PUSHES:
        return Ignored("only pushes to branches start scans")
    return _push(_document(headers, body))


def is_older(push: Push, known: Iterable[Push]) -> bool:
    """Whether a push was dealt with before: its commit came already, and does not follow the last.

    known: former pushes, the oldest first, and deletions, whose commit is empty. Commits may come
    back: after A, B, a push from B to A is new, and so is one of a branch that is made again.
    """
    commits = [each.after for each in known if each.branch == push.branch]
    return push.after in commits and push.before != commits[-1]


def _is_signed_by_standard(headers: Headers, body: bytes, secret: str) -> bool:
    """By Standard Webhooks: the id, a fresh time and the body. A host may use either key."""
    sent_at = headers.get("webhook-timestamp", "")
    if not re.fullmatch(r"[0-9]{1,12}", sent_at):
        return False
    if abs(time.time() - int(sent_at)) > _TOLERANCE_SECONDS:
        return False
    content = f"{headers.get('webhook-id', '')}.{sent_at}.".encode() + body
    signatures = [each for each in headers["webhook-signature"].split(" ")[:10] if each]
    expected = [
        "v1," + base64.b64encode(hmac.digest(key, content, sha256)).decode()
        for key in _standard_keys(secret)
    ]
    return any(_same(sent, ours) for sent in signatures for ours in expected)


def _standard_keys(secret: str) -> list[bytes]:
    try:
        decoded = base64.b64decode(secret.removeprefix(SECRET_PREFIX), validate=True)
    except binascii.Error:
        return [secret.encode()]
    return [decoded, secret.encode()]


def _same(sent: str, expected: str) -> bool:
    return hmac.compare_digest(sent.encode("utf-8", "replace"), expected.encode())


def _document(headers: Headers, body: bytes) -> dict[str, Any]:
    try:
        if headers.get("content-type", "").partition(";")[0].strip() == _FORM:
            fields = parse_qs(body.decode(), max_num_fields=_FORM_FIELDS)
            body = fields.get("payload", [""])[0].encode()
        document = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise MalformedDelivery("the body is no JSON") from error
    if not isinstance(document, dict) or len(document) > FIELDS_MOST:
        raise MalformedDelivery("the body is no object, or one of too many fields")
    return document


def _push(document: dict[str, Any]) -> Event:
    ref, after = document.get("ref"), document.get("after")
    if not isinstance(ref, str) or not isinstance(after, str) or not _COMMIT.fullmatch(after):
        raise MalformedDelivery("a push has `ref` and `after`")
    if ref.startswith(_TAGS):
        return Ignored("a tag: tags are scanned by hand, and do not move")
    if not ref.startswith(_HEADS):
        return Ignored("no branch")
    try:
        branch = branch_name(ref)
    except ValueError as error:
        raise MalformedDelivery("`ref` names no branch") from error
    if not after.strip("0"):
        return BranchGone(branch)
    before = document.get("before")
    known = isinstance(before, str) and _COMMIT.fullmatch(before) and before.strip("0")
    return Push(branch, str(before) if known else "", after)
