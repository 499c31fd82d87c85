"""`keepsake mcp`: the command that an agent's host starts."""

import asyncio
from pathlib import Path

import click

from keepsake_client.settings import API_KEY_FILE, URL


@click.command("mcp", short_help="Serve memory and code to an agent, over stdin and stdout.")
@click.option("--url", envvar=URL, help="Where Keepsake is; http://127.0.0.1:8000 if left out.")
@click.option(
    "--key-file",
    envvar=API_KEY_FILE,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The file that holds the API key; KEEPSAKE_API_KEY may hold the key instead.",
)
def mcp(url: str | None, key_file: Path | None) -> None:
    """Serve the Model Context Protocol over stdin and stdout, for the host that starts it."""
    try:
        from keepsake_client.mcp.stdio import serve  # noqa: PLC0415 - needs the extra
    except ModuleNotFoundError as error:
        raise click.ClickException(
            f"{error.name} is missing: install keepsake-client[mcp]"
        ) from None
    try:
        key = key_file.read_text(encoding="utf-8").strip() if key_file else None
        asyncio.run(serve(url, key))
    except ValueError as error:
        raise click.ClickException(str(error)) from None
