"""`keepsake backup` and `keepsake compact`."""

from pathlib import Path

import click

from keepsake.backup import Manifest
from keepsake.commands.server import failing, host_settings
from keepsake.launcher import (
    compact as compact_database,
)
from keepsake.launcher import (
    database_of,
    make_backup,
    restore_backup,
)
from keepsake_client.commands import Output, OutputCommand

_DIRECTORY = click.argument("directory", type=click.Path(path_type=Path, file_okay=False))


@click.group
def backup() -> None:
    """Back the database up, and restore it.

    RabbitMQ and the mirrors of repositories hold nothing that must be backed up. The vault's key
    (KEEPSAKE_SECRET_KEY) is in no backup: keep it elsewhere, or credentials cannot be opened.
    """


@backup.command(cls=OutputCommand)
@_DIRECTORY
@click.option("--mongodump", is_flag=True, help="Have mongodump do it, of the whole server.")
@failing()
def make(out: Output, directory: Path, *, mongodump: bool) -> None:
    """Write a backup into a new DIRECTORY, as of one moment, while the service runs.

    What it holds is whatever clients have stored, readable as it is: only its owner can enter the
    directory. It has its name only once it is whole.
    """
    settings = host_settings()
    with database_of(settings) as database:
        manifest = make_backup(database, directory.absolute(), settings, mongodump=mongodump)
    out.lines(
        _shown(manifest), [*_told(manifest), "keep the vault's key elsewhere: it is not in it"]
    )


@backup.command(cls=OutputCommand)
@_DIRECTORY
@failing()
def check(out: Output, directory: Path) -> None:
    """Read a backup, and compare all of it with its checksums."""
    manifest = Manifest.read(directory)
    manifest.verify(directory)
    out.lines(_shown(manifest), [*_told(manifest), "its checksums hold"])


@backup.command(cls=OutputCommand)
@_DIRECTORY
@click.option("--drop", is_flag=True, help="Lose what the database holds now.")
@failing()
def restore(out: Output, directory: Path, *, drop: bool) -> None:
    """Restore a backup into an empty database, while no web and worker process runs.

    What was running goes on, and what was accepted after the backup is not there.
    """
    settings = host_settings()
    with database_of(settings) as database:
        manifest, closed = restore_backup(database, directory.absolute(), settings, drop=drop)
    lines = [*_told(manifest), "restored: start web and workers"]
    if closed:
        lines.append(f"no key that is set opens {closed} credentials: set the former vault's key")
    out.lines({**_shown(manifest), "credentials_closed": closed}, lines)


@click.command(cls=OutputCommand)
@failing()
def compact(out: Output) -> None:
    """Write the private MongoDB anew, so that nothing deleted is in its files any more.

    It must not run meanwhile, and needs as much room again as it takes.
    """
    done = compact_database(host_settings())
    out.lines(
        {"bytes_before": done.bytes_before, "bytes_after": done.bytes_after},
        [f"{done.bytes_before / 1e6:.1f} MB before, {done.bytes_after / 1e6:.1f} MB after"],
    )


def _shown(manifest: Manifest) -> dict[str, object]:
    shown: dict[str, object] = manifest.model_dump(mode="json", exclude={"files"})
    return {**shown, "bytes": manifest.bytes}


def _told(manifest: Manifest) -> list[str]:
    documents = sum(manifest.documents.values())
    return [f"as of {manifest.taken_at.isoformat()}: documents {documents}, "
            f"collections {len(manifest.documents)}, {manifest.bytes / 1e6:.1f} MB"]  # fmt: skip
