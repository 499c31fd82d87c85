"""Secrets that a data directory keeps between runs, readable by their owner only."""

import base64
import os
from collections.abc import Callable
from pathlib import Path

from pydantic import SecretStr

from keepsake.jobs.vault import VaultSettings
from keepsake.launcher.settings import StackSettings
from keepsake.storage.secrecy import read_secret, write_secret


def kept(path: Path, make: Callable[[], str]) -> str:
    """Read a secret, or make and keep it.

    Raises:
        NotPrivate: Others may read it.
    """
    if not path.exists():
        write_secret(path, make())
    return read_secret(path)


def vault(settings: StackSettings) -> VaultSettings:
    """The vault's keys: those that are set, else what `make run` keeps.

    Raises:
        NotPrivate: Others may read them.
        ValidationError: They are no keys.
    """
    path = settings.data_dir / "vault-key"
    if settings.secret_key is not None or not path.exists():
        return VaultSettings()
    return VaultSettings(secret_key=SecretStr(read_secret(path)))


def vault_key() -> str:
    """A new key for the vault."""
    return base64.b64encode(os.urandom(32)).decode()
