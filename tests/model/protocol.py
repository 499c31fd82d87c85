"""The steps of the protocol: what a state may become, one atomic step of the database at a time.

A step is what one process does with one message or one statement. What a batch writes is each of
its documents' statements, in any order: MongoDB promises no more of a batch.
"""

from tests.model.changes import asked, dead, faulty, flushed, lease_over, notified, rolled_back
from tests.model.changes import written as changed
from tests.model.rules import LIVE, Rules, Step
from tests.model.state import Asked, Bounds, Client, Phase, Record, Stage, State
from tests.model.worker import Next, WorkerSteps, left


class Protocol:
    """All steps from a state."""

    def __init__(self, rules: Rules, bounds: Bounds) -> None:
        self.rules = rules
        self.bounds = bounds
        self._worker = WorkerSteps(rules, bounds)

    def steps(self, state: State) -> Next:
        """What may come next."""
        yield from self._of_clients(state)
        yield from self._of_the_database(state)
        if self.rules.relay:
            yield from self._of_the_relay(state)
        yield from self._of_leases(state)
        for worker in range(len(state.workers)):
            yield from self._of_a_worker(state, worker)

    def _of_clients(self, state: State) -> Next:
        for job, client in enumerate(state.clients):
            lane = self.bounds.lanes[job]
            if client.asked in (Asked.ASKING, Asked.WRITING) and not state.notified[lane]:
                # It leaves before the insert is durable.
                yield Step("notify early", job), notified(state, lane)
            if client.asked is Asked.ASKING and self.bounds.room(state) and self._first(state, job):
                waiting = Client(Asked.WRITING, len(state.log))
                inserted = changed(state, job, Record(Stage.PENDING))
                yield Step("insert", job), asked(inserted, job, waiting)

    def _first(self, state: State, job: int) -> bool:
        """Jobs of a lane are named by their order: which is inserted first is the first."""
        lanes = self.bounds.lanes
        return all(
            state.records[before].stage is not Stage.ABSENT
            for before in range(job)
            if lanes[before] == lanes[job]
        )

    def _of_the_database(self, state: State) -> Next:
        if len(state.log) > 1:
            yield Step("flush"), flushed(state, self.bounds.lanes)
            if state.faults:
                yield Step("primary dies", fault=True), rolled_back(state)
        for lane, there in enumerate(state.notified):
            if state.faults and there:
                lost = faulty(notified(state, lane, there=False))
                yield Step("message is lost", self.bounds.lanes.index(lane), fault=True), lost

    def _of_the_relay(self, state: State) -> Next:
        """It reads what is on a majority."""
        for job, record in enumerate(state.log[0]):
            lane = self.bounds.lanes[job]
            if record.stage is Stage.PENDING and not state.notified[lane]:
                yield Step("relay notifies", job), notified(state, lane)

    def _of_leases(self, state: State) -> Next:
        """A lease ends unless a worker renews it; the sweeper takes back the job."""
        held = {(slot.job, slot.claim) for worker in state.workers for slot in worker
                if slot.phase in LIVE}  # fmt: skip
        for job, record in enumerate(state.records):
            if record.stage is not Stage.RUNNING:
                continue
            live = (job, record.claim) in held
            if record.expired and self.bounds.room(state):
                yield Step("sweep", job), self._swept(state, job, record, crashes=0)
                if not live:
                    yield Step("sweep a crash", job), self._swept(state, job, record, crashes=1)
            elif not record.expired and not live:
                yield Step("lease ends", job), lease_over(state, job, record)
            elif not record.expired and state.faults:
                # Its worker was late, or the clock of the database stepped.
                late = faulty(lease_over(state, job, record))
                yield Step("lease of a live worker ends", job, fault=True), late

    def _swept(self, state: State, job: int, record: Record, *, crashes: int) -> State:
        """Take a job back. If its worker still lives, only the answer to its claim was lost."""
        crashes += record.crashes
        stage = Stage.DEAD_LETTER if crashes >= self.bounds.crash_limit else Stage.PENDING
        back = left(record, stage)._replace(crashes=crashes)
        return notified(changed(state, job, back), self.bounds.lanes[job])

    def _of_a_worker(self, state: State, worker: int) -> Next:
        slots = state.workers[worker]
        free = [place for place, slot in enumerate(slots) if slot.phase is Phase.IDLE]
        for place in free[:1]:
            yield from self._worker.hear(state, worker, place)
        for place, slot in enumerate(slots):
            if slot.phase is Phase.LOOKED:
                yield from self._worker.take_as_read(state, worker, place)
            elif slot.phase in LIVE:
                yield from self._worker.go_on(state, worker, place)
        if state.faults and len(free) < len(slots):
            died = dead(state, worker, self.bounds.lanes)
            yield Step("worker dies", worker=worker, fault=True), died
