"""Backups by `mongodump`, restored by `mongorestore`: as long as they take, of the whole server.

Both are told the URL in a file of this user's, never as an argument. The dump is as of its end, by
the oplog that it brings along.
"""

import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from pydantic import SecretStr
from pymongo.database import Database

from keepsake.backup.directories import drafted, private_file
from keepsake.backup.manifest import NAME, BackupFailed, DumpedFile, Manifest, summed
from keepsake.backup.restoring import (
    Mend,
    create_indexes,
    documents_in_file,
    empty,
    reach,
    require_empty,
    unhurried,
)
from keepsake.storage import DatabaseClock, Document, cluster_time, redacted, translated

_PLAIN = ("PATH", "HOME", "LANG", "TZ", "TMPDIR", "SSL_CERT_FILE", "SSL_CERT_DIR")
_MINE = 0o077


def take_by_mongodump(
    database: Database[Document],
    url: SecretStr,
    directory: Path,
    schemas: Mapping[str, int],
    version: str,
) -> Manifest:
    """Write a backup of the whole server into a new directory.

    Raises:
        BackupFailed: The tool is not there, failed, or the directory cannot be written.
        NotPrivate: Others may change what is there.
        StorageError: MongoDB does not answer.
    """
    with drafted(directory) as draft:
        _run(["mongodump", "--oplog", "--quiet", f"--out={draft}"], url)
        with translated("backing up"):
            at, moment = DatabaseClock().time(database).now, cluster_time(database)
            server = database.client.server_info()["version"]
        manifest = Manifest(
            tool="mongodump", version=version, mongodb=server, database=database.name,
            schemas=dict(schemas), taken_at=at,
            cluster_time=(moment.time, moment.inc), documents=_counts(draft / database.name),
            files=tuple(_files(draft)),
        )  # fmt: skip
        with private_file(draft / NAME) as file:
            file.write(manifest.model_dump_json(indent=1).encode())
    return manifest


def restore_by_mongorestore(
    database: Database[Document],
    url: SecretStr,
    directory: Path,
    manifest: Manifest,
    mend: Mend,
    *,
    drop: bool,
) -> None:
    """Restore a backup of `mongodump`'s into a server.

    What is not in it stays as it is in other databases; of ours nothing does.

    Raises:
        BackupFailed: As `restore_snapshot` has it; or the tool is not there, or failed.
        StorageError: MongoDB does not answer, or refused. The database stays marked.
    """
    if database.name != manifest.database:
        raise BackupFailed(f"mongorestore restores it as {manifest.database}: set that name")
    manifest.verify(directory)
    if not drop:
        require_empty(database)
    reach(database, manifest.clock)
    with unhurried(database):
        empty(database)
        dropped = ["--drop"] if drop else []
        # Indexes are made last, so that nothing expires before it is mended.
        _run(["mongorestore", "--oplogReplay", "--noIndexRestore", "--quiet", *dropped,
              f"--dir={directory}"], url)  # fmt: skip
        mend(database, manifest)
        create_indexes(database, directory, manifest)


def _run(command: list[str], url: SecretStr) -> None:
    tool, *arguments = command
    path = shutil.which(tool)
    if path is None:
        raise BackupFailed(f"there is no {tool}: install MongoDB's database tools")
    environment = {name: os.environ[name] for name in _PLAIN if name in os.environ}
    with _told(url) as config:
        done = subprocess.run(
            [path, f"--config={config}", *arguments],
            env=environment, umask=_MINE, stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False,
        )  # fmt: skip
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip().splitlines()[-1:] or ["it said nothing"]
        raise BackupFailed(f"{tool} failed: {redacted(said[0])}")


@contextmanager
def _told(url: SecretStr) -> Iterator[Path]:
    """A file with the URL, for this user alone, for as long as a tool runs."""
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder) / "config.yaml"
        with private_file(config) as file:  # a JSON string is one of YAML's too
            file.write(f"uri: {json.dumps(url.get_secret_value())}\n".encode())
        yield config


def _files(draft: Path) -> Iterator[DumpedFile]:
    for path in sorted(draft.rglob("*")):
        if path.is_file():
            size, digest = summed(path)
            yield DumpedFile(path=str(path.relative_to(draft)), bytes=size, sha256=digest)


def _counts(folder: Path) -> dict[str, int]:
    """How many documents were dumped of each collection, without what the oplog brings."""
    return {path.stem: documents_in_file(path) for path in sorted(folder.glob("*.bson"))}
