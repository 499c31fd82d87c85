"""Connections are bounded in number."""

import resource
import socket
from contextlib import ExitStack

import httpx

from tests.integration.web.connections.conftest import request, started


def healthy(place: tuple[str, int], path: str = "/healthz", **options) -> int:
    return httpx.get(f"http://{place[0]}:{place[1]}{path}", timeout=20, **options).status_code


def test_silent_connections_give_way_to_others(rabbitmq, mongod, tmp_path, connect, key):
    process, place = started(tmp_path / "web.log", KEEPSAKE_WEB_CONNECTIONS="16")
    headers = {"Authorization": f"Bearer {key}"}
    try:
        for _ in range(100):
            connect(place)
        assert healthy(place) == 200
        assert healthy(place, "/v1/jobs", headers=headers) == 200
        assert (
            'reason="gave way"'
            in httpx.get(f"http://{place[0]}:{place[1]}/metrics", headers=headers, timeout=20).text
        )
    finally:
        process.stop(grace_seconds=5)


def test_a_process_whose_connections_are_all_at_work_refuses_others_and_says_it_lives(
    rabbitmq, mongod, tmp_path, connect, key
):
    process, place = started(tmp_path / "web.log", KEEPSAKE_WEB_CONNECTIONS="16")
    ask = request("GET", "/v1/jobs/events", f"Authorization: Bearer {key}")
    try:
        for _ in range(16):
            stream = connect(place)
            stream.sendall(ask)
            assert stream.recv(12) == b"HTTP/1.1 200"

        refused = httpx.get(f"http://{place[0]}:{place[1]}/v1/jobs", timeout=20)
        assert (refused.status_code, refused.json()["type"]) == (
            503, "/problems#too-many-connections",
        )  # fmt: skip
        assert refused.headers["Retry-After"]
        assert healthy(place) == 200
    finally:
        process.stop(grace_seconds=5)


def test_more_connections_than_files_stop_nothing_and_fill_no_log(rabbitmq, mongod, tmp_path, key):
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(4_096, hard), hard))
    process, place = started(tmp_path / "web.log", "ulimit -n 600")
    headers = {"Authorization": f"Bearer {key}"}
    try:
        with ExitStack() as opened:
            for _ in range(1_200):
                opened.enter_context(socket.create_connection(place, timeout=30))
            statuses = [healthy(place, path, headers=headers)
                        for path in ("/healthz", "/v1/jobs") * 5]  # fmt: skip
        assert set(statuses) == {200}
        assert "out of system resource" not in process.log.read_text()
        assert process.log.stat().st_size < 100_000
    finally:
        process.stop(grace_seconds=5)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
