"""Settings of the HTTP side."""

from pydantic import Field

from keepsake.parts import WORKER
from keepsake.storage import Audience, Settings
from middleware.management import ManagementSettings
from web.server.master import ServerSettings


class WebSettings(Settings):
    """Limits of requests; a key may have limits of its own."""

    audience = Audience.CLIENTS

    access_log: bool = True
    """`0`: no line in the log for each request."""
    body_limit_bytes: int = Field(default=8_000_000, ge=1_000)
    """No request body may be larger, before it is parsed; most routes take less, by the maxima of
    their fields."""
    upload_limit_bytes: int = Field(default=250_000_000, ge=1_000)
    """No upload of an export may be larger; a web process holds a megabyte of each."""
    requests_per_second: float = Field(default=2_000, gt=0)
    """Of one owner, at all web processes together; twice as many at once."""
    backlog_limit: int = Field(default=100_000, ge=1)
    """Unfinished jobs of one owner."""
    stored_bytes_limit: int | None = Field(default=None, ge=0)
    """How much one owner may store, as `/v2/usage` counts it; past it nothing is added. Without it
    as much as there is room."""
    streams_per_owner: int = Field(default=100, ge=1)
    """Streams (events, exports, uploads, chats) that one owner may have open at a web process."""
    v1_timeout_seconds: float = Field(default=100, gt=0)
    """How long a client of `/v1/memory` waits, then `504`; XMem's own clients give up after 120."""
    v1_batch_timeout_seconds: float = Field(default=900, gt=0)
    """The most for a batch, which has the former for each item."""
    v1_threads: int = Field(default=16, ge=1)
    """Requests of `/v1/memory` that a web process works on at once; others wait, within their
    time."""
    mcp_origins: tuple[str, ...] = ()
    """Web pages that may call `/mcp`, as browsers name them (`https://agents.example.com`); those
    of this machine may, and what is no browser."""
    lookup_timeout_seconds: float = Field(default=10, gt=0)
    """How long a request waits for a git host (validate, estimate, the tip of a branch)."""


WEB: tuple[type[Settings], ...] = (*WORKER, ManagementSettings, ServerSettings, WebSettings)
