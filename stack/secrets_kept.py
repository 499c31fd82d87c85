"""Secrets that a data directory keeps between runs, readable by their owner only."""

import base64
import os
from collections.abc import Callable
from pathlib import Path


def kept(path: Path, make: Callable[[], str]) -> str:
    """Read a secret, or make and keep it."""
    if not path.exists():
        write(path, make())
    return path.read_text().strip()


def write(path: Path, secret: str) -> None:
    """Keep a secret; the file is never readable by others, not even for a moment."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(secret + "\n")


def vault_key() -> str:
    """A new key for the vault."""
    return base64.b64encode(os.urandom(32)).decode()
