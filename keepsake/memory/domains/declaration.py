"""What a memory domain declares: how its memories are read, and where they are shown."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date

from keepsake.memory.models import Candidate, Turn


@dataclass(frozen=True, slots=True)
class Clause:
    """A clause of what somebody said.

    `plain` is the text without lead-in and contractions. `states` says whether it states something
    in earnest, `reminder` whether it asks to be reminded.
    """

    text: str
    plain: str
    states: bool
    reminder: bool
    speaker: str = "user"


@dataclass(frozen=True, slots=True, kw_only=True)
class Domain:
    """What memories may be about.

    name: as it is stored and shown.
    belongs, read: whether a clause belongs to it, and what such a clause says on a day.
    read_turn: what the whole turn says, where that is not read clause by clause.
    asked_of_model: what a configured language model is asked to keep, instead of the rules; none
        if empty. What was kept so is shown to the model again, which may replace it.
    dated: whether a model gives a day with it, rather than a fact in parts.
    source: its name in the classification that an ingest answers; left out if empty.
    reported: whether an ingest answers its operations in a field of its own, null when there are
        none.
    """

    name: str
    belongs: Callable[[Clause], bool] | None = None
    read: Callable[[Clause, date], Iterable[Candidate]] | None = None
    read_turn: Callable[[Turn], Iterable[Candidate]] | None = None
    asked_of_model: str = ""
    dated: bool = False
    source: str = ""
    reported: bool = False
