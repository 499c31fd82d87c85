"""Uses of names in Go beside `gopls`, by the name of what is used.

`python -m bench.scanner_gopls [MODULE...]` asks gopls for all references of each symbol that a scan
lists, of modules as Debian ships their sources, and prints a table. Needs the packages `gopls`,
`golang` and `golang-*-dev`. References of all symbols of one name are compared together, since a
scan matches names: what it has besides are uses of the same name from elsewhere.
"""

import json
import re
import shutil
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bench import figures
from keepsake.scanner.parse.worker import parse_blob

SOURCES = Path("/usr/share/gocode/src")
MODULES = ("github.com/gorilla/mux", "github.com/spf13/cobra", "github.com/sirupsen/logrus")
_OFFLINE = {"GOFLAGS": "-mod=mod", "GOPROXY": "off", "GO111MODULE": "off", "GOSUMDB": "off"}
Places = dict[str, set[tuple[str, int]]]
"""Paths and lines by name."""


class LanguageServer:
    """Asks gopls over its pipe."""

    def __init__(self, root: Path) -> None:
        environment = {"PATH": "/usr/bin:/bin", "HOME": str(root), **_OFFLINE}
        environment |= {"GOPATH": str(root), "GOCACHE": str(root / "cache")}
        self._server = subprocess.Popen(
            ["gopls", "serve"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL, env=environment,
        )  # fmt: skip
        self._asked = 0

    def ask(self, method: str, params: dict[str, Any]) -> Any:
        """The result of a request; what the server asks meanwhile gets an empty answer."""
        self._asked += 1
        self._send({"id": self._asked, "method": method, "params": params})
        while True:
            message = self._read()
            if "method" in message and "id" in message:
                wanted = message["params"].get("items", ()) if message.get("params") else ()
                self._send({"id": message["id"], "result": [None for _ in wanted]})
            elif message.get("id") == self._asked:
                return message.get("result")

    def tell(self, method: str, params: dict[str, Any]) -> None:
        """Send what has no answer."""
        self._send({"method": method, "params": params})

    def close(self) -> None:
        """End the server."""
        self._server.kill()
        self._server.wait()

    def _send(self, message: dict[str, Any]) -> None:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        pipe = self._server.stdin
        assert pipe is not None
        pipe.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
        pipe.flush()

    def _read(self) -> dict[str, Any]:
        pipe = self._server.stdout
        assert pipe is not None
        size = 0
        while line := pipe.readline().strip():
            if line.lower().startswith(b"content-length:"):
                size = int(line.partition(b":")[2])
        message: dict[str, Any] = json.loads(pipe.read(size))
        return message


def by_gopls(server: LanguageServer, folder: Path, records: dict[str, Any]) -> Places:
    """Where each name that a scan defines is used, without its definitions."""
    server.ask("initialize", {"processId": None, "rootUri": folder.as_uri(), "capabilities": {}})
    server.tell("initialized", {})
    places: Places = defaultdict(set)
    for name, path, line, column in _definitions(folder, records):
        at = {"line": line - 1, "character": column}
        found = server.ask(
            "textDocument/references",
            {"textDocument": {"uri": (folder / path).as_uri()}, "position": at,
             "context": {"includeDeclaration": False}},
        )  # fmt: skip
        for place in found or ():
            used = Path(place["uri"].removeprefix("file://"))
            if used.is_relative_to(folder):
                place_line = place["range"]["start"]["line"] + 1
                places[name].add((used.relative_to(folder).as_posix(), place_line))
    return places


def _definitions(folder: Path, records: dict[str, Any]) -> Iterator[tuple[str, str, int, int]]:
    for path, record in records.items():
        lines = (folder / path).read_text().split("\n")
        for symbol in record["symbols"]:
            word = re.search(rf"\b{re.escape(symbol['name'])}\b", lines[symbol["line"] - 1])
            if word and symbol["name"] != "_":
                yield symbol["name"], path, symbol["line"], word.start()


def by_scan(records: dict[str, Any]) -> Places:
    """Where each name is used."""
    places: Places = defaultdict(set)
    for path, record in records.items():
        for use in record["calls"] + record["uses"]:
            places[use["name"]] |= {(path, at[0]) for at in use["at"]}
    return places


def compared(module: str, folder: Path) -> list[str]:
    """A module's row: names, references, precision and recall."""
    root = folder / "src" / module
    shutil.copytree(SOURCES / module, root)
    records = {
        file.relative_to(root).as_posix(): parse_blob(file.read_bytes(), "go")
        for file in sorted(root.rglob("*.go"))
    }
    server = LanguageServer(folder)
    try:
        truth = by_gopls(server, root, records)
    finally:
        server.close()
    ours = by_scan(records)
    total = sum(map(len, truth.values()))
    both = sum(len(places & ours[name]) for name, places in truth.items())
    said = sum(len(ours[name]) for name in truth)
    return [module, f"{len(truth):,}", f"{total:,}", f"{both / said:.2%}", f"{both / total:.2%}"]


def main() -> None:
    """Compare the modules that are named, or those of `MODULES`."""
    rows = []
    for module in sys.argv[1:] or MODULES:
        with tempfile.TemporaryDirectory() as folder:
            rows.append(compared(module, Path(folder)))
    print(figures.table(["module", "names", "references", "precision", "recall"], rows))


if __name__ == "__main__":
    main()
