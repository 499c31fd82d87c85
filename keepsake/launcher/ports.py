"""Ports on the loopback interface."""

import random
import socket

from keepsake.launcher.process import CannotStart

LOOPBACK = "127.0.0.1"
_SERVERS = range(10_000, 32_000)  # below the ports that kernels give to outgoing connections


def free_port() -> int:
    """A port that is free now and that no outgoing connection will be given.

    It is drawn at random, so that test runs side by side seldom meet.
    """
    while not is_free(port := random.choice(_SERVERS)):
        pass
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
