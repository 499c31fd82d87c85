"""The processes of this machine, as Linux shows them: a bare system has no `ps`."""

import os
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Shown:
    """A process that runs, and what its owner can read of it."""

    pid: int
    command: str
    environment: dict[str, str]


def shown(command: str = "", **environment: str) -> list[Shown]:
    """The other processes with these words in their command and all of this environment."""
    processes = [_read(entry) for entry in Path("/proc").glob("[0-9]*")]
    return [
        process
        for process in processes
        if process is not None
        and process.pid != os.getpid()
        and command in process.command
        and environment.items() <= process.environment.items()
    ]


def children(pid: int) -> list[int]:
    """The processes that a process has started, by id."""
    listed = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    return [int(child) for child in listed.split()]


def _read(entry: Path) -> Shown | None:
    """None when it has ended meanwhile, or is another user's."""
    try:
        command = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode()
        variables = (entry / "environ").read_bytes().decode(errors="replace").split("\0")
    except OSError:
        return None
    pairs = (variable.partition("=") for variable in variables)
    return Shown(int(entry.name), command, {name: value for name, _, value in pairs})
