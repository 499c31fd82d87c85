"""How a route asks for a submission, and what it documents."""

from typing import Annotated, Any

from fastapi import Depends, Request, status
from fastapi.security.base import SecurityBase

from web.accepting.submission import Submission
from web.edge.auth import admitted
from web.job_views.schemas import JobView
from web.problems import misfit
from web.tracing import child_of

_PREFER_MOST = 500


class _Submission(SecurityBase):
    """One dependency instead of four: each costs FastAPI as much as checking a body.

    It is a security scheme as `admitted` is, and reads the headers that `SUBMITS` documents.
    """

    def __init__(self) -> None:
        self.model = admitted.model
        self.scheme_name = admitted.scheme_name

    async def __call__(self, request: Request) -> Submission:
        """Admit the request.

        Raises:
            Problem: 401, 403 or 429.
            StorageUnavailable: MongoDB does not answer.
        """
        caller = await admitted(request)
        headers, state = request.headers, request.app.state
        prefer = headers.getlist("prefer")
        if sum(map(len, prefer)) > _PREFER_MOST:
            raise misfit("header", "/prefer", f"At most {_PREFER_MOST} characters are allowed")
        return Submission(
            state.intake,
            state.engine.control,
            state.hub,
            state.held,
            caller,
            key=headers.get("idempotency-key"),
            prefer=prefer,
            trace=child_of(",".join(headers.getlist("traceparent"))),
        )


submission = _Submission()
Accept = Annotated[Submission, Depends(submission)]
"""For routes that make a job and never wait for it."""
Submit = Annotated[Submission, Depends(submission)]
"""For routes that make a job: `@router.post(…, **SUBMITS)`, `return await submit.submit(new)`."""


def _header(name: str, description: str, example: str, **rules: str | int) -> dict[str, Any]:
    schema = {"type": "string", "title": name, "examples": [example], **rules}
    return {
        "name": name, "in": "header", "required": False, "schema": schema,
        "description": description,
    }  # fmt: skip


SUBMITS: dict[str, Any] = {
    "status_code": status.HTTP_202_ACCEPTED,
    "response_model": JobView,
    "openapi_extra": {
        "parameters": [
            _header(
                "Idempotency-Key",
                "1 to 255 printable characters; the same key gives the same job for 24 h",
                "8e03978e-40d5-43e8-bc93-6894a57f9324",
                pattern="^[!-~]{1,255}$",
                maxLength=255,
            ),
            _header(
                "Prefer",
                "`wait=N`: answer when the job has ended, or after N ≤ 30 s (RFC 7240)",
                "wait=10",
                maxLength=_PREFER_MOST,
            ),
        ]
    },
}
"""What a route that makes a job documents."""
