"""`/v2/scanner/scans`: a repository is accepted at once and scanned in the background."""

from typing import Annotated

from fastapi import APIRouter, Request, status
from pydantic import ConfigDict, Field, SecretStr

from jobs import keys
from jobs.job import NewJob
from jobs.policy import POLICIES, JobType
from jobs.vault import Vault, VaultClosed
from scanner.errors import ForbiddenSource
from scanner.models import ScanRequest
from scanner.settings import ScannerSettings
from scanner.source import parse_source
from web.auth import Caller
from web.dependencies import IdempotencyKey, Submit
from web.openapi.declared import fails
from web.problems import Problem
from web.schemas import JobView

router = APIRouter(prefix="/v2/scanner", tags=["scanner"])
_TOKEN_MOST = 4_096


class ScanBody(ScanRequest):
    """What to scan, and the token that opens it."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"url": "https://github.com/pallets/click"}]}
    )

    token: Annotated[SecretStr, Field(max_length=_TOKEN_MOST)] = Field(
        default=SecretStr(""),
        description="For a private repository. It goes into the vault, and nowhere else.",
    )
    labels: dict[
        Annotated[str, Field(max_length=64, pattern=r"^[\w.-]+$")],
        Annotated[str, Field(max_length=256)],
    ] = Field(default_factory=dict, max_length=20)


@router.post("/scans", status_code=status.HTTP_202_ACCEPTED, responses=fails(503, "vault-closed"))
async def start(
    body: ScanBody,
    caller: Caller,
    submit: Submit,
    request: Request,
    idempotency_key: IdempotencyKey = None,
) -> JobView:
    """Accept a scan; a branch that is being scanned already answers with its own job."""
    settings: ScannerSettings = request.app.state.scanner_settings
    vault: Vault = request.app.state.vault
    try:
        repository = parse_source(body.url, caller.owner, settings)
    except ForbiddenSource as error:
        fault = {"pointer": "/url", "in": "body", "detail": str(error)}
        raise Problem(422, "invalid-request", f"/url: {error}", errors=[fault]) from error
    asked = body.model_dump(exclude={"token", "labels"})

    def new() -> NewJob:
        return NewJob(
            type=JobType.SCANNER_SCAN,
            owner=caller.owner,
            payload=asked,
            key=idempotency_key,
            identity={**asked, "url": repository.url},
            lane=keys.lane("scanner", caller.owner, repository.id),
            labels=body.labels,
            credential=_kept(vault, caller.owner, body.token),
            force=body.options.force and idempotency_key is None,
        )

    return await submit.submit(new)


def _kept(vault: Vault, owner: str, token: SecretStr) -> str | None:
    """The reference of a token in the vault.

    Raises:
        Problem: 503, when no key is set that the vault could seal with.
    """
    if not token.get_secret_value():
        return None
    seconds = POLICIES[JobType.SCANNER_SCAN].total_seconds
    try:
        return vault.put(owner, token, ttl_seconds=seconds)
    except VaultClosed as error:
        detail = "This service keeps no tokens: its operator has set no KEEPSAKE_SECRET_KEY."
        raise Problem(503, "vault-closed", detail, headers={"Retry-After": "60"}) from error
