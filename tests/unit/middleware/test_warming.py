"""What a worker loads before it takes jobs."""

from dataclasses import replace
from types import SimpleNamespace

import pytest

from keepsake.jobs import Registry, Resources
from keepsake.memory import BATCH_INGEST, INGEST
from keepsake.scanner import SCAN
from middleware.warming import WarmStart
from middleware.worker_settings import WorkerSettings


@pytest.fixture
def warmed():
    """The queues of the types that were warmed up, in a worker of some queues."""

    def start(queues=None, when="before", fails=False):
        called = []

        def memory(resources):
            called.append("memory")
            if fails:
                raise OSError

        def scanner(resources):
            called.append("scanner")

        types = Registry([
            replace(INGEST, work=print, warm_up=memory),
            replace(BATCH_INGEST, work=print, warm_up=memory),
            replace(SCAN, work=print, warm_up=scanner),
        ])  # fmt: skip
        settings = WorkerSettings(worker_warm_up=when)
        warming = WarmStart(types, Resources(None), settings)
        warming.before_worker_boot(None, SimpleNamespace(consumer_whitelist=queues))
        return called, warming

    return start


@pytest.mark.parametrize(
    ("queues", "expected"),
    [
        (None, ["memory", "scanner"]),
        ([], ["memory", "scanner"]),  # `-Q` without a queue
        ({"keepsake.scanner"}, ["scanner"]),
        ({"keepsake.memory.overflow"}, ["memory"]),
        ({"keepsake.webhooks"}, []),
    ],
)
def test_a_worker_warms_up_for_the_queues_that_it_serves_once_for_each_need(
    warmed, queues, expected
):
    assert warmed(queues)[0] == expected


def test_what_cannot_be_loaded_is_left_to_the_first_job(warmed, caplog):
    called, _ = warmed(fails=True)

    assert called == ["memory", "scanner"]
    assert "worker.not_warm" in caplog.messages


def test_a_worker_may_warm_up_beside_its_first_jobs_or_never(warmed, eventually):
    called, warming = warmed(when="beside")
    assert called == []
    warming.after_worker_boot(None, None)
    eventually(lambda: called == ["memory", "scanner"])

    called, warming = warmed(when="never")
    warming.after_worker_boot(None, None)
    assert called == []
