"""No request costs much more than the largest good one, whatever stands in it."""

import os
import re
from pathlib import Path

import httpx
import pytest

from keepsake.access.keys import KeyStore, Role
from tests.conftest import started_web
from tests.integration.web.documented import document
from tests.integration.web.worst_bodies import worst_bodies, worst_targets
from tests.processes import children

pytestmark = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="Linux tells of CPU")
CPU_SECONDS = 0.5
GROWTH_BYTES = 50_000_000
ANSWER_BYTES = 16_384
BODY_LIMIT_BYTES = 8_000_000
SIZES = (4_000, 20_000)
"""Of bodies that hold about as many values as are parsed, and of somewhat larger ones."""
LARGER = re.compile(r"larger than (\d+) bytes")
TICKS = os.sysconf("SC_CLK_TCK")


def cpu_seconds(pid: int) -> float:
    """The CPU that a process has used, on our side and the kernel's."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def peak_bytes(pid: int) -> int:
    """The most memory that a process has held since it was asked to forget."""
    status = dict(
        line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines()
    )
    return int(status["VmHWM"].split()[0]) * 1024


def forget_peak(pid: int) -> int:
    Path(f"/proc/{pid}/clear_refs").write_text("5")
    return peak_bytes(pid)


@pytest.fixture(scope="module")
def web(rabbitmq, _connected, emptying, directory):
    """A server for these tests: its process's id, its document, and a client."""
    emptying.empty()
    emptying.index()
    process, base_url = started_web(directory / "worst-bodies-web.log")
    key = KeyStore(_connected).create("alice", role=Role.OPERATOR)
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    with httpx.Client(base_url=base_url, headers=headers, timeout=60) as client:
        (serving,) = children(process.pid)
        yield serving, document(base_url), client
    process.stop(grace_seconds=5)


@pytest.fixture
def spend(web):
    """Sends a request, and says what was dear about it: CPU, memory, or the size of its answer."""
    pid, _, client = web
    client.get("/v1/jobs")

    def spent(method: str, target: str, body: bytes | None = None) -> tuple[httpx.Response, str]:
        before, held = cpu_seconds(pid), forget_peak(pid)
        answer = client.request(method, target, content=body)
        cost, growth = cpu_seconds(pid) - before, peak_bytes(pid) - held
        dear = cost > CPU_SECONDS or growth > GROWTH_BYTES or len(answer.content) > ANSWER_BYTES
        cost_text = f"{cost:.2f} s, {growth / 1e6:.0f} MB, an answer of {len(answer.content)} bytes"
        return answer, cost_text if dear else ""

    return spent


@pytest.mark.timeout(400)
def test_the_worst_body_of_every_route_is_cheap_whatever_its_size(web, spend):
    dear, statuses = [], []

    for method, target, what, make in worst_bodies(web[1].spelt_out):
        answer, cost_text = spend(method, target, make(BODY_LIMIT_BYTES))
        dear.append((cost_text, method, target, what, BODY_LIMIT_BYTES))
        limit = LARGER.search(answer.text) if answer.status_code == 413 else None
        sizes = [*SIZES, int(limit[1])] if limit else SIZES
        for size in sizes:
            answer, cost_text = spend(method, target, make(size))
            dear.append((cost_text, method, target, what, size))
            statuses.append(answer.status_code)

    assert [case for case in dear if case[0]] == []
    assert set(statuses) <= {400, 401, 413, 422}  # 401: a delivery without a signature
    assert len(statuses) > 400


def test_the_worst_query_of_every_route_is_cheap(web, spend):
    targets = list(worst_targets(web[1].spelt_out))

    answers = [(*spend(method, target), method, target[:60]) for method, target in targets]

    assert [case[1:] for case in answers if case[1]] == []
    assert {case[0].status_code for case in answers} == {422}
    assert len(targets) > 80


def test_a_chunked_body_is_read_no_further_than_its_route_takes(web):
    client = web[2]

    answer = client.post("/v2/memory/search", content=(b" " * 10_000 for _ in range(700)))

    assert (answer.status_code, answer.json()["limit_bytes"] < 200_000) == (413, True)


@pytest.mark.parametrize("target", ["/v2/memory/search", "/v1/memory/search", "/v1/jobs:cancel"])
def test_a_list_that_is_too_long_is_one_fault_whatever_stands_in_it(web, target):
    name = "type" if target.endswith("cancel") else "domains"

    answer = web[2].post(target, json={"query": "tea", name: [{}] * 101})

    assert answer.status_code == 422
    assert "allowed" in answer.text
    assert answer.text.count(f"/{name}") <= 2


def test_many_faults_are_told_as_twenty_and_a_number(web):
    answer = web[2].post("/v2/memory/search", json={"query": "", **{f"x{n}": n for n in range(99)}})

    assert (len(answer.json()["errors"]), answer.json()["more"]) == (20, 80)
