"""Which repository a path and its query name."""

from typing import Annotated

from fastapi import Depends, Query

from keepsake.scanner.store.readers import RepositoryName
from web.scanner.segments import Org, Repo

Host = Annotated[
    str | None,
    Query(
        max_length=300,
        description="Of several hosts with such a repository, this one, as answers name it",
        examples=["github.com"],
    ),
]
Branch = Annotated[
    str | None, Query(max_length=250, description="The latest scanned one when not given")
]


Owner = Annotated[
    str | None,
    Query(
        max_length=256,
        description="Whose, as answers name it. A name alone means the caller's own, else what "
        "members of the caller's organisations share with these; what others share needs its owner",
        examples=["ann"],
    ),
]


async def _index(
    org: Org, repo: Repo, host: Host = None, branch: Branch = None, owner: Owner = None
) -> RepositoryName:
    return RepositoryName(org, repo, branch, host, owner)


Indexed = Annotated[RepositoryName, Depends(_index)]
"""One index of a repository."""
