"""`keepsake usage`: how much is stored, and how much may be."""

import click

from keepsake_client.commands.calling import Call, ServiceCommand


@click.command(cls=ServiceCommand)
@click.option("--owner", help="Whose; for operators. The key's own owner by default.")
def usage(call: Call, owner: str | None) -> None:
    """Show how many bytes an owner stores, by kind, and how many it may."""
    stored = call.service.admin.owner_usage(owner) if owner else call.service.usage()
    limit = "no limit" if stored.limit_bytes is None else f"{stored.limit_bytes:,}"
    call.out.record(stored, [
        ("owner", stored.owner),
        *((kind, f"{size:,}") for kind, size in stored.bytes.items()),
        ("in all", f"{stored.stored_bytes:,} bytes"),
        ("limit", limit),
    ])  # fmt: skip
