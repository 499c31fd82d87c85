"""Every error becomes an answer here, in the form that the clients of its path expect."""

import logging
import time
from http import HTTPStatus
from typing import Any, cast
from uuid import uuid4

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from web.problems import ERRORS, Problem, invalid, translate

_log = logging.getLogger("keepsake.web")
GONE = 499
"""nginx's status for a client that left before it had sent all; no answer reaches it."""
_HTTP_KINDS = {400: "malformed-json", 413: "body-too-large", 415: "unsupported-media-type"}
ENVELOPED = ("/v1/memory/", "/v1/code/", "/auth/", "/health/")
V1_SCANNER = "/v1/scanner/"
"""Paths below which answers have XMem's forms: its envelope, or its flat ones."""


class Envelope(BaseModel):
    """XMem's answer to everything below `/v1/memory` and `/v1/code`, errors too."""

    status: str = Field(default="ok", pattern="^(ok|error)$")
    request_id: str
    data: Any = None
    error: str | None = None
    elapsed_ms: float

    @classmethod
    def of(cls, request: Request, **fields: Any) -> "Envelope":
        """An envelope with the request's id, as in `X-Request-ID`, and how long it has taken."""
        now = time.perf_counter()
        began = getattr(request.state, "began", now)
        request_id = getattr(request.state, "request_id", None) or uuid4().hex
        return cls(request_id=request_id, elapsed_ms=round((now - began) * 1000, 2), **fields)


def install(app: FastAPI) -> None:
    """Route every error of an app through here."""
    for kind in (
        RequestValidationError,
        HTTPException,
        ClientDisconnect,
        Problem,
        Exception,
        *ERRORS,
    ):
        app.add_exception_handler(kind, answered)


def answered(request: Request, error: Exception) -> Response:
    """The answer to a request that failed; an unexpected error is logged."""
    if getattr(request.state, "gone", False):
        return Response(status_code=GONE)
    return reply(request, problem_of(request, error))


def problem_of(request: Request, error: Exception) -> Problem:
    """What is to be said of a request that failed; an unexpected error is logged."""
    if isinstance(error, HTTPException) and isinstance(error.__cause__, (Problem, *ERRORS)):
        # Raised as FastAPI read the body, which makes it a 400.
        error = cast("Exception", error.__cause__)
    if isinstance(error, RequestValidationError):
        problem = invalid(error, request.headers.get("content-type", ""))
    elif isinstance(error, HTTPException):
        problem = Problem(error.status_code, "http", str(error.detail), headers=error.headers)
        if problem.status == HTTPStatus.METHOD_NOT_ALLOWED:
            documented = request.app.allowed(request.scope["path"])
            problem.headers["Allow"] = documented or problem.headers.get("Allow", "")
        problem.kind = _HTTP_KINDS.get(error.status_code, problem.kind)
    else:
        problem = translate(error)
    if problem.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        _log_failure(request, problem, error)
    return problem


def _log_failure(request: Request, problem: Problem, error: Exception) -> None:
    """Log a failure of ours, without the path's ids: a user may be named there."""
    about = {
        "request_id": getattr(request.state, "request_id", None),
        "method": request.method,
        "route": getattr(request.scope.get("route"), "path", None),
        "status": problem.status,
    }
    if problem.kind == "internal":
        _log.error("request.failed", extra=about, exc_info=error)
    else:
        _log.warning("request.%s", problem.kind, extra=about)


def reply(request: Request, problem: Problem) -> JSONResponse:
    """A problem document, or on XMem's paths what XMem answers."""
    path = request.scope["path"]
    media_type = "application/json"
    if f"{path}/".startswith(ENVELOPED):
        body = Envelope.of(request, status="error", error=problem.detail).model_dump()
    elif path.startswith(V1_SCANNER):
        body = {"status": "error", "error": problem.detail}
    else:
        body, media_type = problem.body(), "application/problem+json"
    return JSONResponse(
        body, status_code=problem.status, headers=problem.headers, media_type=media_type
    )
