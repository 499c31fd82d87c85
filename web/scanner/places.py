"""Which repository a path and its query name."""

from typing import Annotated

from fastapi import Depends, Query

from scanner.search.service import Place
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


async def _index(org: Org, repo: Repo, host: Host = None, branch: Branch = None) -> Place:
    return Place(org, repo, branch, host)


Indexed = Annotated[Place, Depends(_index)]
"""One index of a repository."""
