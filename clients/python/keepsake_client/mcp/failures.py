"""What goes wrong, as a model reads it: a type, what happened, and what to do about it."""

import inspect
import json
from typing import Any

from mcp_types import CallToolResult, TextContent
from pydantic import ValidationError

from keepsake_client.errors import ConnectionFailed, JobFailed, KeepsakeError, Problem

INTERNAL = {
    "type": "internal",
    "detail": "The tool failed by a fault of its own, which was logged.",
    "hint": "Try again, or report it.",
}


def failed(about: dict[str, Any]) -> CallToolResult:
    """A tool's error."""
    text = json.dumps(about, ensure_ascii=False)
    return CallToolResult(content=[TextContent(type="text", text=text)], is_error=True)


def described(error: KeepsakeError) -> dict[str, Any]:
    """What a failure of the service is to a model; no request and no key stand in it."""
    if isinstance(error, Problem):
        return _of_problem(error)
    if isinstance(error, JobFailed):
        kind, hint = error.error_type or "job-failed", error.hint
        return {"type": kind, "detail": str(error), "hint": hint, "job_id": error.job_id}
    if isinstance(error, ConnectionFailed):
        hint = "See that the service runs, and that KEEPSAKE_URL is its address."
        return {"type": "no-connection", "detail": str(error), "hint": hint}
    return {"type": "unexpected-answer", "detail": str(error), "hint": _said(type(error))}


def misfit(error: ValidationError) -> dict[str, Any]:
    """Which arguments do not fit, and why, without what was given."""
    faults = [
        {"argument": ".".join(map(str, fault["loc"])), "detail": fault["msg"]}
        for fault in error.errors(include_input=False, include_url=False, include_context=False)
    ]
    return {
        "type": "invalid-arguments",
        "detail": "The arguments do not fit the tool's input schema.",
        "hint": "Mend what `errors` names and call again.",
        "errors": faults,
    }


def _of_problem(problem: Problem) -> dict[str, Any]:
    about: dict[str, Any] = {
        "type": problem.kind,
        "status": problem.status,
        "detail": problem.detail,
        "hint": _said(type(problem)),
    }
    if problem.retry_after is not None:
        about["retry_after_seconds"] = problem.retry_after
    own = {"type", "title", *about}
    return about | {name: value for name, value in problem.members.items() if name not in own}


def _said(kind: type[Exception]) -> str:
    """What the documentation of an error says of it."""
    return inspect.cleandoc(kind.__doc__ or "").partition("\n\n")[0].replace("\n", " ")
