"""Servers that wait for nobody long, and connections to them byte by byte."""

import json
import os
import re
import shlex
import socket
import sys
from contextlib import ExitStack, suppress
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from keepsake.access.keys import KeyStore, Role
from keepsake.launcher.administration import ensure_indexes
from keepsake.launcher.process import LOOPBACK, Process, free_port, until
from tests.conftest import ROOT
from tests.processes import children

TURN = {"user_query": "I live in Lisbon.", "user_id": "u1"}
SHORT = {
    "KEEPSAKE_HEAD_TIMEOUT_SECONDS": "1",
    "KEEPSAKE_BODY_TIMEOUT_SECONDS": "1",
    "KEEPSAKE_WRITE_TIMEOUT_SECONDS": "1",
}


@pytest.fixture(scope="package")
def hurried(rabbitmq, mongod, tmp_path_factory):
    """A server that waits a second for anything, and its address."""
    process, place = started(tmp_path_factory.mktemp("hurried") / "web.log", **SHORT)
    yield process, place
    process.stop(grace_seconds=5)


@pytest.fixture
def patient(shared_server):
    """A server that waits for as long as any, and its address: for who does not want to be late."""
    process, base_url = shared_server
    place = urlsplit(base_url)
    return process, (place.hostname, place.port)


def started(log: Path, *before: str, **environment: str) -> tuple[Process, tuple[str, int]]:
    port = free_port()
    command = shlex.join([sys.executable, "-m", "web"])
    process = Process(
        "web", ["sh", "-c", "; ".join([*before, f"exec {command}"])], log=log, directory=ROOT,
        environment={**os.environ, "KEEPSAKE_HTTP_PORT": str(port), **environment},
    )  # fmt: skip
    process.start()
    until(lambda: "web.serving" in process.tail(1_000), process, within_seconds=90)
    return process, (LOOPBACK, port)


@pytest.fixture
def key(database):
    ensure_indexes(database)
    return KeyStore(database).create("alice", role=Role.OPERATOR_READ_ONLY)


@pytest.fixture
def connect():
    """Opens connections; all are closed at the end."""
    with ExitStack() as opened:
        yield lambda place: opened.enter_context(socket.create_connection(place, timeout=30))


def answer(connection: socket.socket) -> bytes:
    """All that comes until the server closes."""
    received = b""
    with suppress(ConnectionResetError):
        while part := connection.recv(65_536):
            received += part
    return received


def one_answer(connection: socket.socket) -> bytes:
    """The first answer of a connection that stays open; head and body may come apart."""
    received = b""
    while not received.endswith(b"}") and (part := connection.recv(65_536)):
        received += part
    return received


def answered(connection: socket.socket) -> tuple[int, dict[str, object]]:
    """The status and the problem of an answer after which the server closes."""
    head, _, body = answer(connection).partition(b"\r\n\r\n")
    assert b"connection: close" in head.lower()
    return int(head.split()[1]), json.loads(body)


def request(method: str, path: str, *headers: str) -> bytes:
    return "\r\n".join([f"{method} {path} HTTP/1.1", "Host: x", *headers, "", ""]).encode()


def cpu_seconds(process: Process) -> float:
    (child,) = children(process.pid)
    fields = Path(f"/proc/{child}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def memory_mb(process: Process) -> float:
    (child,) = children(process.pid)
    status = Path(f"/proc/{child}/status").read_text()
    return int(re.search(r"VmRSS:\s+(\d+)", status)[1]) / 1024
