"""A git host on loopback: git's own http-backend behind a server that can misbehave."""

import base64
import os
import subprocess
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from tests.integration.scanner.gitrepo import ENVIRONMENT

REFUSALS = {"forbidding": 403, "failing": 503, "moving": 302}
_TIMEOUT_SECONDS = 30


class GitHost(ThreadingHTTPServer):
    """Serves the repositories below a folder.

    `mood` says how: `well`, one of REFUSALS, `silent`, `cutting`, `dripping`, or `plain`:
    files as they are. `seen` lists what
    processes showed of the token while it was used.
    """

    daemon_threads = True

    def __init__(self, root: Path, address: str = "127.0.0.1", port: int = 0) -> None:
        super().__init__((address, port), _Handler)
        self.root, self.mood = root, "well"
        self.token: str | None = None
        self.seen: list[str] = []
        self.authorised = self.asked = 0
        self.released = threading.Event()
        self._thread = threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()

    @property
    def base(self) -> str:
        return "http://{}:{}".format(*self.server_address)

    def close(self) -> None:
        self.released.set()
        self.shutdown()
        self.server_close()
        self._thread.join()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: GitHost

    def do_GET(self) -> None:
        self._answer(b"")

    def do_POST(self) -> None:
        self._answer(self._body())

    def log_message(self, *args: object) -> None:
        pass

    def _answer(self, body: bytes) -> None:
        self.server.asked += 1
        if self.server.token and not self._authorised(self.server.token):
            self._refuse(401)
        elif self.server.mood in REFUSALS:
            self._refuse(REFUSALS[self.server.mood])
        elif self.server.mood == "silent":
            self.server.released.wait(_TIMEOUT_SECONDS)
            self.close_connection = True
        elif self.server.mood == "plain":
            self._give(self.server.root / self.path.partition("?")[0].lstrip("/"))
        else:
            self._serve(body)

    def _give(self, file: Path) -> None:
        content = file.read_bytes() if file.is_file() else b""
        self.send_response(200 if content else 404)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def _authorised(self, token: str) -> bool:
        credentials = self.headers.get("Authorization", "").removeprefix("Basic ")
        if not base64.b64decode(credentials).decode().endswith(f":{token}"):
            return False
        self.server.authorised += 1
        self.server.seen += _processes_that_show(token)
        return True

    def _refuse(self, code: int) -> None:
        self.send_response(code)
        if code == 401:
            self.send_header("WWW-Authenticate", 'Basic realm="git"')
        if code == 302:
            self.send_header("Location", "http://127.0.0.1:1/elsewhere")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding") != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length", 0)))
        whole = b""
        while size := int(self.rfile.readline(), 16):
            whole += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return whole

    def _serve(self, body: bytes) -> None:
        done = subprocess.run(
            ["git", "http-backend"], input=body, capture_output=True, check=False, env=self._cgi()
        )
        head, _, content = done.stdout.partition(b"\r\n\r\n")
        fields = dict(line.split(": ", 1) for line in head.decode().split("\r\n") if line)
        self.send_response(int(fields.pop("Status", "200").split()[0]))
        for name, value in fields.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self._send(content)

    def _send(self, content: bytes) -> None:
        if self.server.mood == "well" or b"packfile" not in content:
            self.wfile.write(content)
            return
        self.wfile.write(content[: len(content) // 2])
        self.wfile.flush()
        if self.server.mood == "dripping":
            self.server.released.wait(_TIMEOUT_SECONDS)
        self.close_connection = True

    def _cgi(self) -> dict[str, str]:
        path, _, query = self.path.partition("?")
        return ENVIRONMENT | {
            "GIT_PROJECT_ROOT": str(self.server.root),
            "GIT_HTTP_EXPORT_ALL": "1",
            "GIT_CONFIG_COUNT": "1",
            "GIT_CONFIG_KEY_0": "safe.directory",
            "GIT_CONFIG_VALUE_0": "*",
            "PATH_INFO": path,
            "QUERY_STRING": query,
            "REQUEST_METHOD": self.command,
            "CONTENT_TYPE": self.headers.get("Content-Type", ""),
            "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""),
            "GIT_PROTOCOL": self.headers.get("Git-Protocol", ""),
        }


def _processes_that_show(secret: str) -> list[str]:
    """The files of /proc, of arguments and environments, in which a secret can be read."""
    shown = [
        place
        for process in Path("/proc").iterdir()
        if process.name.isdigit() and int(process.name) != os.getpid()
        for place in (process / "cmdline", process / "environ")
        if secret.encode() in _content(place)
    ]
    return [str(place) for place in shown]


def _content(place: Path) -> bytes:
    try:
        return place.read_bytes()
    except OSError:  # it ended meanwhile, or is another user's
        return b""
