"""How far jobs are, on stderr: bars on a terminal, lines elsewhere."""

import os
import sys
import time
from typing import TYPE_CHECKING, Any, Protocol

import click

from keepsake_client.commands.calling import Call
from keepsake_client.commands.exits import CommandFailed, Exit
from keepsake_client.commands.output import console, printable
from keepsake_client.errors import ConnectionFailed, WaitTimeout

if TYPE_CHECKING:
    from rich.progress import ProgressColumn, Task
    from rich.text import Text
    from typing_extensions import Self

    from keepsake_client.handles import Job
    from keepsake_client.models.jobs import JobInfo, LogLine, Progress

_SLICE_SECONDS = 15.0
"""For how long the service is asked to hold one request, and for how long it may be away."""
_BETWEEN_LINES = 5.0


class Display(Protocol):
    """What shows how far one job is."""

    def __enter__(self) -> "Self":
        """Show it until the end of the block."""

    def __exit__(self, *_: object) -> None:
        """Leave what was shown."""

    def state(self, status: str) -> None:
        """It is in this state."""

    def progress(self, progress: "Progress") -> None:
        """It is this far."""

    def log(self, line: "LogLine") -> None:
        """It said something."""


class Lines:
    """A line for each stage, and one every few seconds."""

    def __init__(self) -> None:
        self._shown = ""
        self._stage = ""
        self._next = 0.0

    def __enter__(self) -> "Self":
        """Show it until the end of the block."""
        return self

    def __exit__(self, *_: object) -> None:
        """There is nothing to leave."""

    def state(self, status: str) -> None:
        """A line when it changes."""
        if status != self._shown:
            self._shown = status
            click.echo(status, err=True)

    def progress(self, progress: "Progress") -> None:
        """A line when the stage changes, or the last one is some seconds old."""
        if progress.stage == self._stage and time.monotonic() < self._next:
            return
        self._shown = "running"
        self._stage, self._next = progress.stage, time.monotonic() + _BETWEEN_LINES
        click.echo(line_of(progress), err=True)

    def log(self, line: "LogLine") -> None:
        """A line."""
        click.echo(printable(line.message), err=True)


class Bars:
    """A bar for each stage: how many are done, how many each second, and the time left."""

    def __init__(self) -> None:
        from rich import progress  # noqa: PLC0415 - 60 ms that only a terminal needs

        self._bars = progress.Progress(
            progress.TextColumn("{task.description}", markup=False),
            progress.BarColumn(bar_width=None),
            _counted(), progress.TimeRemainingColumn(compact=True), console=console(err=True),
        )  # fmt: skip
        self._task = self._bars.add_task("accepted", total=None)
        self._stage: str | None = None

    def __enter__(self) -> "Self":
        """Show it until the end of the block."""
        self._bars.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Leave the bars as they are."""
        self._bars.stop()

    def state(self, status: str) -> None:
        """The name of a bar that stands for no stage yet; the end fills the last one."""
        if self._stage is None:
            self._bars.update(self._task, description=printable(status))
        elif status == "succeeded":
            self._finish()

    def progress(self, progress: "Progress") -> None:
        """The bar of a stage; a new one when the stage changes."""
        stage = printable(progress.stage)
        if self._stage is None:
            self._bars.remove_task(self._task)
        if stage != self._stage:
            self._finish()
            self._stage = stage
            self._task = self._bars.add_task(stage, total=None, unit=printable(progress.unit))
        self._bars.update(self._task, completed=progress.done, total=progress.total)

    def log(self, line: "LogLine") -> None:
        """A line above the bars."""
        self._bars.console.print(printable(line.message))

    def _finish(self) -> None:
        if self._stage is not None:
            (task,) = (task for task in self._bars.tasks if task.id == self._task)
            self._bars.update(self._task, total=task.completed or 1, completed=task.completed or 1)
            self._bars.stop_task(self._task)


def _counted() -> "ProgressColumn":
    from rich.progress import ProgressColumn  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    class Counted(ProgressColumn):
        """How many of how many, and how many each second."""

        def render(self, task: "Task") -> "Text":
            """The text."""
            unit = task.fields.get("unit", "")
            if not unit:
                return Text("")
            of = f"/{task.total:.0f}" if task.total else ""
            speed = task.finished_speed or task.speed
            rate = f", {speed:.0f} {unit}/s" if speed else ""
            return Text(f"{task.completed:.0f}{of} {unit}{rate}")

    return Counted()


def display() -> Display:
    """Bars on a terminal that can draw them, lines elsewhere."""
    draws = sys.stderr.isatty() and os.environ.get("TERM", "dumb") != "dumb"
    return Bars() if draws else Lines()


def line_of(progress: "Progress") -> str:
    """How far a job is, in one line."""
    total = "" if progress.total is None else f" of {progress.total}"
    counted = f"{progress.done}{total} {progress.unit}".strip()
    words = [progress.stage, counted, progress.message]
    return printable(", ".join(word for word in words if word))


def waited(call: Call, job: "Job[Any]", timeout: float | None = None) -> "JobInfo":
    """Show how far a job is until it has ended.

    Raises:
        CommandFailed: It goes on: it took too long, the service is away, or Ctrl-C was pressed.
    """
    until = time.monotonic() + timeout if timeout is not None else float("inf")
    try:
        with display() as shown:
            while not job.info.ended:
                shown.state(job.status)
                _slice(job, shown, until)
            shown.state(job.status)
    except (KeyboardInterrupt, ConnectionFailed, WaitTimeout) as error:
        raise left(call, job.id, error) from None
    return job.info


def _slice(job: "Job[Any]", shown: Display, until: float) -> None:
    seconds = min(_SLICE_SECONDS, until - time.monotonic())
    try:
        job.wait(max(seconds, 0), shown.progress)
    except WaitTimeout:
        if time.monotonic() >= until:
            raise


def left(call: Call, job_id: str, error: BaseException) -> CommandFailed:
    """The end of a command that leaves a job to go on, with the command that follows it."""
    reason, code = "", Exit.INTERRUPTED
    if isinstance(error, WaitTimeout):
        reason, code = "it takes longer; ", Exit.UNFINISHED
    elif isinstance(error, ConnectionFailed):
        reason, code = f"{error}; ", Exit.UNREACHABLE
    follow = call.again("jobs watch", job_id)
    return CommandFailed(f"{reason}{job_id} goes on; to follow it: {follow}", code)
