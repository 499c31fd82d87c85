"""Claims for the messages that a worker holds, a batch ahead of the threads that run them."""

import math
import threading
import time
from collections.abc import Callable, Container, Sequence
from dataclasses import dataclass, field
from enum import Enum, auto

from dramatiq.broker import MessageProxy

from keepsake.jobs import Claim, ClaimRequest, LeftToThread

_AHEAD_SECONDS = 0.2
"""What is claimed ahead is to start within this time, at the pace of late."""
_AHEAD_MOST = 128
_BATCH = 128
_WINDOW_SECONDS = 0.05
_STALE_SECONDS = 1.0
"""A pace that was measured so long ago says nothing, and a claim that waits for so long is handed
back: the threads have met long jobs, and another worker may be free. No lease is over by then, so
those of attempts alone are renewed."""
_BUSY_SECONDS = 5.0
"""When no attempt has started for so long, messages that wait for as long are passed on."""

Answer = Claim | None | Exception
ClaimAll = Callable[[Sequence[ClaimRequest]], Sequence[Answer]]


class Pace:
    """How many attempts start in a second, over windows of a twentieth of one."""

    def __init__(self) -> None:
        self._per_second = 0.0
        self._count, self._since = 0, 0.0

    def note(self) -> None:
        """An attempt starts."""
        self._count += 1
        now = time.monotonic()
        elapsed = now - self._since
        if elapsed >= _WINDOW_SECONDS:
            self._per_second, self._count, self._since = self._count / elapsed, 0, now

    @property
    def idle_seconds(self) -> float:
        """For how long no attempt has started."""
        return time.monotonic() - self._since

    def within(self, seconds: float) -> int:
        """How many will start within some seconds."""
        return int(seconds * self._per_second) if self.idle_seconds < _STALE_SECONDS else 0


class ClaimStage(Enum):
    """How far the claim for a message is."""

    WAITING = auto()
    ASKED = auto()
    ANSWERED = auto()


@dataclass(slots=True, eq=False)
class Ticket:
    """A message that a worker holds, and the claim for it.

    in_overflow: it is of an overflow queue. alone: only the thread that runs it may ask. awaited:
    released when there is an answer; None while no thread waits for one.
    """

    message: MessageProxy
    in_overflow: bool
    stage: ClaimStage = ClaimStage.WAITING
    alone: bool = False
    came_at: float = field(default_factory=time.monotonic)
    awaited: "threading.Lock | None" = None
    answer: Answer = None


@dataclass(slots=True)
class HeldTickets:
    """The tickets of a process. ready: those with a claim that no thread has come for."""

    all: dict[int, Ticket] = field(default_factory=dict)
    waiting: dict[int, Ticket] = field(default_factory=dict)
    ready: dict[int, Ticket] = field(default_factory=dict)


class ClaimsAhead:
    """One thread claims for all messages that are held, ahead of the threads that run them.

    A thread that comes for its message while no other waits claims alone, in one round trip. What
    waits in an overflow queue does not count beside a message of another queue: that has to wait
    for no batch of a flood. Where several wait, one more thread claims for them all, and then for
    as many more as will start within a moment: so a long job is never claimed ahead. While a job
    runs that crashed a worker before, nothing is claimed ahead, lest its next crash count for
    others.

    claim_all: carries out a batch. request: what to ask for a message, ahead of its thread or not;
    None if only its thread may. hand_back: lets others have a claim that is not run. pass_on: lets
    others have a message. overflow: the overflow queues' names.
    """

    def __init__(
        self,
        claim_all: ClaimAll,
        request: Callable[[MessageProxy, bool], ClaimRequest | None],
        hand_back: Callable[[Claim], None],
        pass_on: Callable[[MessageProxy], None],
        lease_seconds: float,
        overflow: Container[str] = (),
    ) -> None:
        self._claim_all, self._request, self._hand_back = claim_all, request, hand_back
        self._pass_on, self._overflow = pass_on, overflow
        self._unstarted_seconds = min(_STALE_SECONDS, lease_seconds / 4)
        self._changed = threading.Condition()
        self._held = HeldTickets()
        self._pace = Pace()
        self._asking = self._asleep = self._closed = False
        self._suspects: set[str] = set()
        self._thread: threading.Thread | None = None

    def delivered(self, message: MessageProxy) -> None:
        """A message has come; nothing is asked yet."""
        with self._changed:
            ticket = Ticket(message, in_overflow=message.queue_name in self._overflow)
            self._held.all[id(message)] = self._held.waiting[id(message)] = ticket
            lone = len(self._held.waiting) == 1 and not self._held.ready
            if not lone and self._is_low():
                self._wake()

    def claim(self, message: MessageProxy, alone: Callable[[], Claim | None]) -> Claim | None:
        """What a message gets. alone: asks for it by itself.

        Raises:
            StorageUnavailable: MongoDB does not answer.
        """
        with self._changed:
            ticket = self._held.all.pop(id(message), None)
            if ticket is None or self._is_lone(ticket):
                ticket = None
            elif ticket.stage is ClaimStage.ANSWERED:
                self._held.ready.pop(id(message), None)
                if self._is_low():
                    self._wake()
            else:
                ticket.awaited = threading.Lock()
                ticket.awaited.acquire()
                self._wake()
        if ticket is not None and ticket.awaited is not None:
            ticket.awaited.acquire()
        claim = alone() if ticket is None else _settled(ticket, alone)
        if claim is not None:
            self._started(claim)
        return claim

    def ended(self, claim: Claim) -> None:
        """An attempt is over."""
        self._suspects.discard(claim.claim_id)

    def give_back(self) -> None:
        """Hand back claims that no thread has come for, and pass on messages that none takes up."""
        now = time.monotonic()
        self._hand_back_older(now - self._unstarted_seconds)
        with self._changed:
            old = now - _BUSY_SECONDS
            busy = self._pace.idle_seconds > _BUSY_SECONDS
            waiting = list(self._held.waiting.values()) if busy else []
            passed = [each for each in waiting if each.awaited is None and each.came_at < old]
            for ticket in passed:
                del self._held.waiting[id(ticket.message)]
                ticket.stage = ClaimStage.ANSWERED
        for ticket in passed:
            self._pass_on(ticket.message)

    def close(self) -> None:
        """Claim nothing ahead any more, and hand back what was."""
        with self._changed:
            self._closed = True
        self._hand_back_older(math.inf)

    def _is_lone(self, ticket: Ticket) -> bool:
        """Whether a ticket's thread asks by itself; then nobody else does."""
        if ticket.stage is not ClaimStage.WAITING:
            return False
        lone = ticket.alone or not (self._asking or len(self._held.waiting) > 1)
        if lone or self._is_beside_a_flood(ticket):
            self._held.waiting.pop(id(ticket.message), None)
            return True
        return False

    def _is_beside_a_flood(self, ticket: Ticket) -> bool:
        """Whether all others that wait are of an overflow queue, and the ticket is not."""
        waiting = self._held.waiting.values()
        return not ticket.in_overflow and all(
            other.in_overflow for other in waiting if other is not ticket
        )

    def _started(self, claim: Claim) -> None:
        self._pace.note()
        if claim.job.get("crashes_in_a_row"):
            self._suspects.add(claim.claim_id)

    def _allowed(self) -> int:
        if self._closed or self._suspects:
            return 0
        return min(_AHEAD_MOST, self._pace.within(_AHEAD_SECONDS))

    def _is_low(self) -> bool:
        """Whether it is time for a batch: as many wait as are ready, and half may be ready.

        Asked for at once, each message that comes would be a batch of its own.
        """
        ready, waiting, allowed = len(self._held.ready), len(self._held.waiting), self._allowed()
        return allowed > 0 and waiting > 0 and ready <= min(waiting, allowed // 2)

    def _wake(self) -> None:
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="claims", daemon=True)
            self._thread.start()
        if self._asleep:
            self._asleep = False
            self._changed.notify()

    def _run(self) -> None:
        while True:
            with self._changed:
                tickets = self._next()
                self._asking, self._asleep = bool(tickets), not tickets
                if not tickets:
                    self._changed.wait()
            self._answer(tickets)

    def _next(self) -> list[Ticket]:
        """Those whose thread waits, and of the others as many as will start within a moment."""
        waiting = list(self._held.waiting.values())
        awaited = [ticket for ticket in waiting if ticket.awaited is not None]
        allowed = self._allowed() - len(self._held.ready) if self._is_low() else 0
        room = min(allowed, _BATCH - len(awaited))
        ahead = [ticket for ticket in waiting if ticket.awaited is None]
        chosen = awaited + ahead[: max(room, 0)]
        for ticket in chosen:
            del self._held.waiting[id(ticket.message)]
            ticket.stage = ClaimStage.ASKED
        return chosen

    def _answer(self, tickets: Sequence[Ticket]) -> None:
        """Ask for all that may be asked together; the others are left to their threads."""
        asked: list[Ticket] = []
        requests: list[ClaimRequest] = []
        answers: Sequence[Answer]
        try:
            for ticket in tickets:
                request = self._request(ticket.message, ticket.awaited is None)
                if request is None:
                    ticket.answer = LeftToThread()
                else:
                    asked.append(ticket)
                    requests.append(request)
            answers = self._claim_all(requests) if requests else []
        except Exception as error:  # noqa: BLE001 - each thread's to handle
            asked, answers = list(tickets), [error] * len(tickets)
        for ticket, answer in zip(asked, answers, strict=True):
            ticket.answer = answer
        with self._changed:
            for ticket in tickets:
                self._answered(ticket)

    def _answered(self, ticket: Ticket) -> None:
        if ticket.awaited is not None:
            ticket.stage = ClaimStage.ANSWERED
            ticket.awaited.release()
        elif isinstance(ticket.answer, Exception):
            _leave(ticket)
        else:
            ticket.stage = ClaimStage.ANSWERED
            if ticket.answer is not None:
                self._held.ready[id(ticket.message)] = ticket

    def _hand_back_older(self, until: float) -> None:
        """Hand back the claims of before a time that no thread has come for."""
        claims: list[Claim] = []
        with self._changed:
            for key, ticket in list(self._held.ready.items()):
                if isinstance(ticket.answer, Claim) and ticket.answer.asked_at < until:
                    claims.append(ticket.answer)
                    del self._held.ready[key]
                    _leave(ticket)
        for claim in claims:
            self._hand_back(claim)


def _leave(ticket: Ticket) -> None:
    """Let a ticket's thread ask for it when it comes."""
    ticket.stage, ticket.alone, ticket.answer = ClaimStage.WAITING, True, None


def _settled(ticket: Ticket, alone: Callable[[], Claim | None]) -> Claim | None:
    match ticket.answer:
        case LeftToThread():
            return alone()
        case Exception() as error:
            raise error
        case claim:
            return claim
