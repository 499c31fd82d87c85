"""`keepsake profiles`: services by name."""

import sys
from pathlib import Path
from typing import Any

import click

from keepsake_client.commands import connections as stored
from keepsake_client.commands.calling import OutputCommand
from keepsake_client.commands.exits import CommandFailed, Exit
from keepsake_client.commands.output import Column, Output

_COLUMNS: tuple[Column[Any], ...] = (
    Column("profile", lambda profile: profile["profile"], whole=True),
    Column("url", lambda profile: profile["url"]),
    Column("key", lambda profile: profile["key"]),
)


@click.group
def profiles() -> None:
    """Name services and their keys; the profile `default` is used when none is named."""


@profiles.command("ls", cls=OutputCommand)
def ls(out: Output) -> None:
    """List the profiles, and where the key of each is."""
    out.rows(
        [_view(name, section) for name, section in stored.read().items()], _COLUMNS,
        none=f"No profiles in {stored.path()}.",
    )  # fmt: skip


@profiles.command(cls=OutputCommand)
@click.argument("name", default=stored.DEFAULT)
@click.option("--url", default="http://127.0.0.1:8000", show_default=True, help="The service.")
@click.option("--key-file", type=click.Path(exists=True, dir_okay=False, path_type=Path),
              help="The file that holds its key; it stays there.")  # fmt: skip
@click.option("--keyring", is_flag=True, help="Keep the key in the system's keyring.")
def add(out: Output, name: str, url: str, key_file: Path | None, *, keyring: bool) -> None:
    """Add a profile, or put another in its place.

    Without --key-file the key is asked for, or read from stdin. It is kept in the file of
    profiles, or with --keyring in the keyring.
    """
    section = {"url": url}
    if key_file is not None:
        section["key_file"] = str(key_file.resolve())
    elif keyring:
        stored.keep_in_keyring(name, _asked())
        section["keyring"] = "yes"
    else:
        section["key"] = _asked()
    with stored.changing() as profiles:
        profiles[name] = section
    out.record(_view(name, section), _view(name, section).items())


@profiles.command(cls=OutputCommand)
@click.argument("name")
def rm(out: Output, name: str) -> None:
    """Remove a profile, with the key that it keeps."""
    with stored.changing() as profiles:
        if name not in profiles:
            raise CommandFailed(f"there is no profile {name}", Exit.NOT_FOUND)
        section = profiles.pop(name)
    if section.get("keyring") == "yes":
        stored.forget_in_keyring(name)
    out.record({"profile": name}, [("removed", name)])


def _view(name: str, section: dict[str, str]) -> dict[str, str]:
    """A profile without its key."""
    key = section.get("key_file") or ("keyring" if "keyring" in section else "in this file")
    return {"profile": name, "url": section.get("url", ""), "key": key}


def _asked() -> str:
    """A key, from a person who types it unseen, or from stdin."""
    if sys.stdin.isatty():
        key: str = click.prompt("API key", hide_input=True, err=True)
    else:
        key = sys.stdin.read()
    if not key.strip():
        raise CommandFailed("no key was given", Exit.USAGE)
    return key.strip()
