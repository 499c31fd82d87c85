"""Some hosts serve a repository with `.git` at the end of its path alone, some only without it."""

from collections.abc import Callable
from typing import TypeVar

from keepsake.scanner.errors import RepositoryNotFound
from keepsake.scanner.models import Repository

T = TypeVar("T")


def asked(repository: Repository, ask: Callable[[Repository], T]) -> T:
    """What a host says of a repository: by the URL as it was written, then by the other one.

    Raises:
        ScanError: It has neither, or cannot be read.
    """
    try:
        return ask(repository)
    except RepositoryNotFound:
        if repository.respelt == repository:
            raise
        return ask(repository.respelt)
