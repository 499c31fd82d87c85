"""The texts of the document: its introduction, its tags, and what operations and answers are."""

import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

DESCRIPTION = """\
Durable memory and code search for AI agents. Whatever takes time is a **job**: it is accepted with
`202`, `Location` and `Retry-After`, followed by polling, long-polling or events, and it has one
shape everywhere.

- **Authentication**: `Authorization: Bearer ksk_…`. Nothing of another owner's exists: `404`.
- **Errors**: `application/problem+json` (RFC 9457); `GET /problems` lists every type. An unknown
  path is `404`, an unserved method `405` with `Allow`. `/v1/memory` and `/v1/scanner` answer in
  XMem's forms instead.
- **Idempotency**: `Idempotency-Key` on what makes a job, kept for 24 hours.
- **Limits**: `RateLimit` and `RateLimit-Policy` on every answer; past them `429`, `Retry-After`.
- **Connections**: on any path, before it is looked at: a head of more than 64 KB is
  `431 head-too-large`, one that is no HTTP `400 malformed-http`, a request that does not come in
  time `408 request-too-slow`, and a server without room answers `503 too-many-connections`.
- **Tracing**: `X-Request-ID` in, if the client has one, and out.
"""

TAGS = [
    {"name": "memory", "description": "Turns in, memories and answers out"},
    {
        "name": "memories",
        "description": "What is remembered, one by one: look, mend, erase, export",
    },
    {"name": "usage", "description": "How much is stored, and how much may be"},
    {"name": "scanner", "description": "Repositories, scanned in the background and searched"},
    {"name": "jobs", "description": "Where work stands, and what may be done about it"},
    {"name": "events", "description": "Server-sent events that can be resumed"},
    {"name": "dead letters", "description": "What was given up, kept to be replayed"},
    {"name": "admin", "description": "For operators; every act is audited"},
    {"name": "console", "description": "Signing in to the pages at `/console`"},
    {"name": "health", "description": "For load balancers and Prometheus"},
    {"name": "memory (v1)", "description": "XMem's synchronous contract, in its envelope"},
    {"name": "webhooks", "description": "What happened is posted to servers of the caller's"},
    {"name": "code (v1)", "description": "What XMem's MCP server asks of code, in the envelope"},
    {"name": "checks (v1)", "description": "What XMem's clients ask before they begin"},
    {"name": "scanner (v1)", "description": "XMem's scanner contract, in its flat answers"},
]

_BY_STATUS = {
    "201": "Made",
    "202": "Accepted; `Location` is where to follow it",
    "204": "Done; there is nothing to say",
    "304": "It is as the client has it",
}
_SENTENCE = re.compile(r"(.+?)(?:[.:;](?:\s|$)|$)")


def summary(description: str) -> str:
    """The first clause of an operation's description, as a title."""
    clause = _SENTENCE.match(description)
    return clause[1] if clause else ""


def described(status: str, response: Mapping[str, Any], schemas: Mapping[str, Any]) -> str:
    """What an answer is: as the route says, as its status says, or what its schema is."""
    own = str(response.get("description", ""))
    if status in _BY_STATUS and own in {"Successful Response", HTTPStatus(int(status)).phrase}:
        return _BY_STATUS[status]
    if own != "Successful Response":
        return own
    for content in response.get("content", {}).values():
        name = str(content.get("schema", {}).get("$ref", "")).rsplit("/", 1)[-1]
        if about := schemas.get(name, {}).get("description"):
            return str(about)
    return ""
