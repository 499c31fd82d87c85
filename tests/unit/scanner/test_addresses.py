"""A repository's URL never leads where no scan may go."""

import os
import socket

import pytest
from pydantic import SecretStr

from keepsake.scanner import source
from keepsake.scanner.errors import ForbiddenSource, HostUnknown, HostUnreachable, OutsideAway
from keepsake.scanner.git.environment import remote_environment
from keepsake.scanner.settings import ScannerSettings
from tests.names import resolve_by

URL = "https://git.example.org/acme/shop.git"


@pytest.fixture
def resolved(monkeypatch):
    """Says what names resolve to, one answer after the other."""

    def to(*answers):
        left = iter(answers)
        resolve_by(monkeypatch, lambda _host: next(left))

    return to


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "10.1.2.3", "192.168.1.1", "169.254.169.254", "0.0.0.0", "::1", "fe80::1%eth0",
     "::ffff:127.0.0.1", "64:ff9b::a00:1", "2002:7f00:1::", "224.0.0.1", "100.64.0.1",
     "fec0::1", "192.0.0.8", "192.88.99.1", "3fff::1", "::127.0.0.1", "2001:0:7f00:1::"],
)  # fmt: skip
def test_a_host_with_an_inner_address_is_refused(resolved, address):
    resolved(["93.184.215.14", address])

    with pytest.raises(ForbiddenSource):
        source.addresses(URL, ScannerSettings())


def test_the_operator_can_allow_inner_hosts(resolved):
    resolved(["10.1.2.3"])

    assert source.addresses(URL, ScannerSettings(scan_private_hosts=True)) == ["10.1.2.3"]


def test_git_connects_to_the_address_that_was_checked_and_follows_no_redirect(resolved, tmp_path):
    resolved(["93.184.215.14"], ["127.0.0.1"])

    with remote_environment(URL, None, ScannerSettings(scan_cache_path=tmp_path)) as remote:
        count = int(remote.env["GIT_CONFIG_COUNT"])
        config = {
            remote.env[f"GIT_CONFIG_KEY_{n}"]: remote.env[f"GIT_CONFIG_VALUE_{n}"]
            for n in range(count)
        }

    assert config["http.curloptResolve"] == "git.example.org:443:93.184.215.14"
    assert config["http.followRedirects"] == "false"
    assert remote.env["GIT_ALLOW_PROTOCOL"] == "https"


@pytest.mark.parametrize(
    "url",
    ["file:///etc", "/etc/passwd", "ssh://git@host.example.org/a/b", "git://host.example.org/a/b",
     "ext::sh -c id", "https://user:pw@host.example.org/a/b", "--upload-pack=id",
     "https://host.example.org/a/../../b", "https://[", "https://host.example.org:x/a/b",
     "https://host.example.org/a\n/b", "https://host.example.org/a/\x00b", "", "https://"],
)  # fmt: skip
def test_a_form_that_is_not_allowed_is_refused(url):
    with pytest.raises(ForbiddenSource):
        source.parse_source(url, "alice", ScannerSettings())


@pytest.mark.parametrize(
    ("code", "kind"), [(socket.EAI_AGAIN, HostUnreachable), (socket.EAI_NONAME, HostUnknown)]
)
def test_a_resolver_that_does_not_answer_is_an_outage_and_a_name_that_is_not_there_is_none(
    monkeypatch, code, kind
):
    def getaddrinfo(*_, **__):
        raise socket.gaierror(code, "no")

    monkeypatch.setattr(source.socket, "getaddrinfo", getaddrinfo)

    with pytest.raises(kind) as raised:
        source.addresses(URL, ScannerSettings())

    assert isinstance(raised.value, OutsideAway) == (kind is HostUnreachable)


def test_git_has_no_home_and_nothing_to_run_on_disk(resolved, monkeypatch):
    resolved(["93.184.215.14"], ["93.184.215.14"])
    for name in ("GIT_SSL_CAINFO", "SSL_CERT_FILE", "SSL_CERT_DIR"):
        monkeypatch.delenv(name, raising=False)

    with remote_environment(URL, SecretStr("hush"), ScannerSettings()) as remote:
        paths = [value for value in remote.env.values() if value.startswith("/")]
        assert "hush" not in str(remote.env)

    assert [remote.env["HOME"], remote.env["GIT_CONFIG_GLOBAL"]] == [os.devnull] * 2
    assert set(paths) <= {os.devnull, os.environ["PATH"]}
