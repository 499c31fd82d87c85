"""What `keepsake run` is told, and what its data directory keeps for the next command."""

import base64
import io
import os
from collections.abc import Callable, Iterator
from pathlib import Path

from dotenv import dotenv_values
from pydantic import Field, SecretStr

from keepsake.jobs import VaultSettings
from keepsake.launcher.process import LOOPBACK, MARK, CannotStart
from keepsake.storage import (
    Audience,
    DataSettings,
    MongoSettings,
    Settings,
    read_secret,
    write_secret,
)
from middleware.broker import BrokerSettings
from middleware.faults import VARIABLE as FAULT
from middleware.management import ManagementSettings
from web import WEB, ServerSettings


class LauncherSettings(
    DataSettings, ServerSettings, MongoSettings, BrokerSettings, ManagementSettings, VaultSettings
):
    """Ports and sizes of what is started; a server whose URL is set is used, and none started."""

    audience = Audience.BEGINNERS

    amqp_port: int = Field(default=5673, ge=1, le=65_535)
    """The private RabbitMQ."""
    management_port: int = Field(default=15673, ge=1, le=65_535)
    """Its management console."""
    mongo_port: int = Field(default=27018, ge=1, le=65_535)
    """The private mongod."""
    worker_processes: int = Field(default=2, ge=1, le=64)
    """Worker processes."""
    worker_threads: int = Field(default=4, ge=1, le=256)
    """Threads of each."""
    sample: bool = True
    """`0`: no sample turn."""

    @property
    def base_url(self) -> str:
        """Where the API is asked on this machine, also if it listens everywhere."""
        host = LOOPBACK if self.http_host in {"0.0.0.0", "::"} else self.http_host
        return f"http://{f'[{host}]' if ':' in host else host}:{self.http_port}"

    @property
    def starts_rabbitmq(self) -> bool:
        """Whether RabbitMQ is a private one."""
        return "amqp_url" not in self.model_fields_set

    @property
    def starts_mongod(self) -> bool:
        """Whether MongoDB is a private one."""
        return "mongo_url" not in self.model_fields_set

    @property
    def remembered_mongo(self) -> Path:
        """The file in which the data directory remembers where its private mongod listens."""
        return self.data_dir / "mongo-url"


KINDS: tuple[type[Settings], ...] = (*WEB, DataSettings, LauncherSettings)
"""All settings."""


def variables() -> Iterator[str]:
    """The names that the server reads: its entry point of the group `keepsake.settings`."""
    for kind in KINDS:
        yield from kind.variables().values()
    yield from (MARK, FAULT)


def read_env_file(directory: Path) -> None:
    """Set what the `.env` of a data directory says and the environment does not.

    Raises:
        NotPrivate: Others may read the file.
        CannotStart: It holds something else than settings.
    """
    path = directory / ".env"
    if not path.exists():
        return
    lines = dotenv_values(stream=io.StringIO(read_secret(path)), interpolate=False)
    for name, value in lines.items():
        if value is None or not name.startswith("KEEPSAKE_") or name == "KEEPSAKE_DATA_DIR":
            raise CannotStart(f"{path}: {name} is no setting with a value that may stand there")
        if not os.environ.get(name):
            os.environ[name] = value


def kept(path: Path, make: Callable[[], str]) -> str:
    """Read a secret, or make and keep it.

    Raises:
        NotPrivate: Others may read it.
    """
    if not path.exists():
        write_secret(path, make())
    return read_secret(path)


def vault_settings(settings: LauncherSettings) -> VaultSettings:
    """The vault's keys: those that are set, else what `keepsake run` keeps.

    Raises:
        NotPrivate: Others may read them.
        ValidationError: They are no keys.
    """
    path = settings.data_dir / "vault-key"
    if settings.secret_key is not None or not path.exists():
        return settings
    return VaultSettings(secret_key=SecretStr(read_secret(path)))


def vault_key() -> str:
    """A new key for the vault."""
    return base64.b64encode(os.urandom(32)).decode()
