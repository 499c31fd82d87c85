"""Which repository is meant, and the requests for what is in it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from keepsake_client.session import Request, get, given, path

REPOSITORIES = "/v2/scanner/repositories"


@dataclass(frozen=True)
class Place:
    """A repository by its name, and which of several: its host, its owner, one branch of it."""

    name: str
    host: str | None = None
    branch: str | None = None
    owner: str | None = None


def in_repository(repository: str | Place, resource: str, params: Mapping[str, Any]) -> Request:
    """A request for something of a repository.

    Raises:
        ValueError: It is not named as `organisation/name`.
    """
    place = Place(repository) if isinstance(repository, str) else repository
    organisation, _, name = place.name.rpartition("/")
    if not organisation or not name:
        raise ValueError("name a repository as organisation/name")
    which = given(host=place.host, branch=place.branch, owner=place.owner)
    url = path(REPOSITORIES + "/{}/{}", organisation, name) + resource
    return get(url, {**params, **which})
