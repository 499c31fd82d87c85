"""How much an owner may ask for: requests per second, and unfinished jobs."""

import asyncio
import math
import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field

from fastapi import Request
from fastapi.concurrency import run_in_threadpool

from keepsake.access import Principal, Rate, TokenBuckets
from keepsake.jobs import Listing, OwnerRules
from web.problems import Problem
from web.settings import WebSettings

Work = Callable[[], Coroutine[None, None, None]]
_BATCH_SHARE = 0.05
_BURST_SECONDS = 2
_OWNERS_KEPT = 10_000
_COUNTED_SECONDS = 2.0
_COUNTED_SHARE = 0.02
_RECOUNTED_SECONDS = 0.1


class SingleFlight:
    """Does a piece of work once for all that need it at the same time; they share an error too.

    So an outage costs each request one timeout, not one for each request before it.
    """

    def __init__(self) -> None:
        self._flight: asyncio.Task[None] | None = None

    async def share(self, work: Work) -> None:
        """Do the work, unless it is being done: then wait for it. Never returns without waiting."""
        if self._flight is None:
            self._flight = asyncio.create_task(self._run(work))
        await asyncio.shield(self._flight)

    async def _run(self, work: Work) -> None:
        """Do the work; the flight is forgotten inside the task.

        Waiting for a task that is over does not yield, so a caller that asks in a loop would let
        nothing else run.
        """
        try:
            await work()
        finally:
            self._flight = None


@dataclass(slots=True)
class _TokenBucket:
    """The tokens that this process holds for one owner, and what was left in the bucket."""

    tokens: int = 0
    left: float = 1
    taken_at: float = -math.inf
    refill: SingleFlight = field(default_factory=SingleFlight)

    @property
    def empty(self) -> bool:
        """Whether tokens must be taken: none are left, or others may need the old ones more."""
        return self.tokens < 1 or time.monotonic() - self.taken_at > _BURST_SECONDS

    def seconds_until_more(self, rate: Rate) -> float:
        """How long the bucket cannot have a token; it may have one after that."""
        return self.taken_at + (1 - self.left) / rate.per_second - time.monotonic()


class RequestLimit:
    """Spends tokens taken from the shared buckets, a batch at a time.

    A bucket that was dry is not asked before it can have regained a token: to refuse is cheap.
    """

    def __init__(self, buckets: TokenBuckets, settings: WebSettings) -> None:
        self._buckets = buckets
        self._default = settings.requests_per_second
        self._token_buckets: dict[str, _TokenBucket] = {}

    async def spend(self, principal: Principal, request: Request) -> None:
        """Count a request.

        Raises:
            Problem: 429, when the owner's requests are spent.
            StorageUnavailable: MongoDB does not answer.
        """
        name, rate = self._bucket(principal)
        bucket = self._token_bucket(name)
        # Each round takes a twentieth of a bucket, so the rounds end: in a token or a dry bucket.
        while bucket.empty and bucket.seconds_until_more(rate) <= 0:
            await bucket.refill.share(lambda: self._refill(bucket, name, rate))
        spent = bucket.tokens < 1
        if not spent:
            bucket.tokens -= 1
        left = math.floor(bucket.left) + bucket.tokens
        wait = max(1, math.ceil(bucket.seconds_until_more(rate))) if spent else 1
        request.state.limit_headers = {
            "RateLimit-Policy": f'"requests";q={int(rate.burst)};w={_BURST_SECONDS}',
            "RateLimit": f'"requests";r={left};t={wait}',
        }
        if spent:
            detail = f"More than {rate.per_second:g} requests a second; wait `Retry-After`."
            raise Problem(429, "too-many-requests", detail, headers={"Retry-After": str(wait)})

    def _bucket(self, principal: Principal) -> tuple[str, Rate]:
        own = principal.limits.requests_per_second
        per_second = own or self._default
        name = f"key:{principal.key_id}" if own else f"owner:{principal.owner}"
        return name, Rate(per_second, max(1.0, per_second * _BURST_SECONDS))

    def _token_bucket(self, name: str) -> _TokenBucket:
        if len(self._token_buckets) >= _OWNERS_KEPT:
            self._token_buckets.clear()
        return self._token_buckets.setdefault(name, _TokenBucket())

    async def _refill(self, bucket: _TokenBucket, name: str, rate: Rate) -> None:
        wanted = max(1, int(rate.burst * _BATCH_SHARE))
        batch = await run_in_threadpool(self._buckets.take, name, rate, wanted)
        bucket.tokens, bucket.left = batch.taken, batch.left
        bucket.taken_at = time.monotonic()


@dataclass(slots=True)
class _BacklogCount:
    """An owner's unfinished jobs when they were counted, and those accepted here since.

    exempt: how many of these say nothing about how much is asked for at once.
    """

    counted: int = 0
    at: float = -math.inf
    since: int = 0
    exempt: int = 0
    drained_per_second: float = 0
    recount: SingleFlight = field(default_factory=SingleFlight)

    @property
    def most(self) -> int:
        """How many there are, if none has ended since they were counted."""
        return self.counted + self.since

    @property
    def ahead(self) -> int:
        """How many of these count towards the owner's burst."""
        return self.most - self.exempt

    def old(self, limit: int, owner_burst: int) -> bool:
        """Whether the jobs must be counted anew.

        They are when the next job would overflow, and those before it may have ended meanwhile.
        """
        seconds = time.monotonic() - self.at
        crossing = self.ahead - self.since <= owner_burst <= self.ahead
        late = seconds > (_RECOUNTED_SECONDS if crossing else _COUNTED_SECONDS)
        return late or self.since >= limit * _COUNTED_SHARE


class BacklogLimit:
    """Counts an owner's unfinished jobs now and then, not with every request.

    The limit may be passed by what the processes accept within two seconds, or by two hundredths
    of it, whichever is less.

    owner_burst: how many of an owner's unfinished jobs do not go to the overflow queue.
    """

    def __init__(
        self, listing: Listing, rules: OwnerRules, settings: WebSettings, owner_burst: int
    ) -> None:
        self._listing = listing
        self._rules = rules
        self._default = settings.backlog_limit
        self._owner_burst = owner_burst
        self._counts: dict[str, _BacklogCount] = {}

    async def require_room(self, principal: Principal, *, exempt: bool = False) -> bool:
        """Make sure that the owner may add a job; whether it goes to the overflow queue.

        exempt: it does not count towards the owner's burst.

        Raises:
            Problem: 429, when too many of its jobs are unfinished.
            StorageUnavailable: MongoDB does not answer.
        """
        limit = principal.limits.backlog or self._default
        count = self._of(principal.owner)
        if count.old(limit, self._owner_burst):
            await count.recount.share(lambda: self._recount(count, principal.owner, limit))
        if count.most >= limit:
            wait = _until_room(count.most - limit + 1, count.drained_per_second)
            detail = f"{count.most} jobs are unfinished, {limit} are allowed; wait for some to end."
            headers = {"Retry-After": str(wait)}
            raise Problem(429, "backlog-full", detail, headers=headers, limit=limit)
        count.since += 1
        count.exempt += exempt
        return count.ahead > self._owner_burst

    def _of(self, owner: str) -> _BacklogCount:
        if len(self._counts) >= _OWNERS_KEPT:
            self._counts.clear()
        return self._counts.setdefault(owner, _BacklogCount())

    async def _recount(self, count: _BacklogCount, owner: str, limit: int) -> None:
        await run_in_threadpool(self._rules.look_if_old)
        counted = await run_in_threadpool(self._listing.count_unfinished, owner, limit)
        exempt = 0
        if counted > self._owner_burst:
            exempt = await run_in_threadpool(self._listing.count_exempt, owner, limit)
        now = time.monotonic()
        drained = count.most - counted
        count.drained_per_second = max(drained / (now - count.at), 0)
        count.counted, count.since, count.exempt, count.at = counted, 0, exempt, now


def _until_room(over: int, drained_per_second: float) -> int:
    """Seconds, by the rate at which the owner's jobs ended lately."""
    if drained_per_second <= 0:
        return 30
    return min(max(math.ceil(over / drained_per_second), 1), 60)
