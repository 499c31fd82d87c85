"""Exit codes, and the one sentence with which a command fails."""

from collections.abc import Iterator
from contextlib import contextmanager
from enum import IntEnum
from typing import IO, Any

import click

from keepsake_client.errors import (
    ConnectionFailed,
    JobFailed,
    KeepsakeError,
    Problem,
    UnexpectedAnswer,
    WaitTimeout,
)


class Exit(IntEnum):
    """How a command ended. docs/cli.md lists them."""

    DONE = 0
    FAILED = 1
    USAGE = 2
    NOT_FOUND = 3
    DENIED = 4
    UNREACHABLE = 5
    REFUSED = 6
    UNAVAILABLE = 7
    UNFINISHED = 8
    INTERRUPTED = 130
    BROKEN_PIPE = 141


_BY_STATUS = {
    401: Exit.DENIED, 403: Exit.DENIED, 404: Exit.NOT_FOUND,
    408: Exit.UNAVAILABLE, 429: Exit.UNAVAILABLE,
}  # fmt: skip
_SERVER_ERROR = 500


class CommandFailed(click.ClickException):
    """Ends a command with one line and an exit code."""

    def __init__(self, message: str, code: Exit = Exit.FAILED) -> None:
        super().__init__(message)
        vars(self)["exit_code"] = code  # click declares it for classes

    def show(self, file: IO[Any] | None = None) -> None:
        """Print it on stderr."""
        click.echo(f"keepsake: {self.message}", file=file, err=True)


@contextmanager
def explained() -> Iterator[None]:
    """Turn errors of the client into the end of a command.

    Raises:
        CommandFailed: The service or the client raised an error, or a file cannot be used.
    """
    try:
        yield
    except BrokenPipeError:
        raise  # whoever read what is printed has left
    except KeepsakeError as error:
        raise CommandFailed(told(error), code_of(error)) from None
    except KeyboardInterrupt:
        raise CommandFailed("interrupted", Exit.INTERRUPTED) from None
    except (OSError, ValueError) as error:
        raise CommandFailed(str(error), Exit.USAGE) from None


def code_of(error: KeepsakeError) -> Exit:
    """The exit code of an error."""
    if isinstance(error, Problem):
        fallback = Exit.UNAVAILABLE if error.status >= _SERVER_ERROR else Exit.REFUSED
        return _BY_STATUS.get(error.status, fallback)
    if isinstance(error, ConnectionFailed | UnexpectedAnswer):
        return Exit.UNREACHABLE
    return Exit.UNFINISHED if isinstance(error, WaitTimeout) else Exit.FAILED


def told(error: KeepsakeError) -> str:
    """An error in one line: what went wrong, and by which request the service's log names it."""
    said = " ".join(str(error).split())
    if isinstance(error, Problem) and error.request_id:
        return f"{said.removesuffix(')')}, request {error.request_id})"
    if isinstance(error, JobFailed) and error.hint:
        return f"{said.rstrip('.')}. {error.hint}"
    return said
