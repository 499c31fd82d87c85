"""A resolver that hangs holds nobody for longer than a request may take."""

import subprocess
import sys
import threading
import time

import pytest

from keepsake.outbound.errors import LinkAway
from keepsake.outbound.fetcher import FetchBounds, Fetcher
from keepsake.outbound.lookups import Lookups
from keepsake.outbound.network import resolve
from tests.names import resolve_by

URL = "https://hooks.example.org/x"
ENDS = """
import socket, threading
socket.getaddrinfo = lambda *_, **__: threading.Event().wait()
from keepsake.outbound import FetchBounds, Fetcher, LinkAway
try:
    Fetcher(FetchBounds(seconds=0.1)).fetch("https://hooks.example.org/x")
except LinkAway as error:
    print(error)
"""


@pytest.fixture
def hanging(monkeypatch):
    """A resolver of the system that answers nobody before the test ends."""
    answer, asked = threading.Event(), []

    def look_up(host):
        asked.append(host)
        answer.wait(timeout=60)
        return ["10.0.0.7"]

    resolve_by(monkeypatch, look_up)
    yield asked
    answer.set()


@pytest.mark.parametrize("ask", [Fetcher.fetch, lambda fetcher, url: fetcher.send(url, b"", ())])
def test_a_resolver_that_hangs_is_an_outage_when_the_time_is_over(hanging, ask, eventually):
    fetcher = Fetcher(FetchBounds(seconds=0.5), trusted=frozenset())

    with pytest.raises(LinkAway, match="no resolver answered in time"):
        ask(fetcher, URL)

    eventually(lambda: hanging == ["hooks.example.org"])


def test_look_ups_that_hang_are_so_many_and_no_more(hanging, eventually):
    few = Lookups(2)

    for _ in range(4):
        with pytest.raises(LinkAway):
            few.find(resolve, "hooks.example.org", time.monotonic() + 0.1)

    eventually(lambda: len(hanging) >= 2)
    assert len(hanging) == 2


def test_look_ups_that_ended_make_room():
    one = Lookups(1)

    for _ in range(3):
        assert one.find(lambda _: ["8.8.8.8"], "a.example", time.monotonic() + 5) == ["8.8.8.8"]
        with pytest.raises(LinkAway, match="away"):
            one.find(_away, "a.example", time.monotonic() + 5)


def test_a_process_ends_while_a_look_up_hangs():
    ended = subprocess.run(
        [sys.executable, "-c", ENDS], capture_output=True, text=True, timeout=30, check=True
    )

    assert ended.stdout == "no resolver answered in time\n"


def _away(_):
    raise LinkAway("away")
