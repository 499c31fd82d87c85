"""A real https server on loopback, with a certificate of its own."""

import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from soak.receiver import certificate

__all__ = ["certificate", "page", "serving"]


@contextmanager
def serving(pem: Path) -> Iterator[Any]:
    """A server with `paths`, to be filled with what answers them; `asked` says what was asked.

    `release` is set at its end.
    """
    paths: dict[str, Callable[[Any], None]] = {}
    asked: list[tuple[str, str]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            self.body = self.rfile.read(int(self.headers["Content-Length"]))
            self.do_GET()

        def do_GET(self):
            asked.append((self.headers["Host"], self.path))
            try:
                paths[self.path.partition("?")[0]](self)
            except (OSError, ssl.SSLError):
                self.close_connection = True

        def log_message(self, *args):
            """Nothing."""

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    server.paths, server.asked, server.release = paths, asked, threading.Event()
    yield server
    server.release.set()
    server.shutdown()
    server.server_close()


def page(text: str, status: int = 200, **headers: str) -> Callable[[Any], None]:
    """An answer."""

    def answer(handler):
        handler.send_response(status)
        for name, value in {"Content-Length": str(len(text.encode())), **headers}.items():
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(text.encode())

    return answer
