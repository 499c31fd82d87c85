"""The manifest of a backup: as of when it is, what is in it, and by which sums that is seen."""

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Literal

from bson import Timestamp
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

NAME = "manifest.json"
_READ_BYTES = 1 << 20


class BackupFailed(Exception):
    """A backup cannot be made or used. The message is one line, and repeats no URL."""


class DumpedFile(BaseModel):
    """A file of a backup, named from the backup's directory."""

    model_config = ConfigDict(frozen=True)

    path: str = Field(pattern=r"^[^/]+(/[^/]+)?$")
    bytes: int
    sha256: str

    @field_validator("path")
    @classmethod
    def _is_inside(cls, value: str) -> str:
        if ".." in value.split("/"):
            raise ValueError("it is not in the backup")
        return value


class Manifest(BaseModel):
    """What a backup says of itself.

    tool: what made it, and restores it. schemas: those of the records, where one is not the first.
    taken_at: by MongoDB's wall clock, as times of records are. cluster_time: no earlier than any
    write that is in it. documents: how many, by collection.
    """

    model_config = ConfigDict(frozen=True)

    format: Literal[1] = 1
    tool: Literal["keepsake", "mongodump"]
    version: str
    mongodb: str
    database: str
    schemas: dict[str, int]
    taken_at: datetime
    cluster_time: tuple[int, int]
    documents: dict[str, int]
    files: tuple[DumpedFile, ...]

    @property
    def clock(self) -> Timestamp:
        """The cluster time, as MongoDB has it."""
        return Timestamp(*self.cluster_time)

    @property
    def bytes(self) -> int:
        """The size of all files."""
        return sum(file.bytes for file in self.files)

    @classmethod
    def read(cls, directory: Path) -> "Manifest":
        """The manifest of a backup.

        Raises:
            BackupFailed: There is none, or none that this version reads.
        """
        try:
            content = json.loads((directory / NAME).read_bytes())
        except OSError as error:
            raise BackupFailed(f"{directory} is no whole backup: no {NAME} can be read") from error
        except ValueError as error:
            raise BackupFailed(f"{directory / NAME} is damaged") from error
        try:
            return cls.model_validate(content)
        except ValidationError as error:
            raise BackupFailed(
                f"{directory / NAME} is of another version of Keepsake, or damaged"
            ) from error

    def require_known(self, schemas: Mapping[str, int]) -> None:
        """Make sure that this version reads the records.

        Raises:
            BackupFailed: Some are of a later schema.
        """
        later = sorted(
            name for name, schema in self.schemas.items() if schema > schemas.get(name, 1)
        )
        if later:
            raise BackupFailed(
                f"the backup was made by Keepsake {self.version}, whose {', '.join(later)} this"
                " version does not read: restore it with that version or a later one"
            )

    def verify(self, directory: Path) -> None:
        """Read every file and compare it with its sum.

        Raises:
            BackupFailed: One is missing, or is not what was written.
        """
        for file in self.files:
            try:
                size, digest = summed(directory / file.path)
            except OSError as error:
                raise BackupFailed(f"{file.path} is missing in {directory}") from error
            if (size, digest) != (file.bytes, file.sha256):
                raise BackupFailed(f"{file.path} in {directory} is damaged: its checksum differs")


def summed(path: Path) -> tuple[int, str]:
    """The size of a file and its SHA-256."""
    size, digest = 0, hashlib.sha256()
    with path.open("rb") as file:
        while some := file.read(_READ_BYTES):
            size += len(some)
            digest.update(some)
    return size, digest.hexdigest()
