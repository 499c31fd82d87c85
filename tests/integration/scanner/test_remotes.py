"""Remotes that want a token, are slow, broken or hostile: each told apart."""

import json
import os
from base64 import b64encode
from types import SimpleNamespace

import pytest
from pydantic import SecretStr

from keepsake.scanner.errors import (
    BranchNotFound,
    EmptyRepository,
    HostTimeout,
    HostUnreachable,
    MachineShort,
    RepositoryNotFound,
    TooLarge,
    Unauthorised,
    Unsupported,
)
from keepsake.scanner.git.mirror import locked
from keepsake.scanner.git.remote import branches
from keepsake.scanner.source import parse_source
from tests.integration.scanner.githost import GitHost
from tests.integration.scanner.gitrepo import GitRepo

TOKEN = "ghp_verysecret0123456789"


@pytest.fixture
def host(repo):
    repo.commit({"a.py": "def a(): pass\n", "big.txt": "x" * 3_000_000})
    host = GitHost(repo.path.parent.parent)
    yield host
    host.close()


@pytest.fixture
def hosted(host):
    return SimpleNamespace(url=f"{host.base}/acme/shop/.git")


@pytest.fixture
def impatient(tools, monkeypatch):
    """Of a scan that waits for a host for a second or two: a slow machine looks like one."""
    monkeypatch.setattr("keepsake.scanner.git.environment.SLOW_SECONDS", 1)
    return tools.settings.model_copy(update={"scan_connect_timeout_seconds": 2})


def test_a_public_repository_is_read_over_http(scan, hosted):
    assert scan(hosted).stats["symbols"] == 1


@pytest.mark.parametrize("end", ["", ".git"])
def test_a_host_that_serves_no_path_with_git_at_its_end_is_read(scan, host, end):
    result = scan(SimpleNamespace(url=f"{host.base}/acme/shop{end}"))

    assert (result.org, result.repo, result.stats["symbols"]) == ("acme", "shop", 1)


def test_a_repository_is_the_same_with_git_at_its_end_and_without(scan, host):
    ways = [scan(SimpleNamespace(url=f"{host.base}/acme/shop{end}")) for end in ("", ".git")]

    assert (ways[0].repository, ways[1].reused) == (ways[1].repository, True)


def test_files_over_the_limit_never_leave_the_host(scan, hosted, tools):
    result = scan(hosted)

    size = sum(f.stat().st_size for f in tools.settings.scan_cache_path.rglob("*") if f.is_file())
    assert result.stats["skipped"] == {"oversized": 1}
    assert size < 100_000


def test_a_private_repository_is_read_with_its_token(scan, host, hosted):
    host.token = TOKEN

    assert scan(hosted, token=SecretStr(TOKEN)).stats["symbols"] == 1


def test_a_token_is_seen_in_no_process_file_document_or_error(scan, host, hosted, tools, database):
    host.token = TOKEN
    scan(hosted, token=SecretStr(TOKEN))
    host.mood = "forbidding"
    with pytest.raises(Unauthorised) as refused:
        scan(hosted, token=SecretStr(TOKEN), options={"force": True})

    files = [f.read_bytes() for f in tools.settings.scan_cache_path.rglob("*") if f.is_file()]
    documents = [
        json.dumps(list(database[name].find()), default=str)
        for name in database.list_collection_names()
    ]
    assert host.authorised > 3
    assert host.seen == []
    assert not any(TOKEN.encode() in content for content in files)
    assert not any(TOKEN in content for content in documents)
    assert TOKEN not in str(refused.value)


@pytest.mark.parametrize("token", [None, SecretStr("wrong")])
def test_a_missing_or_wrong_token_is_permanent(scan, host, hosted, token):
    host.token = TOKEN

    with pytest.raises(Unauthorised):
        scan(hosted, token=token)


@pytest.mark.parametrize(
    ("mood", "error"),
    [
        ("forbidding", Unauthorised),
        ("failing", HostUnreachable),
        ("moving", RepositoryNotFound),
        ("cutting", HostUnreachable),
    ],
)
def test_each_way_of_misbehaving_has_its_error(scan, host, hosted, mood, error):
    host.mood = mood

    with pytest.raises(error):
        scan(hosted)


@pytest.mark.parametrize("mood", ["silent", "dripping"])
def test_a_host_that_is_silent_or_too_slow_is_given_up(scan, host, hosted, impatient, mood):
    host.mood = mood

    with pytest.raises(HostTimeout):
        scan(hosted, settings=impatient)


def test_a_broken_fetch_is_made_good_by_the_next_attempt(scan, host, hosted):
    host.mood = "cutting"
    with pytest.raises(HostUnreachable):
        scan(hosted)
    host.mood = "well"

    assert scan(hosted).stats["symbols"] == 1


def test_a_repository_that_is_not_there_is_permanent(scan, host):
    with pytest.raises(RepositoryNotFound):
        scan(SimpleNamespace(url=f"{host.base}/acme/nothing.git"))


def test_a_host_that_refuses_the_connection_is_transient(scan):
    with pytest.raises(HostUnreachable):
        scan(SimpleNamespace(url="http://127.0.0.1:1/acme/shop.git"))


def test_a_branch_that_is_not_there_is_permanent(scan, repo):
    repo.commit({"a.py": ""})

    for ref in ({"branch": "none"}, {"tag": "none"}):
        with pytest.raises(BranchNotFound):
            scan(repo, **ref)


def test_a_repository_without_a_commit_is_permanent(scan, repo):
    with pytest.raises(EmptyRepository):
        scan(repo)


def test_a_tag_and_a_commit_can_be_scanned(scan, repo):
    first = repo.commit({"a.py": "def a(): pass\n"})
    repo.git("tag", "-a", "v1", "-m", "one")
    repo.commit({"b.py": "def b(): pass\n"})

    tagged, by_id = scan(repo, tag="v1"), scan(repo, commit=first)

    assert (tagged.branch, tagged.commit) == ("tag:v1", first)
    assert (by_id.branch, by_id.stats["symbols"]) == (f"commit:{first}", 1)


@pytest.mark.parametrize("ref", [{}, {"commit": "0" * 64}])
def test_a_repository_with_longer_ids_is_refused_for_good(scan, tmp_path, ref):
    longer = GitRepo(tmp_path / "acme" / "longer", "--object-format", "sha256")
    longer.commit({"a.py": ""})

    with pytest.raises(Unsupported, match="SHA-256"):
        scan(longer, **ref)


def test_a_host_of_plain_files_is_refused_for_good(scan, host, repo):
    repo.git("update-server-info")
    host.mood = "plain"

    with pytest.raises(Unsupported, match="plain files"):
        scan(SimpleNamespace(url=f"{host.base}/acme/shop/.git"))


def test_a_mirror_that_is_read_too_slowly_is_not_the_hosts_fault(repo, tools):
    hasty = tools.settings.model_copy(update={"scan_git_timeout_seconds": 0})

    with (
        locked(parse_source(repo.url, "ann", hasty), hasty) as mirror,
        pytest.raises(MachineShort),
    ):
        mirror.read("version", output_bytes=1 << 16)


def test_branches_are_listed_with_the_default(repo, tools):
    commit = repo.commit({"a.py": ""})
    repo.git("branch", "other")

    named, default = branches(repo.url, None, tools.settings)

    assert (named, default) == ({"main": commit, "other": commit}, "main")


def test_a_branch_whose_name_is_no_utf8_is_left_out_though_it_is_the_default(scan, repo, tools):
    commit = repo.commit({"a.py": "def a(): pass\n"})
    odd = os.fsdecode(b"refs/heads/b\xff")
    repo.git("update-ref", odd, commit)
    repo.git("symbolic-ref", "HEAD", odd)

    assert branches(repo.url, None, tools.settings) == ({"main": commit}, None)
    assert scan(repo).commit == commit


def test_a_history_that_was_rewritten_is_compared_by_content(scan, repo, tools):
    repo.commit({"a.py": "def a(): pass\n", "b.py": "def b(): pass\n"})
    scan(repo)
    repo.git("checkout", "-q", "--orphan", "fresh")
    repo.git("rm", "-q", "-f", "a.py")
    repo.commit()
    repo.git("branch", "-M", "fresh", "main")
    for mirror in tools.settings.scan_cache_path.glob("*.git"):
        mirror.rename(mirror.with_suffix(".gone"))

    result = scan(repo)

    assert (result.stats["files"], result.stats["files_changed"]) == (1, 1)


def test_a_repository_over_the_size_limit_is_refused(scan, tmp_path, tools):
    noise = GitRepo(tmp_path / "acme" / "noise")
    noise.commit({f"{n}.txt": os.urandom(900_000) for n in range(3)})
    small = tools.settings.model_copy(update={"scan_repository_mb": 1})

    with pytest.raises(TooLarge):
        scan(noise, settings=small)


def test_a_small_repository_that_was_fetched_often_is_fetched_anew_instead_of_refused(
    scan, tmp_path, tools
):
    noise = GitRepo(tmp_path / "acme" / "noise")
    small = tools.settings.model_copy(update={"scan_repository_mb": 1})
    for _ in range(3):
        noise.commit({"a.txt": os.urandom(450_000).hex()})

        assert scan(noise, settings=small).stats["parsed"] == 1


def test_a_raised_limit_of_files_brings_what_the_mirror_lacks(scan, hosted, tools):
    scan(hosted)
    more = tools.settings.model_copy(update={"scan_max_file_kb": 4_096})

    result = scan(hosted, settings=more, options={"force": True})

    assert result.stats["skipped"] == {}


@pytest.mark.parametrize("spelt", [TOKEN, b64encode(f"x-access-token:{TOKEN}".encode()).decode()])
def test_a_token_that_a_host_echoes_as_a_branch_is_told_to_nobody(
    host, hosted, repo, tools, scan, database, spelt
):
    repo.git("branch", "-m", spelt.rstrip("="))
    host.token = TOKEN

    named, default = branches(hosted.url, SecretStr(TOKEN), tools.settings)
    result = scan(hosted, token=SecretStr(TOKEN))

    kept = [list(database[name].find()) for name in database.list_collection_names()]
    assert (list(named), default) == (["[redacted]"], "[redacted]")
    assert spelt.rstrip("=") not in f"{kept} {result}"
