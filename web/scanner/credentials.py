"""`…/repositories/{org}/{repo}/credential`: the token by which scans reach a repository's host."""

from functools import partial
from typing import Annotated

from fastapi import APIRouter
from fastapi.concurrency import run_in_threadpool
from pydantic import BaseModel, ConfigDict, Field, SecretStr

from keepsake.scanner import ListedRepository, Repository, RepositoryName
from web.edge.body_limits import BoundedRoute
from web.openapi.declared import fails
from web.problems import Problem
from web.scanner.places import Host, Org, Repo
from web.scanner.repositories import RepositoryView, only_view, owned
from web.scanner.scanning import Scanning, Scans
from web.submission import Submission, SubmissionDep

router = APIRouter(prefix="/v2/scanner/repositories", tags=["scanner"], route_class=BoundedRoute)
_NO_ROOM = (403, 429)


class CredentialBody(BaseModel):
    """A token that opens a repository."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    token: Annotated[SecretStr, Field(min_length=1, max_length=4_096)] = Field(
        description="The vault keeps it for a year. Scans use it that are sent without a token, "
        "or with one that the host has refused",
        examples=["ghp_of-the-repository"],
    )


class Resumed(BaseModel):
    """A repository whose access was changed, and the scans that waited for it."""

    repository: RepositoryView = Field(description="The repository as it is now")
    job_ids: list[str] = Field(
        description="The scans that had waited and begin now", examples=[["job_01m86fbp9vvy47efjw"]]
    )


@router.put(
    "/{org}/{repo}/credential",
    responses=fails(409, "host-needed") | fails(503, "vault-closed"),
)
async def keep_credential(
    org: Org,
    repo: Repo,
    body: CredentialBody,
    submission: SubmissionDep,
    scans: Scans,
    host: Host = None,
) -> Resumed:
    """Give a repository a token; the scans that wait for one begin."""
    place = RepositoryName(org, repo, host=host)
    listed = await run_in_threadpool(owned, scans, submission.caller.owner, place)
    for repository in listed:
        await run_in_threadpool(scans.credentials.keep, repository.source, body.token)
    return await _resumed(scans, submission, listed)


@router.delete("/{org}/{repo}/credential", responses=fails(409, "host-needed"))
async def forget_credential(
    org: Org, repo: Repo, submission: SubmissionDep, scans: Scans, host: Host = None
) -> Resumed:
    """Forget a repository's token, and that its host refused any: scans ask it without one."""
    place = RepositoryName(org, repo, host=host)
    listed = await run_in_threadpool(owned, scans, submission.caller.owner, place)
    for repository in listed:
        await run_in_threadpool(scans.credentials.forget, repository.source)
    return await _resumed(scans, submission, listed)


async def _resumed(
    scans: Scanning, submission: Submission, listed: list[ListedRepository]
) -> Resumed:
    job_ids = [
        job_id
        for repository in listed
        for job_id in await _begun(scans, submission, repository.source)
    ]
    owner = submission.caller.owner
    (now, *_) = await run_in_threadpool(owned, scans, owner, listed[0].name)
    view = await run_in_threadpool(only_view, scans, owner, now)
    return Resumed(repository=view, job_ids=job_ids)


async def _begun(scans: Scanning, submission: Submission, repository: Repository) -> list[str]:
    """The jobs of the scans that waited. Those for which there is no room wait on."""
    job_ids: list[str] = []
    for request in await run_in_threadpool(scans.credentials.waiting, repository):
        make = partial(
            scans.new_job, submission.caller, repository, request, SecretStr(""), head=None
        )
        try:
            job_ids.append((await submission.accept(make)).id)
        except Problem as problem:
            if problem.status not in _NO_ROOM:
                raise
            break
        await run_in_threadpool(scans.credentials.started, repository, request)
    return job_ids
