"""Settings of the HTTP side, and how many files its processes may have open."""

import resource
from typing import Annotated

from pydantic import Field

from keepsake.parts import WORKER
from keepsake.storage import Audience, Settings
from middleware.management import ManagementSettings

ACCEPTED_AT_ONCE = 64
"""Connections that asyncio takes in one iteration of its loop."""
_UNCOUNTED_FILES = 5 * ACCEPTED_AT_ONCE
"""It makes and ends a connection in four iterations, and accepts others in each of them."""
_FILES_WANTED = 65_536
_OWN_FILES = 128
"""Logs, pipes, modules that are being read, the driver's monitors, RabbitMQ's connections."""


class ServerSettings(Settings):
    """One port, the processes that serve it, and their limits of bytes, time and connections."""

    audience = Audience.CLIENTS

    http_host: Annotated[str, Audience.BEGINNERS] = "127.0.0.1"
    """Where the API listens; `0.0.0.0` in the image."""
    http_port: Annotated[int, Audience.BEGINNERS] = Field(default=8000, ge=1, le=65_535)
    """The API."""
    web_processes: int = Field(default=1, ge=1, le=64)
    """Web processes behind one port."""
    web_connections: int = Field(default=4_000, ge=16)
    """Open connections of a web process; fewer, if it may not open so many files. Past them, the
    connection that has waited longest for a request gives way."""
    web_silence_seconds: Annotated[float, Audience.TUNING] = Field(default=10, ge=2)
    """A web process whose event loop is silent for so long is killed and replaced."""
    head_timeout_seconds: float = Field(default=10, gt=0)
    """From the connection, or the last answer, to the end of the next head."""
    body_timeout_seconds: float = Field(default=60, gt=0)
    """From the end of the head to the end of the body."""
    write_timeout_seconds: float = Field(default=30, gt=0)
    """How long a client may leave unread what was sent; then its connection is cut."""


class WebSettings(Settings):
    """Limits of requests; a key may have limits of its own."""

    audience = Audience.CLIENTS

    access_log: bool = True
    """`0`: no line in the log for each request."""
    body_limit_bytes: int = Field(default=8_000_000, ge=1_000)
    """No request body may be larger, before it is parsed; most routes take less, by the maxima of
    their fields."""
    requests_per_second: float = Field(default=2_000, gt=0)
    """Of one owner, at all web processes together; twice as many at once."""
    backlog_limit: int = Field(default=100_000, ge=1)
    """Unfinished jobs of one owner."""
    streams_per_owner: int = Field(default=100, ge=1)
    """Streams (events, exports, chats) that one owner may have open at a web process."""
    v1_timeout_seconds: float = Field(default=100, gt=0)
    """How long a client of `/v1/memory` waits, then `504`; XMem's own clients give up after 120."""
    v1_batch_timeout_seconds: float = Field(default=900, gt=0)
    """The most for a batch, which has the former for each item."""
    v1_threads: int = Field(default=16, ge=1)
    """Requests of `/v1/memory` that a web process works on at once; others wait, within their
    time."""
    lookup_timeout_seconds: float = Field(default=10, gt=0)
    """How long a request waits for a git host (validate, estimate, the tip of a branch)."""


WEB: tuple[type[Settings], ...] = (*WORKER, ManagementSettings, ServerSettings, WebSettings)


def raise_file_limit() -> None:
    """Allow this process and its children as many files as the system lets them have."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = _FILES_WANTED if hard == resource.RLIM_INFINITY else min(hard, _FILES_WANTED)
    if soft != resource.RLIM_INFINITY and soft < most:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))


def room_for_connections(database_connections: int) -> int:
    """Files that are left for clients beside the database's connections and our own."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    allowed = _FILES_WANTED if soft == resource.RLIM_INFINITY else soft
    return max(allowed - database_connections - _OWN_FILES - _UNCOUNTED_FILES, 16)
