"""Whom clients trust: authorities are read once, and by those alone that speak https."""

import asyncio
import ssl

import pytest

from keepsake_client import AsyncKeepsake, ConnectionFailed, Keepsake, Problem, transport
from tests import tls_site

HOST = "localhost"


@pytest.fixture
def reads(monkeypatch):
    """How often authorities are read."""
    transport._trusting.cache_clear()
    counted, original = [], ssl.create_default_context

    def create(*given, **options):
        counted.append(options)
        return original(*given, **options)

    monkeypatch.setattr(ssl, "create_default_context", create)
    yield counted
    transport._trusting.cache_clear()


@pytest.mark.parametrize(("scheme", "times"), [("http", 0), ("https", 1), ("HTTPS", 1)])
def test_authorities_are_read_once_and_for_https_alone(reads, scheme, times):
    for client in (Keepsake, AsyncKeepsake, Keepsake, AsyncKeepsake):
        client(f"{scheme}://{HOST}:1", "ksk_x")

    assert len(reads) == times


@pytest.mark.parametrize("scheme", ["https", "HTTPS"])
def test_a_server_is_verified_by_the_authorities_that_the_environment_names(
    reads, tmp_path, monkeypatch, scheme
):
    known, stranger = (tmp_path / name for name in ("known", "stranger"))
    for folder in (known, stranger):
        folder.mkdir()
        tls_site.certificate(folder, HOST)
    with tls_site.serving(known / "server.pem") as site:
        site.paths["/readyz"] = tls_site.page("{}", 404)
        url = f"{scheme}://{HOST}:{site.server_port}"

        for named, outcome in ((known, Problem), (stranger, ConnectionFailed)):
            monkeypatch.setenv("SSL_CERT_FILE", str(named / "server.pem"))
            with pytest.raises(outcome):
                Keepsake(url, "ksk_x", retry_seconds=0).ready()
            with pytest.raises(outcome):
                asyncio.run(AsyncKeepsake(url, "ksk_x", retry_seconds=0).ready())
