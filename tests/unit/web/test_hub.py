import asyncio
import weakref

import pytest

from keepsake.jobs.change_feed import Change
from keepsake.jobs.job import Job
from web.job_views.hub import (
    ARRIVALS,
    ChangeBatch,
    Gap,
    Watch,
    _by_interest,
    about_job,
    about_owner,
)


def change(job_id="j1"):
    return Change(job_id, 1, "p", urgent=True, job=Job({"_id": job_id, "owner": "alice"}))


def test_a_batch_is_encoded_once_for_all_watchers():
    batch, encodings = ChangeBatch([change()]), []

    def encode():
        encodings.append(1)
        return b"event"

    assert [batch.once("owner", encode) for _ in range(3)] == [b"event"] * 3
    assert len(encodings) == 1
    assert batch.once("other", lambda: b"else") == b"else"


def test_a_watch_gets_batches_in_order_and_nothing_when_it_is_quiet():
    async def watched():
        watch = Watch([about_owner("alice")])
        watch.deliver(ChangeBatch([change("j1")]))
        watch.deliver(ChangeBatch([change("j2")]))
        return [await watch.changes(1), await watch.changes(1), await watch.changes(0.01)]

    first, second, third = asyncio.run(watched())

    assert ([change.job_id for change in (*first, *second)], third) == (["j1", "j2"], [])


def test_a_watch_that_nobody_reads_keeps_a_bounded_part_and_after_a_gap_nothing():
    async def flooded():
        watch, batches, kept = Watch([about_owner("alice")]), [], []
        for _ in range(100):
            batch = ChangeBatch([change(f"j{n}") for n in range(100)])
            batches.append(weakref.ref(batch))
            watch.deliver(batch)
            del batch
            kept.append(sum(ref() is not None for ref in batches))
        with pytest.raises(Gap):
            await watch.changes(1)
        return kept

    kept = asyncio.run(flooded())

    assert (max(kept), kept[-1]) == (20, 0)


def test_a_change_concerns_who_watches_its_job_its_owner_or_arrivals():
    changed = change("j1")
    arrived = Change("j2", 0, "p", urgent=True, accepted=True)
    erased = Change("j3", 4, "p", urgent=True)

    assert _by_interest([changed, arrived, erased]) == {
        about_owner("alice"): [changed],
        about_job("j1"): [changed],
        ARRIVALS: [arrived],
        about_job("j3"): [erased],
    }
