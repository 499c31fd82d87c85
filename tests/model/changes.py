"""How a state changes: what each kind of step leaves behind."""

from itertools import chain
from typing import TypeVar

from tests.model.state import Asked, Client, Phase, Record, Slot, State

T = TypeVar("T")
FREE = Slot()
_UNSURE = {Phase.WRITING: Phase.HELD, Phase.ENDING: Phase.DONE}
"""What a worker tries again when it got no answer."""


def replaced(rows: tuple[T, ...], place: int, row: T) -> tuple[T, ...]:
    """The rows with another one in a place."""
    return (*rows[:place], row, *rows[place + 1 :])


def written(state: State, job: int, record: Record) -> State:
    """A write, which everybody reads and a crash of the primary may still lose."""
    return state._replace(log=(*state.log, replaced(state.log[-1], job, record)))


def notified(state: State, lane: int, *, there: bool = True) -> State:
    """Whether RabbitMQ holds a message for a lane; a second one would do nothing."""
    return state._replace(notified=replaced(state.notified, lane, there))


def asked(state: State, job: int, client: Client) -> State:
    """What a client waits for."""
    return state._replace(clients=replaced(state.clients, job, client))


def put(state: State, worker: int, place: int, slot: Slot) -> State:
    """What a slot of a worker is about."""
    slots = replaced(state.workers[worker], place, slot)
    return state._replace(workers=replaced(state.workers, worker, slots))


def faulty(state: State) -> State:
    """One fault fewer may happen."""
    return state._replace(faults=state.faults - 1)


def flushed(state: State, lanes: tuple[int, ...]) -> State:
    """The oldest write reaches a majority and its journals; who waits for it gets the answer.

    Whoever waits does nothing else, so that later answers would show nothing more.
    """
    clients = [_nearer(client) for client in state.clients]
    workers = [[_closer(slot) for slot in worker] for worker in state.workers]
    for before, after in zip(chain(*state.workers), chain(*workers), strict=True):
        if before.phase is Phase.ENDING and after.phase is Phase.IDLE:
            state = notified(state, lanes[before.job])
    return state._replace(
        log=state.log[1:], clients=tuple(clients), workers=tuple(map(tuple, workers))
    )


def _nearer(client: Client) -> Client:
    if client.position > 1:
        return Client(client.asked, client.position - 1)
    return client._replace(asked=Asked.ANSWERED, position=0) if client.position else client


def _closer(slot: Slot) -> Slot:
    if slot.position > 1:
        return slot._replace(position=slot.position - 1)
    if slot.position == 1:
        return FREE if slot.phase is Phase.ENDING else slot._replace(phase=Phase.DONE, position=0)
    return slot


def rolled_back(state: State) -> State:
    """The primary dies: what is not on a majority is lost, and nobody who waits gets an answer."""
    clients = [Client() if client.asked is Asked.WRITING else client for client in state.clients]
    workers = [tuple(slot._replace(phase=_UNSURE.get(slot.phase, slot.phase), position=0)
                     for slot in worker) for worker in state.workers]  # fmt: skip
    log = state.log[:1]
    return faulty(state._replace(log=log, clients=tuple(clients), workers=tuple(workers)))


def lease_over(state: State, job: int, record: Record) -> State:
    """Time passes: the lease of this claim is over, in whatever snapshot it stands."""
    log = [replaced(snapshot, job, snapshot[job]._replace(expired=True))
           if snapshot[job][:3] == record[:3] else snapshot
           for snapshot in state.log]  # fmt: skip
    return state._replace(log=tuple(log))


def dead(state: State, worker: int, lanes: tuple[int, ...]) -> State:
    """A worker dies: its messages are delivered again, and nobody holds its claims."""
    for slot in state.workers[worker]:
        if slot.phase:
            state = notified(state, lanes[slot.job])
    slots = (FREE,) * len(state.workers[worker])
    return faulty(state._replace(workers=replaced(state.workers, worker, slots)))


def fresh_claim(state: State) -> int:
    """A claim id that nothing in the state has."""
    recorded = [record.claim for snapshot in state.log for record in snapshot]
    held = [slot.claim for worker in state.workers for slot in worker]
    return max(recorded + held) + 1
