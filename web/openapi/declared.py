"""What a route declares of its answers, where its parameters and types do not say it already."""

from typing import Any

Responses = dict[int | str, dict[str, Any]]

METHODS = frozenset({"get", "post", "put", "patch", "delete"})

PROBLEMS = "x-problems"
"""The slugs of the problems that a response may be."""


def fails(status: int, *kinds: str) -> Responses:
    """The kinds of problem that a route answers with a status."""
    return {status: {PROBLEMS: list(kinds)}}


def carries(status: int, *headers: str) -> Responses:
    """The headers that a route sets on a status; `headers.py` describes them."""
    return {status: {"headers": {name: reference(name) for name in headers}}}


def reference(header: str) -> dict[str, str]:
    """Where a header is described."""
    return {"$ref": f"#/components/headers/{header}"}
