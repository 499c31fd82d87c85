"""`make pin-images` against a registry on this machine that speaks the distribution protocol.

skopeo itself runs, and is led there by its own configuration, as to a company's mirror.
"""

import hashlib
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from tests.conftest import ROOT

FILES = ("Dockerfile", "compose.yaml")
LIST = "application/vnd.oci.image.index.v1+json"


def manifest(name: str, edition: int) -> bytes:
    """A list of one image; its digest says which it is."""
    about = {"digest": f"sha256:{edition:064x}", "size": 1, "mediaType": name}
    return json.dumps({"schemaVersion": 2, "mediaType": LIST, "manifests": [about]}).encode()


class Registry(ThreadingHTTPServer):
    """Shows manifests to whoever has fetched a token, as registries do to strangers."""

    edition = 1
    lacks = ""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answers)
        self.asked: list[str] = []

    @property
    def place(self) -> str:
        return f"127.0.0.1:{self.server_address[1]}"


class Answers(BaseHTTPRequestHandler):
    """What a registry answers."""

    server: Registry

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        manifests = re.fullmatch(r"/v2/(library/.+)/manifests/(.+)", path)
        if path == "/token":
            self.answer(200, json.dumps({"token": "for-strangers"}).encode(), "application/json")
        elif self.headers["Authorization"] != "Bearer for-strangers":
            realm = f'Bearer realm="http://{self.server.place}/token",service="registry"'
            self.answer(401, b"", "application/json", {"WWW-Authenticate": realm})
        elif manifests and manifests[1] != self.server.lacks:
            self.server.asked.append(":".join(manifests.groups()))
            self.answer(200, manifest(manifests[1], self.server.edition), LIST)
        else:
            unknown = {"errors": [{"code": "MANIFEST_UNKNOWN", "message": "manifest unknown"}]}
            self.answer(404, json.dumps(unknown).encode(), "application/json")

    def answer(self, status: int, body: bytes, kind: str, headers: dict[str, str] = {}) -> None:  # noqa: B006
        self.send_response(status)
        for name, value in {"Content-Type": kind, "Content-Length": len(body), **headers}.items():
            self.send_header(name, str(value))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_) -> None:
        """Say nothing."""


@pytest.fixture
def registry() -> Iterator[Registry]:
    with Registry() as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def pin(registry, tmp_path):
    """Pins copies of our files by that registry; what they hold afterwards."""
    settings = tmp_path / ".config" / "containers" / "registries.conf"
    settings.parent.mkdir(parents=True)
    place = f'location = "{registry.place}"\ninsecure = true\n'
    settings.write_text(f'[[registry]]\nprefix = "docker.io"\n{place}')
    for name in FILES:
        (tmp_path / name).write_text((ROOT / name).read_text())

    def run() -> tuple[subprocess.CompletedProcess[str], str]:
        environment = {"PATH": "/usr/bin:/bin", "HOME": str(tmp_path)}
        ended = subprocess.run(
            [sys.executable, ROOT / "deploy" / "pin_images.py", *FILES],
            cwd=tmp_path, env=environment, capture_output=True, text=True, check=False,
        )  # fmt: skip
        return ended, "".join((tmp_path / name).read_text() for name in FILES)

    return run


def digest(name: str, edition: int) -> str:
    return f"sha256:{hashlib.sha256(manifest(f'library/{name}', edition)).hexdigest()}"


def test_every_image_of_others_gets_the_digest_that_its_registry_shows(pin, registry):
    ended, text = pin()

    assert ended.returncode == 0, ended.stderr
    for line in (
        f"FROM python:3.11-slim@{digest('python', 1)} AS build\n",
        f"FROM python:3.11-slim@{digest('python', 1)}\n",
        f"${{MONGO_IMAGE:-mongo:8@{digest('mongo', 1)}}}\n",
        f"${{RABBITMQ_IMAGE:-rabbitmq:4-management@{digest('rabbitmq', 1)}}}\n",
    ):
        assert line in text
    assert set(registry.asked) == {
        "library/python:3.11-slim", "library/mongo:8", "library/rabbitmq:4-management",
    }  # fmt: skip


def test_what_was_pinned_is_pinned_anew(pin, registry):
    pin()
    registry.edition = 2

    _, text = pin()

    assert digest("mongo", 2) in text
    assert digest("mongo", 1) not in text


def test_nothing_is_written_unless_every_image_was_found(pin, registry):
    registry.lacks = "library/rabbitmq"

    ended, text = pin()

    assert ended.returncode == 1
    assert "rabbitmq:4-management" in ended.stderr
    assert "Traceback" not in ended.stderr
    assert "sha256" not in text
