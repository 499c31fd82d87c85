"""Where the HTTP server listens, and what it allows to connections before they are requests."""

from pydantic import Field

from keepsake.storage.settings import Settings


class ServerSettings(Settings):
    """One port, the processes that serve it, and their limits of bytes, time and connections."""

    http_host: str = "127.0.0.1"
    http_port: int = Field(default=8000, ge=1, le=65_535)
    web_processes: int = Field(default=1, ge=1, le=64)
    web_silence_seconds: float = Field(default=10, ge=2)
    """A web process whose event loop is silent for so long is killed and replaced."""
    web_connections: int = Field(default=4_000, ge=16)
    """Of one process; fewer, if it may not open so many files."""
    head_limit_bytes: int = Field(default=65_536, ge=1_024)
    """A request line and its headers; also what may come between two pieces of a body."""
    head_timeout_seconds: float = Field(default=10, gt=0)
    """From the connection, or the last answer, to the end of the next head."""
    body_timeout_seconds: float = Field(default=60, gt=0)
    """From the end of the head to the end of the body."""
    write_timeout_seconds: float = Field(default=30, gt=0)
    """How long a client may leave unread what was sent; then its connection is cut."""
