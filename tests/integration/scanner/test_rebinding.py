"""A name that changes its address meanwhile leads git nowhere but where it was checked to lead."""

from types import SimpleNamespace

import pytest

from keepsake.scanner import source
from keepsake.scanner.errors import ForbiddenSource
from tests.integration.scanner.githost import GitHost
from tests.names import resolve_by

PUBLIC, INNER = "127.0.0.2", "127.0.0.1"
"""Two places on this machine; `localhost` is the second to everyone but the scanner's look-up."""


@pytest.fixture
def hosts(repo):
    """The same repository and port at both addresses."""
    repo.commit({"a.py": "def a(): pass\n"})
    inner = GitHost(repo.path.parent.parent, INNER)
    port = inner.server_port
    public = GitHost(repo.path.parent.parent, PUBLIC, port)
    yield SimpleNamespace(public=public, inner=inner, url=f"http://localhost:{port}/acme/shop/.git")
    public.close()
    inner.close()


@pytest.fixture
def guarded(tools, monkeypatch):
    monkeypatch.setattr(source, "is_public", lambda ip: ip == PUBLIC)
    return tools.settings.model_copy(update={"scan_private_hosts": False})


@pytest.fixture
def resolved(monkeypatch):
    """Says what the scanner's look-ups find, one after the other."""

    def to(*answers):
        left = iter(answers)
        resolve_by(monkeypatch, lambda _host: [next(left)])

    return to


def test_git_connects_to_the_address_that_was_checked(scan, hosts, guarded, resolved):
    resolved(PUBLIC, PUBLIC)

    result = scan(hosts, settings=guarded)

    assert result.stats["symbols"] == 1
    assert (hosts.public.asked > 1, hosts.inner.asked) == (True, 0)


def test_a_name_that_leads_inside_at_the_second_look_is_refused_then(
    scan, hosts, guarded, resolved
):
    resolved(PUBLIC, INNER)

    with pytest.raises(ForbiddenSource):
        scan(hosts, settings=guarded)

    assert (hosts.public.asked > 0, hosts.inner.asked) == (True, 0)
