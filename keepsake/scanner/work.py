"""Scan: a repository becomes a searchable index."""

from contextlib import suppress
from typing import Any

from pydantic import SecretStr

from keepsake.inference import shared_embedder
from keepsake.jobs import (
    Attempt,
    CredentialRefused,
    HandBack,
    Outage,
    Permanent,
    Progress,
    Resources,
    Transient,
    Vault,
)
from keepsake.scanner.credentials import Credentials
from keepsake.scanner.errors import (
    CheckpointUnknown,
    OutsideAway,
    PermanentScanError,
    ScanError,
    Unauthorised,
)
from keepsake.scanner.models import ScanProgress, ScanRequest
from keepsake.scanner.parse.pool import ParserPool
from keepsake.scanner.pipeline import Scan
from keepsake.scanner.settings import ScannerSettings
from keepsake.scanner.source import parse_source
from keepsake.scanner.stages import ScanTools
from keepsake.scanner.summariser import configured_summariser

_SUMMARISER_TRIES = 8
"""Outages in a row, some minutes, after which an index is published without the summaries of a
model that is still away. The next scan of the repository waits in its lane meanwhile."""


def scan(attempt: Attempt, request: ScanRequest, resources: Resources) -> dict[str, Any]:
    """Scan one repository, slice by slice; goes on from the checkpoint of the last attempt.

    Raises:
        Permanent: The source is not allowed, or not there.
        CredentialRefused: The host refuses the token, or access without one.
        CredentialGone: The token is no longer in the vault.
        Outage: The host did not answer, or not to the end, or the language model did not.
        Transient: Anything else that another attempt may mend.
    """
    tools, own = resources.of(_tools), _token(attempt, resources)
    credentials = resources.of(_credentials)
    try:
        repository = parse_source(request.url, attempt.owner, tools.settings)
        with credentials.opening(repository, request, own, attempt, tools.settings) as token:
            scan = Scan(
                tools,
                attempt.owner,
                request,
                token=token,
                fence=attempt,
                degrade=attempt.claim.outages >= _SUMMARISER_TRIES,
            )
            _go_through(attempt, scan)
    except Unauthorised as error:
        raise CredentialRefused.of(error) from error
    except PermanentScanError as error:
        raise Permanent.of(error) from error
    except OutsideAway as error:
        raise Outage.of(error) from error
    except ScanError as error:
        raise Transient.of(error) from error
    return scan.result.model_dump(mode="json")


def _tools(resources: Resources) -> ScanTools:
    """What the scans of a process share."""
    settings = ScannerSettings()
    return ScanTools(
        resources.database,
        settings,
        ParserPool(settings),
        embedder=resources.of(shared_embedder),
        summariser=configured_summariser(),
    )


def _credentials(resources: Resources) -> Credentials:
    return Credentials(resources.database)


def _token(attempt: Attempt, resources: Resources) -> SecretStr | None:
    if attempt.credential is None:
        return None
    return Vault(resources.database).reveal(attempt.owner, attempt.credential)


def _go_through(attempt: Attempt, scan: Scan) -> None:
    """Save each step; a checkpoint of another version begins the scan anew."""
    try:
        _steps(attempt, scan, attempt.state)
    except CheckpointUnknown:
        attempt.log("the checkpoint does not fit this version; the scan begins anew")
        _steps(attempt, scan, None)


def _steps(attempt: Attempt, scan: Scan, state: Any) -> None:
    for step in scan.steps(state):
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
    about += [f"{progress.partial} partly read"] if progress.partial else []
    about += [f"about {left:.0f} s left"] if left else []
    about += [progress.note] if progress.note else []
    return Progress(
        stage=progress.stage,
        done=progress.done,
        total=progress.total,
        unit=progress.unit,
        message=", ".join(about),
        failed=progress.failed,
    )
