"""Which URLs name a repository that may be scanned."""

import pytest

from keepsake.scanner.errors import ForbiddenSource, HostUnreachable
from keepsake.scanner.settings import ScannerSettings
from keepsake.scanner.source import addresses, parse_source, pin

STRICT = ScannerSettings()
LOOSE = ScannerSettings(scan_protocols=frozenset({"https", "http", "file"}))


@pytest.mark.parametrize(
    ("url", "named"),
    [
        ("https://github.com/pallets/click", ("pallets", "click")),
        ("https://GitHub.com/pallets/click.git/", ("pallets", "click")),
        ("github.com/pallets/click", ("pallets", "click")),
        ("git@gitlab.com:group/sub/repo.git", ("group/sub", "repo")),
        ("https://host:8443/repo", ("host:8443", "repo")),
    ],
)
def test_a_url_names_an_organisation_and_a_repository(url, named):
    repository = parse_source(url, "ann", STRICT)

    assert (repository.org, repository.repo) == named
    assert repository.url.startswith("https://")


def test_ways_to_write_one_url_are_one_repository():
    ways = ("https://github.com/a/b", "github.com/a/b.git", "git@github.com:a/b")

    assert len({parse_source(way, "ann", STRICT).id for way in ways}) == 1


@pytest.mark.parametrize(
    "url",
    [
        "http://host/a/b",
        "file:///srv/a.git",
        "/srv/a.git",
        "ssh://host/a/b",
        "git://host/a/b",
        "ext::sh -c id",
        "--upload-pack=id",
        "https://user:token@host/a/b",
        "https://token@host/a/b",
        "https://host/a/../b",
        "https://host/a b",
        "https://host/a\x00b",
        "https://host/a?b=c",
        "https://host/a#b",
        "https://host/",
        "https:///a/b",
        "https://host:port/a/b",
    ],
)
def test_anything_else_is_refused(url):
    with pytest.raises(ForbiddenSource):
        parse_source(url, "ann", STRICT)


def test_a_refusal_repeats_no_credentials():
    with pytest.raises(ForbiddenSource) as refused:
        parse_source("https://x:ghp_secret@host/a/b", "ann", STRICT)

    assert "ghp_secret" not in str(refused.value)


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "10.1.2.3", "192.168.0.1", "172.16.0.1", "169.254.169.254", "100.64.0.1",
     "0.0.0.0", "[::1]", "[fe80::1]", "[fd00::1]", "[::ffff:10.0.0.1]", "2130706433", "localhost"],
)  # fmt: skip
def test_a_host_that_is_not_on_the_public_internet_is_refused(host):
    with pytest.raises(ForbiddenSource):
        addresses(f"https://{host}/a/b.git", STRICT)


def test_a_name_with_one_private_address_among_public_ones_is_refused(monkeypatch):
    answers = [(2, 1, 6, "", (ip, 443)) for ip in ("93.184.216.34", "10.0.0.1")]
    monkeypatch.setattr("keepsake.scanner.source.socket.getaddrinfo", lambda *_, **__: answers)

    with pytest.raises(ForbiddenSource):
        addresses("https://git.example/a/b.git", STRICT)


def test_a_name_without_an_address_may_have_one_later(monkeypatch):
    def nothing(*_, **__):
        raise OSError

    monkeypatch.setattr("keepsake.scanner.source.socket.getaddrinfo", nothing)

    with pytest.raises(HostUnreachable):
        addresses("https://git.example/a/b.git", STRICT)


def test_the_addresses_that_were_checked_are_pinned_for_git():
    assert pin("https://host/a", ["1.2.3.4", "2001:db8::1"]) == "host:443:1.2.3.4,[2001:db8::1]"
    assert pin("http://host:8080/a", ["1.2.3.4"]) == "host:8080:1.2.3.4"


def test_a_local_folder_is_a_repository_where_the_operator_allows_it():
    assert parse_source("/srv/acme/shop.git", "ann", LOOSE).url == "file:///srv/acme/shop.git"
    assert addresses("file:///srv/acme/shop.git", LOOSE) == []


@pytest.mark.parametrize(
    "url",
    [
        "https://a..b/x/y",
        f"https://{'a' * 64}.example/x/y",
        f"git@{'a' * 64}.example:x/y",
        f"https://{'a.' * 130}example/x/y",
        "https://-a.example/x/y",
        "https://a,b:443/x/y",
        "https://%00/x/y",
        "https://[::1%25eth0]/x/y",
        "https://[1.2.3.4]/x/y",
        "file:///a%00b",
        "file:///a%0ab",
    ],
)
def test_a_host_or_a_folder_that_cannot_be_one_is_refused(url):
    with pytest.raises(ForbiddenSource):
        parse_source(url, "ann", LOOSE)


def test_an_ipv6_address_keeps_its_brackets_and_needs_no_pin():
    repository = parse_source("https://[2606:2800:220:1:0:0:0:1]:8443/acme/shop", "ann", STRICT)

    assert repository.url == "https://[2606:2800:220:1::1]:8443/acme/shop"
    assert addresses(repository.url, STRICT) == []


def test_a_name_of_any_script_is_written_in_ascii():
    assert parse_source("https://bücher.example/a/b", "ann", STRICT).url == (
        "https://xn--bcher-kva.example/a/b"
    )


@pytest.mark.parametrize("path", ["acme/shop", "acme/shop.git", "org/project/_git/r"])
def test_a_path_is_fetched_as_it_is_written(path):
    assert parse_source(f"https://Host/{path}", "ann", STRICT).url == f"https://host/{path}"


def test_the_other_way_to_write_a_url_is_the_same_repository():
    bare = parse_source("https://host/a/b", "ann", STRICT)
    suffixed = parse_source("https://host/a/b.git", "ann", STRICT)

    assert bare.url_variant == suffixed
    assert suffixed.url_variant == bare
    assert bare.id == suffixed.id


def test_folders_are_read_only_below_those_that_the_operator_names(tmp_path):
    root = tmp_path / "root"
    (root / "acme/shop").mkdir(parents=True)
    (tmp_path / "acme/secret").mkdir(parents=True)
    (root / "acme/way-out").symlink_to(tmp_path / "acme/secret")
    (root / "acme/loop").symlink_to(root / "acme/loop")
    named = LOOSE.model_copy(update={"scan_file_roots": frozenset({root})})

    assert parse_source(f"file://{root}/acme/shop", "ann", named).repo == "shop"
    assert parse_source(f"file://{tmp_path}/acme/secret", "ann", LOOSE).repo == "secret"
    for outside in (f"{tmp_path}/acme/secret", f"{root}/acme/way-out", f"{root}-not/a/b"):
        with pytest.raises(ForbiddenSource):
            parse_source(f"file://{outside}", "ann", named)
    assert parse_source(f"file://{root}/acme/loop", "ann", named).repo == "loop"
