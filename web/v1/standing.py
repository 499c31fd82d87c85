"""A repository as XMem's clients name it, and where it stands in their words."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from keepsake.scanner.errors import ForbiddenSource
from keepsake.scanner.models import Repository, ScanRequest
from keepsake.scanner.store.listing import ListedRepository
from keepsake.scanner.store.readers import EVERYONE, RepositoryName
from web.problems import Problem
from web.scanner.phases import Phases
from web.scanner.scanning import Scanning, Standing

Flat = dict[str, Any]
Name = Annotated[str, Field(min_length=1, max_length=500)]
_WORDS = {"skipped": "not_started", "cancelled": "failed"}


class V1Body(BaseModel):
    """XMem sends a `username` with everything; whose it is follows from the key."""

    model_config = ConfigDict(hide_input_in_errors=True, str_strip_whitespace=True)

    username: str = Field(default="", max_length=500, deprecated=True)


class V1Named(V1Body):
    """A repository by its name."""

    org_id: Name
    repo: Name


def source(scans: Scanning, url: str, owner: str) -> Repository:
    """The repository that a client's URL names.

    Raises:
        Problem: 400, when it names none that may be scanned.
    """
    try:
        return scans.source(url, owner)
    except ForbiddenSource as error:
        detail = f"Invalid repository URL: {error}."
        raise Problem(400, "repository-unreadable", detail) from error


def scan_request(url: str, branch: str) -> ScanRequest:
    """What to scan; without a branch, the default one.

    Raises:
        Problem: 400, when no branch can have this name.
    """
    try:
        return ScanRequest(url=url, branch=branch or None)
    except ValidationError as error:
        detail = "Invalid branch: a name holds no control characters."
        raise Problem(400, "repository-unreadable", detail) from error


def standing(scans: Scanning, owner: str, org: str, repo: str) -> Standing | None:
    """Where an owner's repository stands; of two hosts' the one that was scanned last."""
    found = scans.standing(owner, scans.search.listing.own(owner, RepositoryName(org, repo)))
    return max(found, key=_recency, default=None)


def the_public(scans: Scanning, org: str, repo: str) -> ListedRepository | None:
    """The one public index of a name, where names say neither owner nor host.

    Raises:
        Problem: 409, when there are several: none of them is what the name means.
    """
    found = scans.search.listing.public(org, repo)
    if len(found) > 1:
        detail = "Several public indexes have this name; /v2/scanner tells them apart by owner."
        raise Problem(409, "owner-needed", detail)
    return found[0] if found else None


def shown(phases: Phases) -> Flat:
    """The phases in XMem's words, which know neither a skipped nor a cancelled one.

    A phase that will not come is not pending: XMem's own client polled such a scan for ever.
    """
    return {
        "phase1_status": _WORDS.get(phases.phase1, phases.phase1),
        "phase2_status": _WORDS.get(phases.phase2, phases.phase2),
    }


def is_public(one: Standing) -> bool:
    """Whether everyone may search its index; not unless its owner said so."""
    return EVERYONE in one.repository.record["shared_with"]


def _recency(one: Standing) -> str:
    return one.job.record["created_at"].isoformat() if one.job else ""
