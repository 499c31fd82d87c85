"""`keepsake mcp`: the command that an agent's host starts."""

import asyncio
from pathlib import Path

import click

from keepsake_client.commands.connections import connection
from keepsake_client.commands.exits import CommandFailed, Exit, explained


@click.command("mcp", short_help="Serve memory and code to an agent, over stdin and stdout.")
@click.option("--profile", help="The service and key of this name.")
@click.option("--url", help="Where Keepsake is; http://127.0.0.1:8000 if left out.")
@click.option(
    "--key-file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="The file that holds the API key; KEEPSAKE_API_KEY may hold the key instead.",
)
def mcp(profile: str | None, url: str | None, key_file: Path | None) -> None:
    """Serve the Model Context Protocol over stdin and stdout, for the host that starts it."""
    where = connection(profile, url, key_file)
    key = where.key()
    try:
        from keepsake_client.mcp.stdio import serve  # noqa: PLC0415 - needs the extra
    except ModuleNotFoundError as error:
        raise CommandFailed(
            f"{error.name} is missing: install keepsake-client[mcp]", Exit.USAGE
        ) from None
    with explained():
        asyncio.run(serve(where.url, key))
