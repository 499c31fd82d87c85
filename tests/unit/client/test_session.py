"""What is sent again, and how long that is waited for; paths, keys and addresses."""

import socket
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

import httpx
import pytest

from keepsake_client import Keepsake
from keepsake_client.errors import ConnectionFailed, UnexpectedAnswer
from keepsake_client.models.jobs import JobInfo
from keepsake_client.problems import BacklogFull, Internal, StorageUnavailable
from keepsake_client.session import Request, Tries, given, parsed, path

REPEATABLE = Request("GET", "/", repeatable=True)
ONCE = Request("POST", "/")
LOST, UNSENT = ConnectionFailed("lost"), ConnectionFailed("unsent", untouched=True)


@pytest.mark.parametrize(
    ("request_", "failure", "again"),
    [
        (REPEATABLE, LOST, True),
        (REPEATABLE, StorageUnavailable("away"), True),
        (REPEATABLE, Internal("fault"), False),
        (ONCE, LOST, False),
        (ONCE, UNSENT, True),
        (ONCE, StorageUnavailable("away"), False),
        (ONCE, BacklogFull("full"), True),
    ],
)
def test_what_is_sent_again(request_, failure, again):
    assert (Tries(60, request_).pause(failure) is not None) == again


def test_a_pause_is_what_the_service_asks_for_and_a_random_time_more():
    tries = Tries(600, REPEATABLE)
    asked = [tries.pause(BacklogFull("full", retry_after=5)) for _ in range(20)]

    assert all(5 <= pause <= 13 for pause in asked if pause is not None)
    assert None not in asked
    assert len(set(asked)) == 20
    assert max(asked[-10:]) > max(asked[:2])


def test_nothing_is_waited_for_that_takes_longer_than_the_time():
    assert Tries(60, REPEATABLE).pause(BacklogFull("full", retry_after=61)) is None
    assert Tries(0, REPEATABLE).pause(LOST) is None


@pytest.mark.parametrize(
    ("part", "whole"),
    [("a b", "a%20b"), ("a/b", "a%2Fb"), ("a?b#c", "a%3Fb%23c"), ("é", "%C3%A9"), ("%", "%25")],
)
def test_an_id_is_one_segment_of_a_path(part, whole):
    assert path("/v1/jobs/{}:undo", part) == f"/v1/jobs/{whole}:undo"


@pytest.mark.parametrize("part", ["", ".", ".."])
def test_an_id_that_would_name_another_path_is_refused(part):
    with pytest.raises(ValueError, match="may not be empty"):
        path("/v1/jobs/{}", part)


def test_what_is_left_out_is_not_sent():
    moment = datetime.fromisoformat("2026-01-31T00:00:00+00:00")

    assert given(a=None, b=0, c="", d=moment) == {
        "b": 0, "c": "", "d": "2026-01-31T00:00:00+00:00",
    }  # fmt: skip


JOB = (
    '{"job_id": "job_1", "type": "newer.type", "status": "dreaming", "revision": 3,'
    '"created_at": "2026-01-31T00:00:00Z", "updated_at": "2026-01-31T00:00:00Z", "mood": "fine"}'
)


def test_what_a_newer_service_adds_breaks_nothing_and_is_kept():
    info = parsed(JobInfo, JOB)

    assert (info.status, info.ended) == ("dreaming", False)
    assert info.model_extra == {"mood": "fine"}


@pytest.mark.parametrize("content", ["<html>Login</html>", "{}", "[]"])
def test_what_is_no_answer_of_the_service_says_so_without_showing_it(content):
    with pytest.raises(UnexpectedAnswer, match="not an answer of this service") as raised:
        parsed(JobInfo, content)

    assert content not in str(raised.value)
    assert raised.value.__context__ is None


def test_without_a_key_a_client_is_refused(monkeypatch):
    monkeypatch.delenv("KEEPSAKE_API_KEY", raising=False)

    with pytest.raises(ValueError, match="set KEEPSAKE_API_KEY"):
        Keepsake("http://127.0.0.1:1")


def test_key_and_address_come_from_the_environment(monkeypatch):
    monkeypatch.setenv("KEEPSAKE_API_KEY", "ksk_0123\n")
    monkeypatch.setenv("KEEPSAKE_URL", "http://keepsake.example/base/")

    assert repr(Keepsake()) == "<Keepsake http://keepsake.example/base>"


@pytest.mark.parametrize(
    "address",
    [
        "",
        "keepsake.example",
        "ftp://a",
        "http://",
        "http://ann:secret@a",
        "http://a?b",
        "http://a#b",
    ],
)
def test_what_is_no_address_is_refused_without_showing_it(address, monkeypatch):
    monkeypatch.setenv("KEEPSAKE_URL", "nowhere")

    with pytest.raises(ValueError, match="address of a Keepsake") as raised:
        Keepsake(address, "ksk_0123")

    assert "secret" not in str(raised.value)


@pytest.mark.parametrize("key", ["ksk one", "ksk_é", "ksk_\n_1", "ksk_\x00"])
def test_what_is_no_key_is_refused_without_showing_it(key):
    with pytest.raises(ValueError, match="API key") as raised:
        Keepsake("http://127.0.0.1:1", key)

    assert key not in str(raised.value)


def test_without_a_service_an_error_says_where_none_is():
    client = Keepsake("http://127.0.0.1:1", "ksk_0123", retry_seconds=0)

    with client, pytest.raises(ConnectionFailed, match=r"no answer from http://127\.0\.0\.1:1"):
        client.memory.add("I live in Lisbon.")


def test_a_request_with_no_key_of_ours_in_it_is_what_httpx_shows():
    with Keepsake("http://127.0.0.1:1", "ksk_0123") as client:
        request = client._session.transport.request("GET", "/", 1)

    assert isinstance(request, httpx.Request)
    assert "authorization" not in request.headers


def test_a_stream_of_lines_that_is_cut_says_so():
    line = b'{"id": "mem_1", "kind": "turn", "content": "I ski."}\n'
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"

    with socket.create_server(("127.0.0.1", 0)) as listener, ThreadPoolExecutor() as threads:

        def serve() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.recv(65_536)
                connection.sendall(head + f"{len(line):x}\r\n".encode() + line + b"\r\n")

        served = threads.submit(serve)
        with Keepsake(f"http://127.0.0.1:{listener.getsockname()[1]}", "ksk_0123") as client:
            export = client.memory.export()
            assert next(export).content == "I ski."
            with pytest.raises(ConnectionFailed):
                next(export)
        served.result(10)
