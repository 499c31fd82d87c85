"""How long things take in the job engine."""

from typing import Annotated

from pydantic import Field, model_validator

from keepsake.storage import Audience, Settings


class JobSettings(Settings):
    """Leases, sweeps, notifications and retention; every name carries its unit."""

    lease_seconds: float = Field(default=30, gt=0)
    """A worker silent for this long has lost its jobs; more than two heartbeats."""
    heartbeat_seconds: float = Field(default=5, gt=0)
    """How often leases are renewed; cancels are heard within two."""
    sweep_seconds: float = Field(default=1, gt=0)
    """How often relay and sweeper look."""
    notify_again_after_seconds: float = Field(default=15, gt=0)
    """A due job that nobody claimed for this long is notified for again; doubles to the maximum."""
    notify_again_after_max_seconds: float = Field(default=60, gt=0)
    """The longest wait between two notifications of a job."""
    owner_burst: Annotated[int, Audience.CLIENTS] = Field(default=10, ge=1)
    """An owner's unfinished jobs that are notified ahead. Notifications of further ones wait in an
    overflow queue, which workers serve last and by turns of owners."""
    crash_limit: int = Field(default=3, ge=1)
    """A job whose worker died so often, without a checkpoint in between, is dead-lettered as
    `poison`."""
    idempotency_window_seconds: Annotated[int, Audience.RETENTION] = Field(default=86_400, ge=60)
    """How long an idempotency key stands for its job."""
    succeeded_kept_seconds: Annotated[int, Audience.RETENTION] = Field(default=7 * 86_400, ge=60)
    """Then a succeeded job is removed. Like the two below, not before its key's window is over."""
    cancelled_kept_seconds: Annotated[int, Audience.RETENTION] = Field(default=7 * 86_400, ge=60)
    """Then a cancelled one is."""
    dead_letter_kept_seconds: Annotated[int, Audience.RETENTION] = Field(default=90 * 86_400, ge=60)
    """Then a dead letter is removed, and the job that left it."""
    stop_grace_seconds: float = Field(default=10, gt=0)
    """How long a shutdown waits for running attempts to reach a checkpoint."""

    @model_validator(mode="after")
    def _heartbeats_within_lease(self) -> "JobSettings":
        """A lease has to outlast a late heartbeat, and for how long a worker counts as live."""
        if self.lease_seconds <= 2 * self.heartbeat_seconds:
            raise ValueError("KEEPSAKE_LEASE_SECONDS must be over twice KEEPSAKE_HEARTBEAT_SECONDS")
        return self

    @model_validator(mode="after")
    def _records_outlast_their_keys(self) -> "JobSettings":
        """Without its record a key that was promised to stand for a job would make another."""
        kept = {
            "SUCCEEDED": self.succeeded_kept_seconds,
            "CANCELLED": self.cancelled_kept_seconds,
            "DEAD_LETTER": self.dead_letter_kept_seconds,
        }
        for name, seconds in kept.items():
            if seconds < self.idempotency_window_seconds:
                raise ValueError(
                    f"KEEPSAKE_{name}_KEPT_SECONDS must be at least"
                    f" KEEPSAKE_IDEMPOTENCY_WINDOW_SECONDS ({self.idempotency_window_seconds})"
                )
        return self

    @property
    def silence_seconds(self) -> float:
        """For how long a live worker may be silent: three heartbeats, or less if leases are short.

        A dead worker has been silent for longer when its last lease ends.
        """
        return min(3 * self.heartbeat_seconds, self.lease_seconds - self.heartbeat_seconds)
