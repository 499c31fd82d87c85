"""Scan: a repository becomes a searchable index."""

from contextlib import suppress
from functools import cache
from typing import Any

from pydantic import SecretStr, ValidationError

from actors.process import database
from actors.registry import works
from actors.summaries import summariser
from keepsake.inference.embedding import Embedder
from keepsake.jobs.attempt import Attempt, Progress
from keepsake.jobs.errors import HandBack, Misfit, Outage, Permanent, Transient
from keepsake.jobs.policy import JobType
from keepsake.jobs.vault import Vault
from keepsake.scanner.errors import CheckpointUnknown, OutsideAway, PermanentScanError, ScanError
from keepsake.scanner.models import ScanProgress, ScanRequest
from keepsake.scanner.parse.pool import ParserPool
from keepsake.scanner.pipeline import Scan
from keepsake.scanner.settings import ScannerSettings
from keepsake.scanner.stages.run import ScanTools

_SUMMARISER_TRIES = 8
"""Outages in a row, some minutes, after which an index does without a model that is still away:
the next scan of the repository waits in its lane."""


@cache
def _tools() -> ScanTools:
    settings = ScannerSettings()
    parsers = ParserPool(settings)
    return ScanTools(database(), settings, parsers, embedder=Embedder(), summariser=summariser())


@works(JobType.SCANNER_SCAN)
def scan(attempt: Attempt) -> dict[str, Any]:
    """Scan one repository, slice by slice; goes on from the checkpoint of the last attempt.

    Raises:
        Misfit: The payload does not fit.
        Permanent: The source is not allowed, not there or not open to the token.
        CredentialGone: The token is no longer in the vault.
        Outage: The host did not answer, or not to the end, or the language model did not.
        Transient: Anything else that another attempt may mend.
    """
    try:
        request = ScanRequest.model_validate(attempt.payload)
    except ValidationError as error:
        raise Misfit(f"the payload does not fit: {error}") from error
    token = _token(attempt)
    try:
        degrade = attempt.claim.outages >= _SUMMARISER_TRIES
        one = Scan(_tools(), attempt.owner, request, token=token, fence=attempt, degrade=degrade)
        _go_through(attempt, one)
    except PermanentScanError as error:
        raise Permanent.of(error) from error
    except OutsideAway as error:
        raise Outage.of(error) from error
    except ScanError as error:
        raise Transient.of(error) from error
    return one.result.model_dump(mode="json")


def _token(attempt: Attempt) -> SecretStr | None:
    if attempt.credential is None:
        return None
    return Vault(database()).reveal(attempt.owner, attempt.credential)


def _go_through(attempt: Attempt, one: Scan) -> None:
    """Save each step; a checkpoint of another version begins the scan anew."""
    try:
        _steps(attempt, one, attempt.state)
    except CheckpointUnknown:
        attempt.log("the checkpoint does not fit this version; the scan begins anew")
        _steps(attempt, one, None)


def _steps(attempt: Attempt, one: Scan, state: Any) -> None:
    for step in one.steps(state):
        attempt.check()
        progress = _progress(step.progress)
        if not step.settled:
            attempt.progress(progress)
        elif step.progress.stage == "done":
            with suppress(HandBack):
                attempt.checkpoint(step.state, progress)
        else:
            attempt.checkpoint(step.state, progress)


def _progress(progress: ScanProgress) -> Progress:
    left = progress.seconds_left
    about = [f"{progress.files} files", f"{progress.symbols} symbols"]
    about += [f"about {left:.0f} s left"] if left is not None else []
    about += [progress.note] if progress.note else []
    return Progress(
        stage=progress.stage,
        done=progress.done,
        total=progress.total,
        unit=progress.unit,
        message=", ".join(about),
    )
