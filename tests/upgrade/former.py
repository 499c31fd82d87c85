"""Web and workers of a commit, as it was: its code runs, on servers that others use too."""

import os
import subprocess
import sys
from pathlib import Path

from bench.checkout import unpack
from keepsake.launcher.process import LOOPBACK, Process, free_port, until

BEFORE_TRIGRAMS = "21d98a21"
"""Its memories do not say their model, its texts have no trigrams, and it reads by `overflow`."""
BEFORE_MIGRATIONS = "271f32e8"
"""The commit before there were migrations."""
_SERVERS = {f"KEEPSAKE_{name}" for name in ("MONGO_URL", "AMQP_URL", "DATA_DIR")}
"""What is passed on of the settings of this process: others it may not know."""
_ALL = 1_000_000
_ISSUE_KEY = """
import sys
from keepsake import access
from keepsake.launcher import ensure_indexes
from keepsake.storage import connect
database, (owner, role) = connect(), sys.argv[1:]
ensure_indexes(database)
scopes = [*access.ALL_SCOPES, access.CONTENT] if role == "operator" else access.ALL_SCOPES
print(access.KeyStore(database).create(owner, role=access.Role(role), scopes=scopes))
"""


class Former:
    """A commit that is unpacked into a directory, with what of it runs.

    environment: settings of all its processes.
    """

    def __init__(self, commit: str, directory: Path, environment: dict[str, str]) -> None:
        self.directory = directory / commit
        self.directory.mkdir(parents=True)
        unpack(commit, self.directory)
        path = f"{self.directory}{os.pathsep}{self.directory / 'clients/python'}"
        ours = {name: value for name, value in os.environ.items()
                if name in _SERVERS or not name.startswith("KEEPSAKE_")}  # fmt: skip
        self._environment = {**ours, **environment, "PYTHONPATH": path}
        self._started: list[Process] = []

    def web(self, **environment: str) -> str:
        """Start web; its base URL."""
        port = free_port()
        self._start("web.serving", "web", KEEPSAKE_HTTP_PORT=str(port), **environment)
        return f"http://{LOOPBACK}:{port}"

    def worker(self, **environment: str) -> Process:
        """Start a worker."""
        command = ("middleware.work", "actors", "--processes", "1", "--threads", "8")
        return self._start("ready for action", *command, **environment)

    def key(self, owner: str, role: str = "owner") -> str:
        """An API key that its code makes."""
        made = subprocess.run(
            [sys.executable, "-c", _ISSUE_KEY, owner, role], cwd=self.directory,
            env=self._environment, check=True, capture_output=True, text=True,
        )  # fmt: skip
        return made.stdout.strip()

    @property
    def last(self) -> Process:
        """What was started last."""
        return self._started[-1]

    def stop(self) -> None:
        """Stop all that runs."""
        for process in self._started:
            process.stop(grace_seconds=15)

    def _start(self, ready: str, module: str, *arguments: str, **environment: str) -> Process:
        process = Process(
            module, [sys.executable, "-m", module, *arguments], directory=self.directory,
            log=self.directory.parent / f"{self.directory.name}-{len(self._started)}.log",
            environment={**self._environment, **environment},
        )  # fmt: skip
        self._started.append(process)
        process.start()
        until(lambda: ready in process.tail(_ALL), process, within_seconds=90)
        return process
