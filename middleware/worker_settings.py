"""What a worker process is told of its own life: warming up, being looked at, being replaced."""

from typing import Annotated, Literal

from pydantic import Field

from keepsake.storage import Audience, Settings


class WorkerSettings(Settings):
    """How a worker begins, shows its health, and ends by itself."""

    audience = Audience.HOSTS

    worker_health_port: int = Field(default=0, ge=0, le=65_535)
    """Where a worker answers `/healthz`, `/readyz` and `/startupz` ([health](#health)); `0`:
    nowhere."""
    worker_health_host: str = "127.0.0.1"
    """Where it listens for that."""
    worker_max_memory_mb: int = Field(default=0, ge=0)
    """A worker process that has more memory than this ends when what it runs has ended, and its
    supervisor starts another ([recycling](#recycling-workers)); `0`: none does."""
    worker_max_jobs: int = Field(default=0, ge=0)
    """The same after so many attempts, or up to a tenth fewer, so that several do not end at
    once."""
    worker_recycle_seconds: Annotated[float, Audience.TUNING] = Field(default=60, ge=0)
    """How long a worker that is to end lets attempts run on; then they are handed back."""
    worker_warm_up: Annotated[Literal["before", "beside", "never"], Audience.TUNING] = "before"
    """When models and lists are loaded: `before` a worker takes jobs; `beside` its first ones, as
    `keepsake run` has it to be up sooner; or `never`, but by the first job that needs them."""
