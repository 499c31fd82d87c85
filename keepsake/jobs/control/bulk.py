"""One action on all of an owner's jobs that a filter names."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from keepsake.jobs.control.actions import Control
from keepsake.jobs.errors import JobError
from keepsake.jobs.job import Job
from keepsake.jobs.listing import Listing, Wanted
from keepsake.jobs.recovery.letters import Letters
from keepsake.jobs.recovery.replays import Replays
from keepsake.jobs.states import CANCEL, REQUEST_CANCEL, State
from keepsake.storage.errors import Unreadable

LIMIT = 1_000
_COUNTED = 100_000

SOURCES: dict[str, frozenset[State]] = {
    "cancel": CANCEL.sources | REQUEST_CANCEL.sources,
    "retry": frozenset({State.RETRYING}),
    "replay": frozenset({State.DEAD_LETTER}),
}
"""The states in which a job can be meant by an action."""


@dataclass(slots=True)
class BulkResult:
    """What a bulk action did.

    matched: jobs that the filter and the action mean. changed: as they are now.
    refused: those that moved on, or were replayed, in between.
    """

    matched: int
    changed: list[Job] = field(default_factory=list)
    refused: int = 0


class Bulk:
    """At most `LIMIT` jobs a call, the newest; each on its own, so none undoes another.

    An action means jobs that have not ended, or open dead letters; all else of an owner's history
    is not looked at.
    """

    def __init__(
        self, listing: Listing, letters: Letters, control: Control, replays: Replays
    ) -> None:
        self._listing = listing
        self._letters = letters
        self._control = control
        self._replays = replays

    def matched(self, action: str, owner: str, wanted: Wanted) -> int:
        """How many jobs an action would touch; counts up to 100,000."""
        narrowed = meant(action, wanted)
        if narrowed is None:
            return 0
        if action == "replay":
            return self._letters.count_open(owner, narrowed)
        return self._listing.count_unfinished(owner, narrowed, _COUNTED)

    def carry_out(
        self, action: str, owner: str, wanted: Wanted, *, by: str, reason: str
    ) -> BulkResult:
        """Do it to each.

        Raises:
            StorageUnavailable: MongoDB does not answer; some may be done. Asking again is safe.
        """
        narrowed = meant(action, wanted)
        if narrowed is None:
            return BulkResult(0)
        done = BulkResult(self.matched(action, owner, wanted))
        act = self._act(action, owner, by, reason)
        for job_id in self._newest(action, owner, narrowed):
            try:
                done.changed.append(act(job_id))
            except (JobError, Unreadable):
                done.refused += 1
        return done

    def _newest(self, action: str, owner: str, narrowed: Wanted) -> list[str]:
        if action == "replay":
            return self._letters.newest_open(owner, narrowed, LIMIT)
        return [job.id for job in self._listing.newest_unfinished(owner, narrowed, LIMIT)]

    def _act(self, action: str, owner: str, by: str, reason: str) -> Callable[[str], Job]:
        acts: dict[str, Callable[[str], Job]] = {
            "cancel": lambda job_id: self._control.cancel(owner, job_id, by=by, reason=reason),
            "retry": lambda job_id: self._control.retry(owner, job_id, by=by),
            "replay": lambda job_id: self._replays.replay(owner, job_id, by=by),
        }
        return acts[action]


def meant(action: str, wanted: Wanted) -> Wanted | None:
    """The filter, held to the states in which the action means something; None if in none."""
    states = SOURCES[action] & (wanted.states or frozenset(State))
    return replace(wanted, states=states) if states else None
