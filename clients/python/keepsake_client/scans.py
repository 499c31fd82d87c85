"""Scans: a repository becomes searchable, or is looked at before."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from keepsake_client.models.code import Estimate, Scanned
from keepsake_client.schedules import ScheduleCalls
from keepsake_client.session import Request, given
from keepsake_client.submitting import Submitted, submission, submitted
from keepsake_client.surfaces import operation


class ScanCalls(ScheduleCalls):
    """What can be asked of scans, once or again and again."""

    @submission
    async def scan(
        self,
        url: str,
        *,
        branch: str | None = None,
        tag: str | None = None,
        commit: str | None = None,
        include: Sequence[str] | None = None,
        exclude: Sequence[str] | None = None,
        embed: bool | None = None,
        enrich: bool | None = None,
        force: bool | None = None,
        working_tree: bool | None = None,
        token: str | None = None,
        labels: Mapping[str, str] | None = None,
        run_at: datetime | str | None = None,
        idempotency_key: str | None = None,
    ) -> Submitted[Scanned]:
        """Make a repository searchable; at most one of branch, tag and commit.

        include, exclude: patterns of paths as in a `.gitignore`, such as `src/**`; read only what
        one of the first fits, and nothing that one of the others does.
        embed, enrich: also make vectors, write summaries. token: opens a private repository.
        run_at: when to scan, within 30 days. working_tree: of a folder of the service's machine,
        its files as they are, with what is not committed; its index is `working-tree:HEAD`.

        >>> client.code.scan(repository_url).result(60).phase1
        'complete'
        """
        options = given(embed=embed, enrich=enrich, force=force)
        body = given(url=url, branch=branch, tag=tag, commit=commit, include=include,
                     exclude=exclude, working_tree=working_tree, token=token, labels=labels,
                     run_at=run_at, options=options or None)  # fmt: skip
        return await submitted(self._session, "/v2/scanner/scans", body, Scanned, idempotency_key)

    @operation
    async def estimate(
        self,
        url: str,
        *,
        branch: str | None = None,
        tag: str | None = None,
        commit: str | None = None,
        include: Sequence[str] | None = None,
        exclude: Sequence[str] | None = None,
        token: str | None = None,
    ) -> Estimate:
        """Say what a scan would read, and about how long it would take; nothing is kept.

        include, exclude: as in `scan`.

        >>> client.code.estimate(repository_url).languages["python"]
        2
        """
        body = given(url=url, branch=branch, tag=tag, commit=commit, include=include,
                     exclude=exclude, token=token)  # fmt: skip
        request = Request("POST", "/v2/scanner/estimates", body=body, repeatable=True)
        return await self._session.fetch(request, Estimate)
