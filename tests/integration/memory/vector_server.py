"""MongoDB's wire protocol in front of a real mongod, with the one stage that only Atlas has."""

import socket
import struct
import threading
from contextlib import closing, suppress

import bson
import numpy as np
from pymongo import MongoClient

from keepsake.memory.storing.documents import is_lone_vector, unpacked_vectors

_HEADER = struct.Struct("<iiii")
_OP_MSG = 2013


class VectorServer:
    """Passes everything on to a mongod and answers `$vectorSearch` itself, by exact cosines.

    asked: the stages that were sent. behind: ids that the search index has not taken in yet.
    """

    def __init__(self, port: int) -> None:
        self._port = port
        self._mongod = MongoClient("127.0.0.1", port, directConnection=True)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.asked: list[dict] = []
        self.not_indexed: set[str] = set()
        threading.Thread(target=self._serve, daemon=True).start()

    @property
    def url(self) -> str:
        return f"mongodb://127.0.0.1:{self._listener.getsockname()[1]}/?directConnection=true"

    def stop(self) -> None:
        self._listener.close()
        self._mongod.close()

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                upstream = socket.create_connection(("127.0.0.1", self._port))
                for pump, ends in ((self._requests, (client, upstream)),
                                   (_replies, (upstream, client))):  # fmt: skip
                    threading.Thread(target=pump, args=ends, daemon=True).start()

    def _requests(self, client: socket.socket, upstream: socket.socket) -> None:
        with closing(client), closing(upstream), suppress(OSError):
            while message := _message(client):
                answer = self._answer(message)
                if answer is None:
                    upstream.sendall(message)
                else:
                    client.sendall(answer)

    def _answer(self, message: bytes) -> bytes | None:
        _, request_id, _, code = _HEADER.unpack_from(message)
        if code != _OP_MSG or message[20] != 0:
            return None
        size = struct.unpack_from("<i", message, 21)[0]
        command = bson.decode(message[21 : 21 + size])
        first = (command.get("pipeline") or [{}])[0]
        if "aggregate" not in command or "$vectorSearch" not in first:
            return None
        self.asked.append(first["$vectorSearch"])
        nearest = self._nearest(command["$db"], command["aggregate"], first["$vectorSearch"])
        cursor = {"id": 0, "ns": f"{command['$db']}.{command['aggregate']}", "firstBatch": nearest}
        body = b"\0" * 5 + bson.encode({"ok": 1.0, "cursor": cursor})
        return _HEADER.pack(_HEADER.size + len(body), 0, request_id, _OP_MSG) + body

    def _nearest(self, database: str, collection: str, stage: dict) -> list[dict]:
        wanted = np.array(stage["queryVector"], dtype=np.float32)
        stored = self._mongod[database][collection].find(stage["filter"], {stage["path"]: 1})
        scored = [
            {
                "_id": document["_id"],
                "score": (1 + float(unpacked_vectors(document[stage["path"]])[0] @ wanted)) / 2,
            }
            for document in stored
            if is_lone_vector(document[stage["path"]]) and document["_id"] not in self.not_indexed
        ]
        return sorted(scored, key=lambda document: -document["score"])[: stage["limit"]]


def _replies(upstream: socket.socket, client: socket.socket) -> None:
    with suppress(OSError):
        while chunk := upstream.recv(1 << 16):
            client.sendall(chunk)


def _message(source: socket.socket) -> bytes:
    """The next whole message; empty at the end."""
    head = _exactly(source, 4)
    return head + _exactly(source, struct.unpack("<i", head)[0] - 4) if head else b""


def _exactly(source: socket.socket, count: int) -> bytes:
    parts = b""
    while len(parts) < count:
        chunk = source.recv(count - len(parts))
        if not chunk:
            return b""
        parts += chunk
    return parts
