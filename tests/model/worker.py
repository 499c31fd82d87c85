"""The steps of a worker: messages, claims, and the writes of an attempt."""

from collections.abc import Iterator

from tests.model.changes import FREE, faulty, fresh_claim, notified, put, written
from tests.model.rules import Rules, Step
from tests.model.state import NOBODY, UNFINISHED, Bounds, Phase, Record, Slot, Stage, State

Next = Iterator[tuple[Step, State]]


class WorkerSteps:
    """What one slot of a worker does next."""

    def __init__(self, rules: Rules, bounds: Bounds) -> None:
        self._rules = rules
        self._bounds = bounds

    def hear(self, state: State, worker: int, place: int) -> Next:
        """Take a message, which names a lane. Where nothing is due it is gone."""
        for lane, there in enumerate(state.notified):
            if not there:
                continue
            heard = notified(state, lane, there=False)
            head = self._head(state, lane)
            if head is None or not self._due(state, head):
                job = self._bounds.lanes.index(lane)
                yield Step("find nothing due", job, worker, place), heard
            elif self._rules.head_as_read:
                looked = Slot(Phase.LOOKED, head, state.records[head].token)
                yield Step("read the head", head, worker, place), put(heard, worker, place, looked)
            else:
                yield from self.claim(heard, worker, place, head)

    def take_as_read(self, state: State, worker: int, place: int) -> Next:
        """Claim the head that was read, if it is as it was and no other job of the lane runs."""
        slot = state.workers[worker][place]
        if self._due(state, slot.job) and state.records[slot.job].token == slot.token:
            yield from self.claim(state, worker, place, slot.job)
        else:
            missed = put(state, worker, place, FREE)
            yield Step("miss the head", slot.job, worker, place), missed

    def claim(self, state: State, worker: int, place: int, job: int) -> Next:
        """Take a pending job with `w: 1`: the answer is there before the write is durable."""
        if not self._bounds.room(state):
            return
        record = state.records[job]
        token, claim = record.token + 1, fresh_claim(state)
        running = record._replace(stage=Stage.RUNNING, token=token, claim=claim)
        taken = written(state, job, running)
        phase = Phase.DONE if record.effects else Phase.HELD
        won = Slot(phase, job, token, claim)
        yield Step("claim", job, worker, place), put(taken, worker, place, won)
        if state.faults:
            lost = faulty(put(taken, worker, place, FREE))
            yield Step("claim, and lose the answer", job, worker, place, fault=True), lost

    def _due(self, state: State, job: int) -> bool:
        """Whether a job waits, and no other of its lane runs: a unique index sees to that."""
        lanes = self._bounds.lanes
        return state.records[job].stage is Stage.PENDING and not any(
            lanes[other] == lanes[job] and record.stage is Stage.RUNNING
            for other, record in enumerate(state.records)
        )

    def _head(self, state: State, lane: int) -> int | None:
        """The oldest unfinished job of a lane."""
        for job, record in enumerate(state.records):
            if self._bounds.lanes[job] == lane and record.stage in UNFINISHED:
                return job
        return None

    def go_on(self, state: State, worker: int, place: int) -> Next:
        """Go on with a claim: heartbeat, effect, end, hand back."""
        slot = state.workers[worker][place]
        if slot.phase is Phase.WRITING:
            return  # a lost answer is asked for again, as the commit of a transaction is
        if slot.phase is Phase.ENDING:
            if state.faults:
                again = slot._replace(phase=Phase.DONE, position=0)
                unsure = faulty(put(state, worker, place, again))
                yield Step("lose the answer", slot.job, worker, place, fault=True), unsure
            return
        if self._owns(state, slot):
            yield from self._write(state, worker, place)
        else:
            step = (slot.job, worker, place)
            yield Step("hear that the lease is lost", *step), put(state, worker, place, FREE)
            told = put(state, worker, place, self._told(state.records[slot.job], slot))
            yield Step("end in vain", *step), told
        if state.faults:  # its clock stepped, or no heartbeat was answered for long
            gone = faulty(put(state, worker, place, FREE))
            yield Step("believe the lease over", slot.job, worker, place, fault=True), gone

    def _owns(self, state: State, slot: Slot) -> bool:
        """Whether a write of the attempt matches the record."""
        record = state.records[slot.job]
        fence = self._rules.fence
        return record.stage is Stage.RUNNING and fence(record) == fence(slot)

    def _write(self, state: State, worker: int, place: int) -> Next:
        """What an attempt writes while it owns the job; each is one atomic statement."""
        slot = state.workers[worker][place]
        step, job, position = (slot.job, worker, place), slot.job, len(state.log)
        record = state.records[job]
        if not self._bounds.room(state):
            return
        if record.expired:
            yield Step("renew the lease", *step), written(state, job, _held(record))
        if slot.phase is Phase.HELD:
            effect = _held(record)._replace(effects=record.effects + 1)
            writing = slot._replace(phase=Phase.WRITING, position=position)
            after = put(written(state, job, effect), worker, place, writing)
            yield Step("write the effect", *step), after
        ended = left(record, Stage.SUCCEEDED)._replace(claim=slot.claim)
        ending = slot._replace(phase=Phase.ENDING, position=position)
        yield Step("end", *step), put(written(state, job, ended), worker, place, ending)
        if state.faults:  # no fault, but nothing else bounds it
            back = written(state, job, left(record, Stage.PENDING))
            back = notified(put(back, worker, place, FREE), self._bounds.lanes[job])
            yield Step("hand back", *step, fault=True), faulty(back)

    def _told(self, record: Record, slot: Slot) -> Slot:
        """What a worker makes of a job that it could not end: perhaps it did before."""
        told = record.stage is Stage.SUCCEEDED and record.token == slot.token
        if told and not self._rules.told_by_claim and record.claim != slot.claim:
            return slot._replace(phase=Phase.MISLED)
        return FREE


def _held(record: Record) -> Record:
    """Its lease begins anew."""
    return record._replace(expired=False)


def left(record: Record, stage: Stage) -> Record:
    """A record that nobody holds any more."""
    return record._replace(stage=stage, claim=NOBODY, expired=False)
