"""Directories that are there whole or not at all, for this user alone."""

import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from keepsake.backup.manifest import BackupFailed
from keepsake.storage import private_directory


@contextmanager
def drafted(directory: Path) -> Iterator[Path]:
    """A private directory that gets its name once all in it is on disk; else nothing stays of it.

    Of a process that was killed a draft stays, whose name begins with a dot.

    Raises:
        BackupFailed: Something has that name, or cannot be written.
        NotPrivate: Others may change what is there.
    """
    if os.path.lexists(directory):
        raise BackupFailed(f"{directory} is there already: name a new directory")
    draft = directory.with_name(f".{directory.name}.{secrets.token_hex(4)}")
    try:
        private_directory(draft)
        yield draft
        _synced(draft)
        draft.rename(directory)
        _synced(directory.parent)
    except OSError as error:
        raise BackupFailed(f"{directory} cannot be written: {error.strerror}") from error
    finally:
        shutil.rmtree(draft, ignore_errors=True)


@contextmanager
def private_file(path: Path) -> Iterator[BinaryIO]:
    """A new file that others never read; it is on disk at the end."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        yield file
        file.flush()
        os.fsync(descriptor)


def _synced(directory: Path) -> None:
    """Have the names in a directory on disk."""
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
