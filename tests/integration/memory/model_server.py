"""A server that speaks the chat completions protocol, well or badly, as a test asks for."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from keepsake.memory.models import MemoryScope
from keepsake.memory.turn import Turn

ALICE = MemoryScope("alice", "u1")


def memory(content, quote=None, **fields):
    """One extracted memory, as a model writes it."""
    made = {
        "domain": "profile", "content": content, "quote": quote or content, "subject": "user",
        "attribute": "", "value": "", "single": False, "negated": False, "day": "", "replaces": 0,
        "confirms": "",
    }  # fmt: skip
    return {**made, **fields}


def extraction(*memories):
    return json.dumps({"memories": list(memories)})


TEXT = "I live in Paris and I adore my old bicycle."
LIVES = memory("The user lives in Paris.", "I live in Paris", attribute="lives_in", value="paris",
               single=True)  # fmt: skip


def facts(stored, scope=ALICE):
    return [document["content"] for document in stored(scope) if document["kind"] == "memory"]


def ingest(service, text=TEXT, job_id="job", scope=ALICE, **options):
    turn = Turn(user_query=text, session_datetime="2024-05-15T10:00:00Z")
    return service.pipeline.ingest(scope, turn, job_id=job_id, **options)


class ModelServer:
    """Answers requests by a script: texts, statuses, or functions of the handler.

    The last of them answers all further requests.
    """

    def __init__(self) -> None:
        self.script, self.requests, self.keys = [], [], []
        self.release = threading.Event()
        served = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                length = int(self.headers["Content-Length"])
                self.request_body = json.loads(self.rfile.read(length))
                served.requests.append(self.request_body)
                served.keys.append(self.headers.get("Authorization"))
                answer = served.script.pop(0) if len(served.script) > 1 else served.script[0]
                try:
                    answer(self) if callable(answer) else served.write(self, answer)
                except (BrokenPipeError, ConnectionResetError):
                    self.close_connection = True

            def log_message(self, *args):
                """Nothing: what is sent is user text."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.02,), daemon=True
        )
        self._thread.start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self._server.server_port}/v1"

    def write(self, handler, answer):
        if isinstance(answer, int):
            handler.send_error(answer)
            return
        message = {"role": "assistant", "content": answer}
        usage = {"prompt_tokens": 100, "completion_tokens": 20}
        body = json.dumps({"choices": [{"message": message}], "usage": usage}).encode()
        self.raw(handler, body)

    def raw(self, handler, body):
        handler.send_response(200)
        handler.send_header("Content-Type", "application/json")
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    def hang(self, handler):
        """Answer nothing until the test is over."""
        self.release.wait(30)

    def drip(self, handler):
        """One byte at a time, for ever."""
        handler.send_response(200)
        handler.end_headers()
        while not self.release.wait(0.05):
            handler.wfile.write(b" ")

    def flood(self, handler):
        """Far too much."""
        self.raw(handler, b"x" * (4 << 20))

    def stop(self):
        self.release.set()
        self._server.shutdown()
        self._server.server_close()
