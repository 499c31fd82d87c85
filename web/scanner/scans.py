"""`/v2/scanner/scans` and `/estimates`: a repository is scanned in the background, or looked at."""

from typing import Annotated

from fastapi import APIRouter, Response
from pydantic import BaseModel, ConfigDict, Field, SecretStr

from keepsake.scanner import (
    Estimate,
    Estimator,
    PermanentScanError,
    ScanError,
    ScanRequest,
)
from web.edge.auth import Caller
from web.edge.body_limits import BoundedRoute
from web.job_options import JobOptions
from web.openapi.declared import fails
from web.problems import Problem, after_outage
from web.scanner.scanning import Scans
from web.submission import SUBMITS, SubmissionDep

router = APIRouter(prefix="/v2/scanner", tags=["scanner"], route_class=BoundedRoute)
_TOKEN_MOST = 4_096


class Credential(BaseModel):
    """The token that opens a private repository."""

    token: Annotated[SecretStr, Field(max_length=_TOKEN_MOST)] = Field(
        default=SecretStr(""),
        description="For a private repository. It goes into the vault, and nowhere else.",
    )


class ScanBody(JobOptions, ScanRequest, Credential):
    """What to scan, and the token that opens it."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"url": "https://github.com/pallets/click"}]}
    )


class EstimateBody(ScanRequest, Credential):
    """What a scan would be of."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"url": "https://github.com/pallets/click"}]}
    )


@router.post(
    "/scans",
    **SUBMITS,
    responses=fails(403, "quota-exceeded")
    | fails(409, "token-needed")
    | fails(503, "vault-closed"),
)
async def start_scan(body: ScanBody, submission: SubmissionDep, scans: Scans) -> Response:
    """Accept a scan; a commit that is being scanned, or is indexed, answers with its own job."""
    repository = scans.requested(body, submission.caller.owner)
    token = await scans.usable(repository, body.token)
    head = None
    moot = body.options.force or body.working_tree
    if submission.key is None and not moot and body.run_at is None:
        head = await scans.tip(repository, body, token)
    return await submission.respond(
        lambda: scans.new_job(
            submission.caller, repository, body, body.token,
            head=head, key=submission.key, run_at=body.run_at,
        ),
        body,
    )  # fmt: skip


@router.post(
    "/estimates",
    responses=fails(409, "token-needed")
    | fails(422, "repository-unreadable")
    | fails(502, "repository-unreachable")
    | fails(504, "timed-out"),
)
async def estimate(body: EstimateBody, caller: Caller, scans: Scans) -> Estimate:
    """Say what a scan would read and about how long it would take; nothing is kept."""
    repository = scans.requested(body, caller.owner)
    token = await scans.usable(repository, body.token)
    database = scans.engine.records.database
    try:
        return await scans.look(
            lambda bounds: Estimator(database, bounds).estimate(repository, body, token)
        )
    except ScanError as error:
        raise unreadable(error) from error


def unreadable(error: ScanError) -> Problem:
    """The answer when a git host gives no such repository, or gives nothing."""
    detail = f"{str(error).capitalize()}."
    if isinstance(error, PermanentScanError):
        return Problem(422, "repository-unreadable", detail, reason=type(error).__name__)
    headers = {"Retry-After": after_outage()}
    return Problem(502, "repository-unreachable", detail, headers=headers)
