"""Processes forked from one that has imported all they need: real in all else, and there at once.

A test that kills twenty of them would otherwise spend most of its time on imports.
"""

import multiprocessing
import os
import signal
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from multiprocessing import resource_tracker
from pathlib import Path
from subprocess import CompletedProcess, TimeoutExpired
from tempfile import TemporaryDirectory

_CONTEXT = multiprocessing.get_context("forkserver")
_CONTEXT.set_forkserver_preload([
    "dramatiq.cli", "keepsake.commands.server", "keepsake.commands.settings", "keepsake_client.cli",
    "keepsake.memory.shared_links", "keepsake.memory.service",
    "keepsake.scanner.pipeline", "middleware.stack", "numpy", "safetensors.numpy",
    "tests.integration.scanner.scan_process",
])  # fmt: skip


class Fork:
    """A function in a process of its own, at the head of its own group."""

    def __init__(
        self,
        function: Callable[..., None],
        *arguments: object,
        log: Path,
        errors: Path | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        where = (str(log), str(errors or log))
        variables = dict(os.environ if environment is None else environment)
        self._process = _CONTEXT.Process(
            target=_alone, args=(function, arguments, variables, where)
        )
        self._group_ended = False
        self._process.start()

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def exit_code(self) -> int | None:
        if self._process.exitcode is not None:
            self._end_group()
        return self._process.exitcode

    def wait(self, seconds: float = 60) -> int | None:
        self._process.join(seconds)
        return self.exit_code

    def kill(self) -> None:
        """With its group, which it leads from its first moment but one."""
        self._process.kill()
        self._end_group()
        self._process.join()

    def _end_group(self) -> None:
        """Once: when nobody of it is left, its number may become another's."""
        if not self._group_ended:
            self._group_ended = True
            with suppress(ProcessLookupError):
                os.killpg(self.pid, signal.SIGKILL)


def pipe():
    """Two ends, of which the second may be given to a fork."""
    return _CONTEXT.Pipe(duplex=False)


def dramatiq_worker(arguments: list[str], environment: Mapping[str, str]) -> None:
    """What the command `dramatiq` does; its semaphores end with its group, and no warning comes."""
    from dramatiq.cli import main

    own = resource_tracker.ResourceTracker()
    resource_tracker.register, resource_tracker.unregister = own.register, own.unregister
    os.environ.update(environment)
    sys.argv = ["dramatiq", *arguments]
    sys.exit(main())


def keepsake(
    *arguments: str, environment: Mapping[str, str], seconds: float = 100
) -> CompletedProcess[str]:
    """What the command line does, in a process of its own that has its imports behind it."""
    with TemporaryDirectory() as directory:
        output, errors = Path(directory) / "output", Path(directory) / "errors"
        process = Fork(_command_line, arguments, log=output, errors=errors, environment=environment)
        code = process.wait(seconds)
        if code is None:
            process.kill()
            raise TimeoutExpired(arguments, seconds)
        return CompletedProcess(arguments, code, output.read_text(), errors.read_text())


def _command_line(arguments: tuple[str, ...]) -> None:
    from keepsake_client.__main__ import main

    sys.argv = ["keepsake", *arguments]
    main()


def _alone(
    function: Callable[..., None],
    arguments: tuple[object, ...],
    environment: Mapping[str, str],
    where: tuple[str, str],
) -> None:
    os.setsid()
    os.environ.clear()
    os.environ.update(environment)
    for stream, path in enumerate(where, 1):
        with Path(path).open("ab") as output:
            os.dup2(output.fileno(), stream)
    function(*arguments)
