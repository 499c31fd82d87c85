"""What the model knows: records, their log in the database, messages, workers and clients."""

from enum import IntEnum
from itertools import permutations
from typing import NamedTuple

NOBODY = 0
"""The claim of a job that nobody holds."""
FORGOTTEN = 1
"""In a canonical state: a claim that no worker holds any more."""


class Stage(IntEnum):
    """Where a record stands."""

    ABSENT = 0
    PENDING = 1
    RUNNING = 2
    SUCCEEDED = 3
    DEAD_LETTER = 4


UNFINISHED = (Stage.PENDING, Stage.RUNNING)
FINISHED = (Stage.SUCCEEDED, Stage.DEAD_LETTER)


class Phase(IntEnum):
    """What a slot of a worker is about; from HELD on it has a claim."""

    IDLE = 0
    LOOKED = 1
    """It has read the head of a lane."""
    HELD = 2
    """Its claim was won: claimed ahead, or at work."""
    WRITING = 3
    """The effect was sent; the answer comes when it is on a majority."""
    DONE = 4
    """The effect is there, and only the end is to be written."""
    ENDING = 5
    """The end was sent; as above."""
    MISLED = 6
    """It was told that it ended a job that another claim ended."""


class Asked(IntEnum):
    """How far the request for a job is."""

    ASKING = 0
    """It was sent, or is sent again since no answer came."""
    WRITING = 1
    ANSWERED = 2
    """`202`."""


class Record(NamedTuple):
    """A job in the database.

    claim: the newest claim's id; the code removes it at the end, the model keeps it, to see who
    ended the job. expired: the lease is over. effects: how often the effect was written.
    """

    stage: Stage = Stage.ABSENT
    token: int = 0
    claim: int = NOBODY
    expired: bool = False
    crashes: int = 0
    effects: int = 0


Snapshot = tuple[Record, ...]
"""The records of all jobs after a write."""


class Slot(NamedTuple):
    """One message in the hands of a worker, and the claim that came of it.

    position: the snapshot in which its last write is; at 0 that is on a majority.
    """

    phase: Phase = Phase.IDLE
    job: int = 0
    token: int = 0
    claim: int = NOBODY
    position: int = 0


Worker = tuple[Slot, ...]


class Client(NamedTuple):
    """The request for a job; position: as in a slot."""

    asked: Asked = Asked.ASKING
    position: int = 0


class State(NamedTuple):
    """All of it.

    log: the snapshots that a crash of the primary may go back to: the first is on a majority, the
    last is what everybody reads. notified: for each lane whether RabbitMQ holds a message.
    faults: how many may still happen.
    """

    log: tuple[Snapshot, ...]
    notified: tuple[bool, ...]
    clients: tuple[Client, ...]
    workers: tuple[Worker, ...]
    faults: int

    @property
    def records(self) -> Snapshot:
        """The records as they are read now."""
        return self.log[-1]


class Bounds(NamedTuple):
    """How much of each there is. lanes: the lane of each job, in the order of acceptance.

    unjournaled: writes at most that a crash of the primary loses. crash_limit: so many dead workers
    make a dead letter.
    """

    lanes: tuple[int, ...] = (0, 0, 1)
    workers: int = 2
    slots: int = 1
    unjournaled: int = 2
    faults: int = 2
    crash_limit: int = 2

    def room(self, state: State) -> bool:
        """Whether one more write may be unjournaled."""
        return len(state.log) <= self.unjournaled

    def initial(self) -> State:
        """Nothing is accepted yet."""
        return State(
            log=((Record(),) * len(self.lanes),),
            notified=(False,) * len(set(self.lanes)),
            clients=(Client(),) * len(self.lanes),
            workers=((Slot(),) * self.slots,) * self.workers,
            faults=self.faults,
        )


def canonical(state: State) -> State:
    """The one state that stands for all that differ only in the names of workers and claims."""
    workers = [tuple(sorted(worker)) for worker in state.workers]
    nameless = [tuple(slot[:3] + slot[4:] for slot in worker) for worker in workers]
    order = sorted(range(len(workers)), key=nameless.__getitem__)
    if len(set(nameless)) == len(nameless):
        return _named(state, workers, order)
    alike = (
        list(each)
        for each in permutations(order)
        if [nameless[place] for place in each] == [nameless[place] for place in order]
    )
    return min(_named(state, workers, each) for each in alike)


def _named(state: State, workers: list[Worker], order: list[int]) -> State:
    """The state with its workers in this order, and the claims named as they come."""
    names = {NOBODY: NOBODY}
    for place in order:
        for slot in workers[place]:
            if slot.claim not in names:
                names[slot.claim] = len(names) + FORGOTTEN

    def renamed(record: Record) -> Record:
        claim = names.get(record.claim, FORGOTTEN)
        return record if claim == record.claim else record._replace(claim=claim)

    return State(
        tuple([tuple([renamed(record) for record in snapshot]) for snapshot in state.log]),
        state.notified,
        state.clients,
        tuple([
            tuple([slot._replace(claim=names[slot.claim]) if slot.claim else slot
                   for slot in workers[place]])
            for place in order
        ]),
        state.faults,
    )  # fmt: skip
