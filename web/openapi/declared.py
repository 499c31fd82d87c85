"""What a route declares of its answers, where its parameters and types do not say it already."""

from typing import Any

Responses = dict[int | str, dict[str, Any]]
METHODS = frozenset({"get", "post", "put", "patch", "delete"})
WORD = "A-Za-z0-9_\x80-\U0010ffff"
"""`\\w` is ASCII's to JSON Schema (ECMA-262) and any script's to us. Which signs of other scripts
make no words cannot be said in both: the document allows what is refused then."""
PROBLEMS = "x-problems"
"""The slugs of the problems that a response may be."""
_SECONDS = {"type": "string", "pattern": r"^[1-9]\d*$"}
HEADERS: dict[str, dict[str, Any]] = {
    "X-Request-ID": {
        "description": "The client's own id, if it sent one that logs can hold, else a new one",
        "required": True,
        "schema": {"type": "string", "pattern": r"^[\w.:\-]{1,128}$"},
        "example": "3f0c8a52b1d94d0e8d5b5f6f1c2a7e90",
    },
    "Retry-After": {
        "description": "Seconds until it is worth asking again (RFC 9110, 10.2.3)",
        "schema": _SECONDS,
        "example": "2",
    },
    "Location": {
        "description": "Where the job is: its `status_url`",
        "required": True,
        "schema": {"type": "string", "format": "uri-reference"},
        "example": "/v1/jobs/job_01k9zq4v7m3w8x2c5d6e7f8g9h",
    },
    "ETag": {
        "description": "Names this answer, for `If-None-Match`; of a job it is its revision",
        "required": True,
        "schema": {"type": "string", "pattern": r'^"[0-9a-f]+"$'},
        "example": '"4"',
    },
    "Link": {
        "description": 'The next page, `rel="next"`, if there is one (RFC 8288)',
        "schema": {"type": "string"},
        "example": '</v1/jobs?page_token=WzE3&page_size=50>; rel="next"',
    },
    "Idempotency-Replayed": {
        "description": "`true`: the job was there before this request",
        "schema": {"type": "string", "const": "true"},
        "example": "true",
    },
    "Preference-Applied": {
        "description": "The wait that was granted (RFC 7240)",
        "schema": {"type": "string", "pattern": r"^wait=\d+$"},
        "example": "wait=10",
    },
    "RateLimit-Policy": {
        "description": "How many requests are allowed in how many seconds",
        "schema": {"type": "string"},
        "example": '"requests";q=4000;w=2',
    },
    "RateLimit": {
        "description": "How many requests are left, and the seconds until there are more",
        "schema": {"type": "string"},
        "example": '"requests";r=3999;t=1',
    },
    "WWW-Authenticate": {
        "description": "How to authenticate (RFC 6750)",
        "required": True,
        "schema": {"type": "string"},
        "example": 'Bearer realm="keepsake", error="invalid_token"',
    },
    "Cache-Control": {
        "description": "It is its owner's, and changes",
        "schema": {"type": "string"},
        "example": "private, no-cache",
    },
}
REQUEST_ID: dict[str, Any] = {
    "name": "X-Request-ID",
    "in": "header",
    "required": False,
    "description": "An id of the client's own, for answers and logs; what fits neither is replaced",
    "schema": {
        "type": "string",
        "maxLength": 128,
        "examples": [HEADERS["X-Request-ID"]["example"]],
    },
}
"""What every operation takes."""


def fails(status: int, *kinds: str) -> Responses:
    """The kinds of problem that a route answers with a status."""
    return {status: {PROBLEMS: list(kinds)}}


def carries(status: int, *headers: str) -> Responses:
    """The headers that a route sets on a status; `headers.py` describes them."""
    return {status: {"headers": {name: reference(name) for name in headers}}}


def streams_lines() -> Responses:
    """Newline-delimited JSON, which clients read line by line: bytes to whoever does not."""
    content = {"application/x-ndjson": {"schema": {"type": "string", "format": "binary"}}}
    return {200: {"content": content}}


def reference(header: str) -> dict[str, str]:
    """Where a header is described."""
    return {"$ref": f"#/components/headers/{header}"}
