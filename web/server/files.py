"""How many files a process may have open, and how many of them connections may be."""

import resource

ACCEPTED_AT_ONCE = 64
"""Connections that asyncio takes in one turn of its loop."""
_UNCOUNTED = 5 * ACCEPTED_AT_ONCE
"""It makes and ends a connection in four turns, and accepts others in each of them."""
_WANTED = 65_536
_OURS = 128
"""Logs, pipes, modules that are being read, the driver's monitors, RabbitMQ's connections."""


def raise_limit() -> None:
    """Allow this process and its children as many files as the system lets them have."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = _WANTED if hard == resource.RLIM_INFINITY else min(hard, _WANTED)
    if soft != resource.RLIM_INFINITY and soft < most:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))


def room_for_connections(database_connections: int) -> int:
    """Files that are left for clients beside the database's connections and our own."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    allowed = _WANTED if soft == resource.RLIM_INFINITY else soft
    return max(allowed - database_connections - _OURS - _UNCOUNTED, 16)
