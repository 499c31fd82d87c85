"""`--out-file`: a secret that is shown once goes into a new file that only its owner can read."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from keepsake_client.commands.exits import CommandFailed, Exit


def out_file_option(what: str) -> Callable[[Any], Any]:
    """The option; `what` is put there."""
    return click.option(
        "--out-file", type=click.Path(dir_okay=False, path_type=Path),
        help=f"Write the {what} to this new file, for its owner alone, and do not show it.",
    )  # fmt: skip


@contextmanager
def reserved(file: Path | None) -> Iterator[None]:
    """While a secret is made: its file is there before, and goes if nothing was written to it.

    So no secret is made that could not be written.

    Raises:
        CommandFailed: There is a file of this name, or none can be made.
    """
    if file is None:
        yield
        return
    try:
        os.close(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    except OSError as error:
        raise CommandFailed(f"{file}: {error.strerror}", Exit.USAGE) from None
    try:
        yield
    finally:
        if file.stat().st_size == 0:
            file.unlink()


def shown(secret: str, file: Path | None) -> str:
    """Put a secret where it belongs; what is printed for it."""
    if file is None:
        return secret
    file.write_text(f"{secret}\n", encoding="utf-8")
    return f"in {file}"
