"""How a worker process is, as it says once a second to the process that started it.

That is Dramatiq's master, which has nothing else to do: it answers whatever holds up a worker.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Literal, Self

Phase = Literal["starting", "serving", "draining", "stopping"]


@dataclass(frozen=True, slots=True)
class WorkerHealth:
    """How one worker process is.

    gone: threads that have ended while they should not. renews: whether the thread that renews
    leases gets on. heartbeat_age_seconds: for how long none was stored in MongoDB; heartbeat_fresh:
    whether others take the process for alive. claim_age_seconds: since the last claim; None before.
    """

    pid: int
    phase: Phase = "starting"
    threads: int = 0
    gone: Mapping[str, int] = field(default_factory=dict)
    renews: bool = True
    heartbeat_age_seconds: float | None = None
    heartbeat_fresh: bool = True
    claim_age_seconds: float | None = None
    running: int = 0
    memory_bytes: int | None = None

    def line(self) -> bytes:
        """For a pipe; short enough to be written at once."""
        return json.dumps(asdict(self)).encode() + b"\n"

    @classmethod
    def read(cls, line: bytes) -> Self:
        """What a line says."""
        return cls(**json.loads(line))


class Pipe:
    """What worker processes inherit of the process that looks after them, if one does."""

    writing: int | None = None
