"""A short run of `make soak`: too short to tell what grows, long enough for what may fail."""

import pytest

from soak.receiver import receiving
from soak.requests import MIX
from soak.run import environment, run
from soak.service import Service

pytestmark = pytest.mark.drill

SECONDS = 60
PARTS = {"launcher", "mongod", "rabbitmq", "web", "worker-1", "worker-2"}
OFTEN = {request.__name__ for request, weight in MIX.items() if weight > 2}
"""What a run of this length asks for in any case."""


@pytest.mark.timeout(400)
def test_a_short_soak_fails_nothing_while_parts_are_killed(tmp_path, monkeypatch):
    for name in ("KEEPSAKE_MONGO_URL", "KEEPSAKE_AMQP_URL"):
        monkeypatch.setenv(name, "")  # which a run names, and which is as before when this ends
    with receiving(tmp_path) as receiver:
        service = Service(tmp_path / "data", environment(receiver, SECONDS))
        try:
            service.start()
            outcome = run(service, tmp_path, receiver, SECONDS)
        finally:
            service.stop()

    assert outcome.amiss == []
    assert {part for _, part in outcome.faults} == {"worker-1", "rabbitmq"}
    assert outcome.asked.keys() >= OFTEN | {"stream", "metrics", "erase"}
    assert set().union(*(sample["processes"] for sample in outcome.samples)) >= PARTS
    assert outcome.samples[-1]["mongodb"]["collections"]["memories"]["count"] > 0
