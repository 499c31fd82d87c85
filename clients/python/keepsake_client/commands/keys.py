"""`keepsake keys`: API keys, made and revoked by operators."""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from keepsake_client.commands.calling import Call, ServiceCommand
from keepsake_client.commands.exits import CommandFailed, Exit
from keepsake_client.commands.output import Column, ago
from keepsake_client.commands.secret_files import out_file_option, reserved
from keepsake_client.commands.values import moment

if TYPE_CHECKING:
    from keepsake_client.models.admin import ApiKey, NewApiKey

_COLUMNS: tuple[Column[Any], ...] = (
    Column("key", lambda key: key.key_id, whole=True),
    Column("owner", lambda key: key.owner),
    Column("role", lambda key: key.role),
    Column("state", lambda key: "revoked" if key.revoked_at else "valid"),
    Column("name", lambda key: key.name),
    Column("created", lambda key: ago(key.created_at)),
    Column("expires", lambda key: key.expires_at),
    Column("scopes", lambda key: key.scopes),
)


@click.group
def keys() -> None:
    """Make, list, revoke and replace API keys; for operators."""


@keys.command(cls=ServiceCommand)
@click.option("--owner", required=True, help="Who the key stands for.")
@click.option("--role", help="`owner`, `operator-read-only` or `operator`; default: owner.")
@click.option("--scope", "scopes", multiple=True, help="What it is held to; may be repeated.")
@click.option("--organisation", "organisations", multiple=True,
              help="Whose shared indexes it may search; may be repeated.")  # fmt: skip
@click.option("--expires-at", type=moment, help="Default: never.")
@click.option("--name", help="What it is called in lists of keys.")
@click.option("--backlog", type=int, help="At most so many unfinished jobs of its owner.")
@click.option("--stored-bytes", type=int, help="Add nothing once its owner stores so many.")
@click.option("--requests-per-second", type=float, help="At most so many of its owner.")
@out_file_option("key")
def create(
    call: Call,
    owner: str,
    role: str | None,
    scopes: tuple[str, ...],
    organisations: tuple[str, ...],
    expires_at: datetime | None,
    name: str | None,
    backlog: int | None,
    stored_bytes: int | None,
    requests_per_second: float | None,
    out_file: Path | None,
) -> None:
    """Make a key; it is shown this once.

    The very first key of an installation comes from its host: keepsake issue-key.
    """
    with reserved(out_file):
        new = call.service.admin.create_key(
            owner, role=role, scopes=scopes or None, organisations=organisations or None,
            expires_at=expires_at, name=name, backlog=backlog, stored_bytes=stored_bytes,
            requests_per_second=requests_per_second,
        )  # fmt: skip
        _hand_over(call, new, out_file)


@keys.command("ls", cls=ServiceCommand)
@click.option("--owner", help="Of one owner.")
@click.option("--all", "everything", is_flag=True, help="Also those that are revoked.")
def ls(call: Call, owner: str | None, *, everything: bool) -> None:
    """List the newest keys; no key can be read from them."""
    listed = call.service.admin.keys(owner)
    shown = (key for key in listed if everything or not key.revoked_at)
    call.out.rows(shown, _COLUMNS, none="No keys.")


@keys.command(cls=ServiceCommand)
@click.argument("key_id")
def revoke(call: Call, key_id: str) -> None:
    """Revoke a key: it is refused from now on."""
    revoked = call.service.admin.revoke_key(key_id)
    call.out.record(revoked, [("key", revoked.key_id), ("state", "revoked")])


@keys.command(cls=ServiceCommand)
@click.argument("key_id")
@click.option("--keep", is_flag=True, help="Leave the old key valid, to be revoked later.")
@out_file_option("key")
def rotate(call: Call, key_id: str, *, keep: bool, out_file: Path | None) -> None:
    """Replace a key by a new one with the same rights, and revoke it."""
    old = _key(call, key_id)
    limits = old.limits
    with reserved(out_file):
        new = call.service.admin.create_key(
            old.owner, role=old.role, scopes=old.scopes, organisations=old.organisations,
            expires_at=old.expires_at, name=old.name, backlog=limits.backlog,
            requests_per_second=limits.requests_per_second, stored_bytes=limits.stored_bytes,
        )  # fmt: skip
        _hand_over(call, new, out_file)
    if not keep:
        call.service.admin.revoke_key(key_id)
        click.echo(f"{key_id} is revoked", err=True)


def _key(call: Call, key_id: str) -> "ApiKey":
    known = {key.key_id: key for key in call.service.admin.keys(None)}
    if key_id in known:
        return known[key_id]
    raise CommandFailed(f"there is no key {key_id} among the newest", Exit.NOT_FOUND)


def _hand_over(call: Call, new: "NewApiKey", out_file: Path | None) -> None:
    """Print the key alone, so that a shell can take it, or write it to a file."""
    secret = new.key.get_secret_value()
    about = new.about.model_dump(mode="json")
    if out_file is None:
        call.out.lines({"key": secret, "about": about}, [secret])
        return
    out_file.write_text(secret + "\n", encoding="utf-8")
    call.out.record({"key_file": str(out_file), "about": about},
                    [("key", new.about.key_id), ("file", out_file)])  # fmt: skip
