import asyncio
import weakref

import pytest

from keepsake.jobs.change_feed import Change
from keepsake.jobs.job import Job
from web.job_views.hub import Flush, Gap, Watch


def change(job_id="j1"):
    return Change(job_id, 1, "p", urgent=True, job=Job({"_id": job_id, "owner": "alice"}))


def test_what_a_flush_becomes_is_made_once_for_all_watchers():
    flush, made = Flush([change()]), []

    def make():
        made.append(1)
        return b"event"

    assert [flush.once("owner", make) for _ in range(3)] == [b"event"] * 3
    assert len(made) == 1
    assert flush.once("other", lambda: b"else") == b"else"


def test_a_watch_gets_flushes_in_order_and_nothing_when_it_is_quiet():
    async def watched():
        watch = Watch("alice", None)
        watch.tell(Flush([change("j1")]))
        watch.tell(Flush([change("j2")]))
        return [await watch.changes(1), await watch.changes(1), await watch.changes(0.01)]

    first, second, third = asyncio.run(watched())

    assert ([one.job_id for one in (*first, *second)], third) == (["j1", "j2"], [])


def test_a_watch_that_nobody_reads_keeps_a_bounded_part_and_after_a_gap_nothing():
    async def flooded():
        watch, told, kept = Watch("alice", None), [], []
        for _ in range(100):
            flush = Flush([change(f"j{n}") for n in range(100)])
            told.append(weakref.ref(flush))
            watch.tell(flush)
            del flush
            kept.append(sum(ref() is not None for ref in told))
        with pytest.raises(Gap):
            await watch.changes(1)
        return kept

    kept = asyncio.run(flooded())

    assert (max(kept), kept[-1]) == (20, 0)
