"""What `make run` starts and where."""

from pydantic import Field, SecretStr

from storage.settings import DataSettings


class StackSettings(DataSettings):
    """Ports, directory and sizes; with a URL set, that server is used instead of a private one."""

    http_port: int = Field(default=8000, ge=1, le=65_535)
    amqp_port: int = Field(default=5673, ge=1, le=65_535)
    management_port: int = Field(default=15673, ge=1, le=65_535)
    mongo_port: int = Field(default=27018, ge=1, le=65_535)
    worker_processes: int = Field(default=2, ge=1, le=64)
    worker_threads: int = Field(default=4, ge=1, le=256)
    web_processes: int = Field(default=1, ge=1, le=64)
    amqp_url: SecretStr | None = None
    mongo_url: SecretStr | None = None
    management_url: SecretStr | None = None
    secret_key: SecretStr | None = None
    sample: bool = True
