"""What a client may name as a repository: the only place that reads a URL."""

import re
import socket
from pathlib import Path
from urllib.parse import unquote, urlsplit

from scanner.errors import ForbiddenSource, HostUnreachable
from scanner.models import Repository
from scanner.settings import ScannerSettings
from storage.addresses import is_public

_SCP = re.compile(r"^(?:[\w.-]+@)([\w.-]+):(?!/)([\w./~-]+)$")
_PATH = re.compile(r"^/[\w./~+@-]+$")
_PORTS = {"https": 443, "http": 80}


def parse_source(url: str, owner: str, settings: ScannerSettings) -> Repository:
    """Check a client's URL and give the repository it names.

    `git@host:org/repo` and `host/org/repo` are read as https. Credentials inside the URL are
    refused rather than dropped, so that nobody leaves a token where it may be logged.

    Raises:
        ForbiddenSource: A protocol, host or form that is not allowed.
    """
    scheme, host, path = _split(url.strip())
    if scheme not in settings.scan_protocols:
        raise ForbiddenSource(f"the protocol is not allowed; allowed: {_allowed(settings)}")
    if scheme == "file":
        return _local(path, owner)
    if not host or not _PATH.match(path) or ".." in path.split("/"):
        raise ForbiddenSource("the URL names no repository")
    path = path.rstrip("/").removesuffix(".git")
    org, _, repo = path.strip("/").rpartition("/")
    if not repo:
        raise ForbiddenSource("the URL names no repository")
    return Repository(owner=owner, org=org or host, repo=repo, url=f"{scheme}://{host}{path}.git")


def addresses(url: str, settings: ScannerSettings) -> list[str]:
    """The addresses to connect to, each allowed; pinned, so that DNS cannot change its mind.

    Raises:
        ForbiddenSource: The host has an address that only insiders should reach.
        HostUnreachable: The host has no address.
    """
    parts = urlsplit(url)
    if parts.scheme == "file":
        return []
    host, port = parts.hostname or "", parts.port or _PORTS[parts.scheme]
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError as error:
        raise HostUnreachable("the host has no address") from error
    ips = sorted({str(entry[4][0]) for entry in found})
    if not settings.scan_private_hosts and not all(is_public(ip) for ip in ips):
        raise ForbiddenSource("the host is not on the public internet")
    return ips


def pin(url: str, ips: list[str]) -> str:
    """The value of git's `http.curloptResolve` that holds the host to these addresses."""
    parts = urlsplit(url)
    port = parts.port or _PORTS.get(parts.scheme, 443)
    return f"{parts.hostname}:{port}:{','.join(f'[{ip}]' if ':' in ip else ip for ip in ips)}"


def _split(url: str) -> tuple[str, str, str]:
    if not url.isprintable() or " " in url or url.startswith("-") or "::" in url.split("/")[0]:
        raise ForbiddenSource("the URL has a form that is not allowed")
    if found := _SCP.match(url):
        return "https", found[1].lower(), f"/{found[2]}"
    if "://" not in url:
        url = f"file://{url}" if url.startswith("/") else f"https://{url}"
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise ForbiddenSource("the URL has a form that is not allowed") from error
    if parts.username is not None or parts.password is not None:
        raise ForbiddenSource("the URL holds credentials; send the token apart from it")
    if parts.query or parts.fragment:
        raise ForbiddenSource("the URL has a query or a fragment")
    host = (parts.hostname or "") + (
        f":{port}" if port and port != _PORTS.get(parts.scheme) else ""
    )
    return parts.scheme.lower(), host.lower(), parts.path


def _local(path: str, owner: str) -> Repository:
    place = Path(unquote(path)).resolve()
    if not place.is_absolute() or place == Path("/"):
        raise ForbiddenSource("the URL names no repository")
    repo = place.name.removesuffix(".git") or place.parent.name
    return Repository(
        owner=owner, org=place.parent.name or "local", repo=repo, url=f"file://{place}"
    )


def _allowed(settings: ScannerSettings) -> str:
    return ", ".join(sorted(settings.scan_protocols))
