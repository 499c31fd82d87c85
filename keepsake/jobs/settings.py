"""How long things take in the job engine."""

from pydantic import Field, model_validator

from keepsake.storage.settings import Settings


class JobSettings(Settings):
    """Leases, sweeps, notifications and retention; every name carries its unit."""

    lease_seconds: float = Field(default=30, gt=0)
    heartbeat_seconds: float = Field(default=5, gt=0)
    sweep_seconds: float = Field(default=1, gt=0)
    notify_again_after_seconds: float = Field(default=15, gt=0)
    """A due job that nobody claimed for this long is notified again; doubles up to the maximum."""
    notify_again_after_max_seconds: float = Field(default=60, gt=0)
    notify_low_water: int = Field(default=1_000, ge=1)
    """The relay stays silent while a queue holds more messages than this: they will come."""
    notify_batch: int = Field(default=500, ge=1)
    owner_burst: int = Field(default=10, ge=1)
    """An owner's unfinished jobs that do not go to the overflow queue."""
    crash_limit: int = Field(default=3, ge=1)
    attempts_kept: int = Field(default=20, ge=1)
    idempotency_window_seconds: int = Field(default=86_400, ge=60)
    succeeded_kept_seconds: int = Field(default=7 * 86_400, ge=60)
    cancelled_kept_seconds: int = Field(default=7 * 86_400, ge=60)
    dead_letter_kept_seconds: int = Field(default=90 * 86_400, ge=60)
    """Dead letters and the jobs that left them."""
    stop_grace_seconds: float = Field(default=10, gt=0)
    """How long a shutdown waits for running attempts to reach a checkpoint."""

    @model_validator(mode="after")
    def _heartbeats_within_lease(self) -> "JobSettings":
        """A lease has to outlast a late heartbeat; a worker with a later one has to be alive."""
        if self.lease_seconds <= 2 * self.heartbeat_seconds:
            raise ValueError("KEEPSAKE_LEASE_SECONDS must be over twice KEEPSAKE_HEARTBEAT_SECONDS")
        return self
