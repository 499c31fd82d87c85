"""A host is asked by the URL as it was written, then by the other one."""

import pytest

from keepsake.scanner.errors import RepositoryNotFound, Unauthorised
from keepsake.scanner.models import Repository
from keepsake.scanner.source import by_url_variants

SHOP = Repository(owner="ann", org="acme", repo="shop", url="https://host/acme/shop")
FOLDER = Repository(owner="ann", org="acme", repo="shop", url="file:///acme/shop")


def host(served, error=RepositoryNotFound):
    """A host that has one URL, and the URLs that it was asked for."""
    seen = []

    def ask(repository):
        seen.append(repository.url)
        if repository.url != served:
            raise error("no")
        return "found"

    return ask, seen


def test_a_url_that_is_there_is_asked_once():
    ask, seen = host(SHOP.url)

    assert (by_url_variants(SHOP, ask), seen) == ("found", [SHOP.url])


def test_one_that_is_not_there_is_asked_for_by_its_other_end():
    ask, _ = host(f"{SHOP.url}.git")

    assert by_url_variants(SHOP, ask) == "found"


@pytest.mark.parametrize(
    ("repository", "error"), [(SHOP, Unauthorised), (FOLDER, RepositoryNotFound)]
)
def test_nothing_else_is_asked_for_again(repository, error):
    ask, seen = host("elsewhere", error)

    with pytest.raises(error):
        by_url_variants(repository, ask)
    assert seen == [repository.url]
