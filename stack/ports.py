"""Ports on the loopback interface."""

import socket

from stack.errors import CannotStart

LOOPBACK = "127.0.0.1"
_CTL_RANGE = range(35_672, 35_683)  # rabbitmqctl's own


def free_port() -> int:
    """A port that is free now; the kernel hands out another one to the next caller."""
    while True:
        with socket.socket() as probe:
            probe.bind((LOOPBACK, 0))
            port = int(probe.getsockname()[1])
        if port not in _CTL_RANGE:
            return port


def is_free(port: int) -> bool:
    """Whether one can listen on a port."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return True


def require_free(port: int, setting: str) -> None:
    """Make sure that a part can listen on its port.

    Raises:
        CannotStart: It is taken.
    """
    if not is_free(port):
        raise CannotStart(
            f"port {port} is taken: stop what uses it or set {setting} to another one"
        )
