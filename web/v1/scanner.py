"""`/v1/scanner/validate-url`, `/branches` and `/scan`: from a URL to a scan."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Query
from fastapi.concurrency import run_in_threadpool
from pydantic import Field, SecretStr

from keepsake.jobs import UNFINISHED
from keepsake.scanner import (
    Estimate,
    Estimator,
    Repository,
    RepositoryNotFound,
    ResolvedRef,
    ScanError,
    ScanRequest,
    Stage,
    TokenNeeded,
    Unauthorised,
    remote_branches,
)
from web.edge.auth import Caller
from web.edge.body_limits import BoundedRoute
from web.openapi.declared import fails
from web.problems import Problem
from web.scanner.scanning import RepositoryStatus, Scanning, Scans
from web.submission import SubmissionDep
from web.v1 import views
from web.v1.views import Flat, V1Body, scan_request, shown, source, status_of

router = APIRouter(prefix="/v1/scanner", tags=["scanner (v1)"], route_class=BoundedRoute)
Url = Annotated[str, Field(min_length=1, max_length=2_000)]
Branches = tuple[dict[str, str], str | None]
_TOKEN_MOST = 4_096
_BRANCHES_MOST = 100
_NOT_A_SOURCE = fails(400, "repository-unreadable")
_UNREADABLE = fails(400, "repository-unreadable", "invalid-request") | fails(504, "timed-out")
_TOO_MUCH = fails(403, "quota-exceeded") | fails(429, "backlog-full") | fails(503, "vault-closed")
_DISCLAIMER = "Reckoned from the names of the files and from former scans of this service."


class V1Source(V1Body):
    """A repository, and the token that opens it."""

    github_url: Url = Field(examples=["https://github.com/pallets/click"])
    pat: Annotated[SecretStr, Field(max_length=_TOKEN_MOST)] = SecretStr("")


class V1Validate(V1Source):
    """What to look at."""

    branch: str = Field(default="", max_length=250)


class V1Scan(V1Source):
    """What to scan. An index is the same whether it was built anew or not: `force_full` is moot."""

    branch: str = Field(default="main", max_length=250)
    force_full: bool = True


async def _header_token(
    pat: Annotated[
        str, Query(max_length=_TOKEN_MOST, description="Refused: a URL is logged on its way")
    ] = "",
    token: Annotated[
        str,
        Header(alias="X-Repository-Token", max_length=_TOKEN_MOST, description="The PAT"),
    ] = "",
) -> SecretStr:
    """The token for a GET."""
    if pat:
        detail = "Send the token in the header X-Repository-Token: a URL is logged on its way."
        raise Problem(400, "invalid-request", detail, errors=[])
    return SecretStr(token)


@router.post(
    "/validate-url",
    responses=_NOT_A_SOURCE,
    response_model=views.Validated,
    response_model_exclude_unset=True,
)
async def validate_url(body: V1Validate, caller: Caller, scans: Scans) -> Flat:
    """Whether a repository can be read, and what a scan of it would take."""
    repository = source(scans, body.github_url, caller.owner)
    request = scan_request(body.github_url, body.branch)
    answer: Flat = {"status": "ok", "org": repository.org, "repo": repository.repo}
    has_token = bool(body.pat.get_secret_value())
    try:
        private, default = await _reached(scans, repository, body.pat)
    except Unauthorised:
        why = {"auth_error": True} if has_token else {"needs_pat": True}
        return {**answer, "accessible": False, **why}
    except RepositoryNotFound:
        return {**answer, "accessible": False, "needs_pat": not has_token}
    except (ScanError, Problem) as error:
        return {**answer, "accessible": False, "error": str(error)}
    estimate = await _estimate(scans, repository, request, body.pat)
    return {
        **answer,
        "accessible": True,
        "is_private": private,
        "default_branch": default,
        "description": None,
        "language": _main_language(estimate),
        "size_kb": _size_kb(estimate),
        "estimates": _estimates(estimate) if estimate else None,
    }


@router.get("/branches", responses=_UNREADABLE, response_model=views.BranchList)
async def list_branches(
    caller: Caller,
    scans: Scans,
    token: Annotated[SecretStr, Depends(_header_token)],
    github_url: Annotated[Url, Query()],
) -> Flat:
    """The first 100 branches of a repository, and its default one."""
    repository = source(scans, github_url, caller.owner)
    try:
        named, default = await _branches(scans, repository, _sent(token))
    except ScanError as error:
        raise _not_accessible(error) from error
    return {"status": "ok", "branches": sorted(named)[:_BRANCHES_MOST], "default_branch": default}


@router.post(
    "/scan",
    responses=_NOT_A_SOURCE | _TOO_MUCH,
    response_model=views.Started,
    response_model_exclude_unset=True,
)
async def scan(body: V1Scan, caller: Caller, scans: Scans, submission: SubmissionDep) -> Flat:
    """Start a scan; one that is under way, or has indexed this commit, answers for it."""
    repository = source(scans, body.github_url, caller.owner)
    request = scan_request(body.github_url, body.branch)
    token = await _usable(scans, repository, body.pat)
    named = (caller.owner, repository.org, repository.repo)
    before = await run_in_threadpool(status_of, scans, *named)
    branch, head = await _tip(scans, repository, body, token)
    answer: Flat = {"status": "ok", "org": repository.org, "repo": repository.repo, "reused": False}
    if before and before.job and _is_under_way(before, repository, branch):
        message = "Scan already in progress"
        return {**answer, "job_id": before.job.id, "message": message, **shown(before.phases)}
    request = request.model_copy(update={"branch": branch or None})
    reused = await run_in_threadpool(scans.indexed, repository, head, request)
    job = await submission.accept(
        lambda: scans.new_job(caller, repository, request, body.pat, head=head)
    )
    now = await run_in_threadpool(status_of, scans, *named)
    answer |= {"job_id": job.id, "reused": reused}
    if head is not None:
        answer["commit_sha"] = head.commit
    if answer["reused"]:
        answer["message"] = "This commit is indexed already"
    return {**answer, **(shown(now.phases) if now else {})}


def _is_under_way(before: RepositoryStatus, repository: Repository, branch: str) -> bool:
    job = before.job
    if job is None or job.state not in UNFINISHED:
        return False
    same = before.repository.record["_id"] == repository.id
    return same and (job.record["payload"]["branch"] or "") == branch


async def _usable(scans: Scanning, repository: Repository, pat: SecretStr) -> SecretStr | None:
    try:
        return await scans.usable(repository, pat)
    except TokenNeeded as error:
        raise _not_accessible(error) from error


def _not_accessible(error: ScanError) -> Problem:
    return Problem(400, "repository-unreadable", f"Repository not accessible: {error}.")


def _sent(token: SecretStr) -> SecretStr | None:
    return token if token.get_secret_value() else None


async def _branches(scans: Scanning, repository: Repository, token: SecretStr | None) -> Branches:
    return await scans.look(lambda bounds: remote_branches(repository, token, bounds))


async def _reached(
    scans: Scanning, repository: Repository, token: SecretStr
) -> tuple[bool, str | None]:
    """Whether it takes a token to read a repository, and its default branch."""
    try:
        return False, (await _branches(scans, repository, None))[1]
    except (Unauthorised, RepositoryNotFound):
        if _sent(token) is None:
            raise
    return True, (await _branches(scans, repository, _sent(token)))[1]


async def _tip(
    scans: Scanning, repository: Repository, body: V1Scan, token: SecretStr | None
) -> tuple[str, ResolvedRef | None]:
    """The branch that is meant, and its commit if the host says it now.

    XMem's default is `main`; a repository without one, and a client that named none, mean the
    repository's own default.
    """
    try:
        named, default = await _branches(scans, repository, token)
    except (ScanError, Problem):  # the scan will say why
        return body.branch, None
    branch = body.branch
    if branch not in named and (not branch or "branch" not in body.model_fields_set):
        branch = default or branch
    commit = named.get(branch)
    return branch, ResolvedRef(commit=commit, branch=branch, full_ref="") if commit else None


async def _estimate(
    scans: Scanning, repository: Repository, request: ScanRequest, pat: SecretStr
) -> Estimate | None:
    """What a scan would take; None when the host does not give the branch, or not in time."""
    database = scans.engine.records.database
    try:
        return await scans.look(
            lambda bounds: Estimator(database, bounds).estimate(repository, request, _sent(pat))
        )
    except (ScanError, Problem):
        return None


def _estimates(estimate: Estimate) -> dict[str, Any]:
    """XMem's names; no language model and no paid embedding is asked, so those cost nothing."""
    return {
        "estimate_disclaimer": _DISCLAIMER,
        "branch_used_for_label": estimate.branch,
        "repo_size_kb": _size_kb(estimate),
        "estimated_phase1_seconds": _phase1_seconds(estimate),
        "estimated_embedding_api_calls": 0,
        "estimated_embedding_tokens": 0,
        "estimated_phase2_llm_tokens": 0,
        "estimated_cost_usd": None,
        "files": estimate.files,
        "languages": estimate.languages,
    }


def _phase1_seconds(estimate: Estimate) -> float | None:
    phase2 = estimate.stages.get(Stage.ENRICH, 0.0)
    return round(estimate.seconds - phase2, 1) if estimate.seconds is not None else None


def _main_language(estimate: Estimate | None) -> str | None:
    languages = estimate.languages if estimate else {}
    return max(languages, key=lambda name: languages[name], default=None)


def _size_kb(estimate: Estimate | None) -> int | None:
    return estimate.size_bytes // 1024 if estimate and estimate.size_bytes is not None else None
