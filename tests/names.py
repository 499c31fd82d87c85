"""What the names of hosts resolve to in a test."""

import socket
from collections.abc import Callable, Sequence

from keepsake.launcher import LOOPBACK


def resolve_by(monkeypatch, look_up: Callable[[str], Sequence[str]]) -> None:
    """Have names looked up by `look_up`; servers' own address is not, which other threads ask for.

    Connections of the process to them may begin at any time, so a test could not count otherwise.
    """
    really = socket.getaddrinfo

    def getaddrinfo(host, port, *rest, **options):
        if host == LOOPBACK:
            return really(host, port, *rest, **options)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (ip, port)) for ip in look_up(host)]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
