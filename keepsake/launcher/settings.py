"""What `make run` starts and where."""

from pydantic import Field, SecretStr

from keepsake.launcher.ports import LOOPBACK
from keepsake.storage.settings import DataSettings
from web import ServerSettings


class StackSettings(DataSettings, ServerSettings):
    """Ports, directory and sizes; with a URL set, that server is used instead of a private one."""

    amqp_port: int = Field(default=5673, ge=1, le=65_535)
    management_port: int = Field(default=15673, ge=1, le=65_535)
    mongo_port: int = Field(default=27018, ge=1, le=65_535)
    worker_processes: int = Field(default=2, ge=1, le=64)
    worker_threads: int = Field(default=4, ge=1, le=256)
    amqp_url: SecretStr | None = None
    mongo_url: SecretStr | None = None
    management_url: SecretStr | None = None
    secret_key: SecretStr | None = None
    sample: bool = True

    @property
    def base_url(self) -> str:
        """Where the API is asked on this machine, also if it listens everywhere."""
        host = LOOPBACK if self.http_host in {"0.0.0.0", "::"} else self.http_host
        return f"http://{f'[{host}]' if ':' in host else host}:{self.http_port}"
