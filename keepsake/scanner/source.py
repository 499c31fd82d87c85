"""What a client may name as a repository: the only place that reads a URL."""

import os
import re
import socket
from collections.abc import Callable
from ipaddress import AddressValueError, IPv6Address
from pathlib import Path, PurePosixPath
from typing import TypeVar
from urllib.parse import unquote, urlsplit

from keepsake.scanner.errors import (
    ForbiddenSource,
    HostUnknown,
    HostUnreachable,
    RepositoryNotFound,
)
from keepsake.scanner.models import Repository
from keepsake.scanner.settings import ScannerSettings
from keepsake.storage import is_public

_SCP = re.compile(r"^(?:[\w.-]+@)([\w.-]+):(?!/)([\w./~-]+)$")
_PATH = re.compile(r"^/[\w./~+@-]+$")
_LABEL = re.compile(r"[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?")
_HOST_CHARACTERS = 253
_LABEL_CHARACTERS = 63
_PORTS = {"https": 443, "http": 80}
T = TypeVar("T")


def parse_source(url: str, owner: str, settings: ScannerSettings) -> Repository:
    """Check a client's URL and give the repository it names.

    `git@host:org/repo` and `host/org/repo` are read as https. Credentials inside the URL are
    refused rather than dropped, so that nobody leaves a token where it may be logged. The path is
    fetched as it is written, with `.git` or without it; the repository is the same.

    Raises:
        ForbiddenSource: A protocol, host, folder or form that is not allowed.
    """
    scheme, host, path = _split(url.strip())
    if scheme not in settings.scan_protocols:
        raise ForbiddenSource(f"the protocol is not allowed; allowed: {_allowed(settings)}")
    if scheme == "file":
        return _local(path, owner, settings)
    if not host or not _PATH.match(path) or ".." in path.split("/"):
        raise ForbiddenSource("the URL names no repository")
    path = path.rstrip("/")
    org, _, repo = path.removesuffix(".git").strip("/").rpartition("/")
    if not repo:
        raise ForbiddenSource("the URL names no repository")
    return Repository(owner=owner, org=org or host, repo=repo, url=f"{scheme}://{host}{path}")


def host_of(url: str) -> str:
    """Where a repository's organisation is: its host, with a port that is not the usual one.

    Of a folder, the folder around its organisation.
    """
    parts = urlsplit(url)
    return parts.netloc or str(PurePosixPath(parts.path).parent.parent)


def addresses(url: str, settings: ScannerSettings) -> list[str]:
    """The addresses to pin, each allowed, so that DNS cannot change its mind.

    There are none where no name is looked up: of a folder, and of a host that is an IPv6 address,
    which is checked all the same.

    Raises:
        ForbiddenSource: The host has an address that only insiders should reach.
        HostUnknown: There is no host of this name.
        HostUnreachable: No resolver answers.
    """
    parts = urlsplit(url)
    if parts.scheme == "file":
        return []
    host, port = parts.hostname or "", parts.port or _PORTS[parts.scheme]
    try:
        resolved = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except socket.gaierror as error:
        if error.errno == socket.EAI_NONAME:
            raise HostUnknown("there is no host of this name") from error
        raise HostUnreachable("the host's address cannot be looked up") from error
    except OSError as error:
        raise HostUnreachable("the host's address cannot be looked up") from error
    ips = sorted({str(entry[4][0]) for entry in resolved})
    if not settings.scan_private_hosts and not all(is_public(ip) for ip in ips):
        raise ForbiddenSource("the host is not on the public internet")
    return [] if ":" in host else ips


def pin(url: str, ips: list[str]) -> str:
    """The value of git's `http.curloptResolve` that holds the host to these addresses."""
    parts = urlsplit(url)
    port = parts.port or _PORTS.get(parts.scheme, 443)
    return f"{parts.hostname}:{port}:{','.join(f'[{ip}]' if ':' in ip else ip for ip in ips)}"


def _split(url: str) -> tuple[str, str, str]:
    if not url.isprintable() or " " in url or url.startswith("-") or "::" in url.split("/")[0]:
        raise ForbiddenSource("the URL has a form that is not allowed")
    if match := _SCP.match(url):
        return "https", _host(match[1]), f"/{match[2]}"
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
    host = _host(parts.hostname or "")
    if host and port and port != _PORTS.get(parts.scheme):
        host = f"{host}:{port}"
    return parts.scheme.lower(), host, parts.path


def _host(host: str) -> str:
    """A host as it stands in a URL: a name in ASCII and lower case, or an address.

    Raises:
        ForbiddenSource: It cannot be one.
    """
    if ":" in host:
        try:
            address = IPv6Address(host)
        except AddressValueError as error:
            raise ForbiddenSource("the URL's host is no IPv6 address") from error
        if address.scope_id:
            raise ForbiddenSource("the URL's host is an address of one network alone")
        return f"[{address}]"
    try:
        name = host.encode("idna").decode().lower()
    except UnicodeError as error:
        raise ForbiddenSource("the URL's host is no name of a host") from error
    labels = name.removesuffix(".").split(".") if name else []
    fit = all(len(label) <= _LABEL_CHARACTERS and _LABEL.fullmatch(label) for label in labels)
    if not fit or len(name) > _HOST_CHARACTERS:
        raise ForbiddenSource("the URL's host is no name of a host")
    return name


def _local(path: str, owner: str, settings: ScannerSettings) -> Repository:
    """A folder of this machine, by the place that links lead to."""
    folder = unquote(path)
    if not folder.isprintable() or not folder.startswith("/"):
        raise ForbiddenSource("the URL names no repository")
    place = Path(os.path.realpath(folder))
    if place == Path("/"):
        raise ForbiddenSource("the URL names no repository")
    roots = [os.path.realpath(root) for root in settings.scan_file_roots]
    if roots and not any(place.is_relative_to(root) for root in roots):
        raise ForbiddenSource("the folder is not below one that the operator allows")
    repo = place.name.removesuffix(".git") or place.parent.name
    return Repository(
        owner=owner, org=place.parent.name or "local", repo=repo, url=f"file://{place}"
    )


def _allowed(settings: ScannerSettings) -> str:
    return ", ".join(sorted(settings.scan_protocols))


def by_url_variants(repository: Repository, ask: Callable[[Repository], T]) -> T:
    """Ask a host about a repository: by the URL as it was written, then by its variant.

    Some hosts serve a repository with `.git` at the end of its path alone, some only without it.

    Raises:
        ScanError: It has neither, or cannot be read.
    """
    try:
        return ask(repository)
    except RepositoryNotFound:
        if repository.url_variant == repository:
            raise
        return ask(repository.url_variant)
