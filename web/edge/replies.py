"""Every error becomes an answer here, in the form that the clients of its path expect."""

import logging
from http import HTTPStatus
from typing import cast

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from web.problems import ERRORS, Problem, invalid, translate
from web.v1 import envelope, flat

_log = logging.getLogger("keepsake.web")
GONE = 499
"""As nginx has it: the client left before it had sent all, and nobody hears the answer."""
_HTTP_KINDS = {400: "malformed-json", 413: "body-too-large", 415: "unsupported-media-type"}


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
    """The answer to a request that failed; what nobody expected is logged."""
    if getattr(request.state, "gone", False):
        return Response(status_code=GONE)
    if isinstance(error, HTTPException) and isinstance(error.__cause__, (Problem, *ERRORS)):
        # Raised as FastAPI read the body, which makes it a 400.
        error = cast("Exception", error.__cause__)
    if isinstance(error, RequestValidationError):
        problem = invalid(error, request.headers.get("content-type", ""))
    elif isinstance(error, HTTPException):
        problem = Problem(error.status_code, "http", str(error.detail), headers=error.headers)
        if problem.status == HTTPStatus.METHOD_NOT_ALLOWED:
            problem.headers["Allow"] = request.app.allowed(request.scope["path"])
        problem.kind = _HTTP_KINDS.get(error.status_code, problem.kind)
    else:
        problem = translate(error)
    if problem.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        _tell(request, problem, error)
    return reply(request, problem)


def _tell(request: Request, problem: Problem, error: Exception) -> None:
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
    if path.startswith("/v1/memory/"):
        body = envelope.failure(request, problem.detail).model_dump()
    elif path.startswith("/v1/scanner/"):
        body = flat.failure(problem.detail)
    else:
        body, media_type = problem.body(), "application/problem+json"
    return JSONResponse(
        body, status_code=problem.status, headers=problem.headers, media_type=media_type
    )
