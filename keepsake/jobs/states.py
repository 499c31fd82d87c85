"""The states of a job and the legal moves between them, as data.

Every change of state is one `Move`. `keepsake.jobs.expressions.entered` is the only place that
writes one; a new job enters one of `INITIAL` in `keepsake.jobs.drafts`.
`docs/states.md` is drawn from this module.
"""

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """Where a job stands. The comment says who moves it on."""

    PENDING = "pending"
    """Accepted, or handed back. A worker claims it when it is due; the relay notifies for it."""
    SCHEDULED = "scheduled"
    """Accepted for later, in none of its lanes. The sweeper lets it in when it is due."""
    RUNNING = "running"
    """Held by one worker under a lease. The sweeper takes it back when the lease expires."""
    CANCELLING = "cancelling"
    """Running, and asked to stop. Its worker ends it, or the sweeper once the lease expires."""
    RETRYING = "retrying"
    """Failed, with tries left. A worker claims it when its backoff is over."""
    PAUSED = "paused"
    """Held back on request. Its owner resumes or cancels it."""
    SUCCEEDED = "succeeded"
    """Ended well. Removed when its retention is over."""
    DEAD_LETTER = "dead_letter"
    """Given up; a dead letter keeps what is needed to replay it."""
    CANCELLED = "cancelled"
    """Ended on request. Removed when its retention is over."""


WAITING = frozenset({State.PENDING, State.RETRYING})
LEASED = frozenset({State.RUNNING, State.CANCELLING})
ENDED = frozenset({State.SUCCEEDED, State.DEAD_LETTER, State.CANCELLED})
UNFINISHED = frozenset(State) - ENDED


@dataclass(frozen=True, slots=True)
class Move:
    """A legal change of state, and who may make it.

    by: `worker` needs the fence of its claim, `sweeper` an expired lease or deadline, `client`
    only the owner's word. fenced: only the holder of the fence may make it. ends: the job is over
    afterwards.
    """

    name: str
    sources: frozenset[State]
    target: State
    by: str
    fenced: bool
    ends: bool


def _move(name: str, sources: frozenset[State] | set[State], target: State, by: str) -> Move:
    return Move(name, frozenset(sources), target, by, by == "worker", target in ENDED)


CLAIM = _move("claim", WAITING, State.RUNNING, "claimant")
SUCCEED = _move("succeed", LEASED, State.SUCCEEDED, "worker")
RETRY = _move("retry", {State.RUNNING}, State.RETRYING, "worker")
GIVE_UP = _move("give up", {State.RUNNING}, State.DEAD_LETTER, "worker")
RELEASE = _move("release", {State.RUNNING}, State.PENDING, "worker")
SUSPEND = _move("suspend", {State.RUNNING}, State.PAUSED, "worker")
STOP = _move("stop", {State.CANCELLING}, State.CANCELLED, "worker")

ENTER = _move("enter", {State.SCHEDULED}, State.PENDING, "sweeper")
RECLAIM = _move("reclaim", {State.RUNNING}, State.PENDING, "sweeper")
POISON = _move("poison", {State.RUNNING}, State.DEAD_LETTER, "sweeper")
ABANDON = _move("abandon", {State.CANCELLING}, State.CANCELLED, "sweeper")
EXPIRE = _move("expire", WAITING | {State.PAUSED}, State.DEAD_LETTER, "sweeper")

CANCEL = _move("cancel", WAITING | {State.PAUSED, State.SCHEDULED}, State.CANCELLED, "client")
REQUEST_CANCEL = _move("request cancel", {State.RUNNING}, State.CANCELLING, "client")
PAUSE = _move("pause", WAITING, State.PAUSED, "client")
RESUME = _move("resume", {State.PAUSED}, State.PENDING, "client")

MOVES: tuple[Move, ...] = (
    CLAIM, SUCCEED, RETRY, GIVE_UP, RELEASE, SUSPEND, STOP,
    ENTER, RECLAIM, POISON, ABANDON, EXPIRE,
    CANCEL, REQUEST_CANCEL, PAUSE, RESUME,
)  # fmt: skip
INITIAL = (State.PENDING, State.SCHEDULED)


def allowed(state: str) -> list[str]:
    """The names of the moves that a client may ask for in a state."""
    return [move.name for move in MOVES if move.by == "client" and state in move.sources]


def diagram() -> str:
    """The moves as a Mermaid state diagram."""
    lines = ["stateDiagram-v2", *(f"    [*] --> {state}" for state in INITIAL)]
    for move in MOVES:
        lines += [f"    {source} --> {move.target}: {move.name}" for source in sorted(move.sources)]
    lines += [f"    {state} --> [*]" for state in sorted(ENDED)]
    return "\n".join(lines)
