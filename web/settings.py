"""What the HTTP side allows."""

from pydantic import Field

from keepsake.storage.settings import Settings
from middleware.management import ManagementSettings
from middleware.settings import WORKER
from web.server.settings import ServerSettings


class WebSettings(Settings):
    """Limits of requests; a key may have limits of its own."""

    access_log: bool = True
    """A line in the log for each request."""
    body_limit_bytes: int = Field(default=8_000_000, ge=1_000)
    """Larger bodies are refused before they are parsed."""
    requests_per_second: float = Field(default=2_000, gt=0)
    """What an owner may ask for in the long run; twice as much at once."""
    v1_timeout_seconds: float = Field(default=100, gt=0)
    """How long a client of v1 waits, for a turn or an answer; XMem's clients give up after 120."""
    v1_batch_timeout_seconds: float = Field(default=900, gt=0)
    """The most for a batch, which is allowed the former for each of its items."""
    v1_threads: int = Field(default=16, ge=1)
    """Requests of v1 that a process works on at once."""
    lookup_timeout_seconds: float = Field(default=10, gt=0)
    """How long a request waits for a git host: to validate a URL, estimate, see a branch's tip."""
    lookup_threads: int = Field(default=8, ge=1)
    """Git hosts that a process asks at once."""
    streams_per_owner: int = Field(default=100, ge=1)
    """Streams that an owner may have open at one process: events, exports, chats."""
    backlog_limit: int = Field(default=100_000, ge=1)
    """An owner's unfinished jobs."""


WEB: tuple[type[Settings], ...] = (*WORKER, ManagementSettings, ServerSettings, WebSettings)
