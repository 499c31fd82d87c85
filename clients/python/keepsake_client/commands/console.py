"""`keepsake console`: a link that signs in to the console, once."""

import click

from keepsake_client.commands.calling import Call, ServiceCommand


@click.command(cls=ServiceCommand)
def console(call: Call) -> None:
    """Print a link that signs you in to the console, good once and for a minute.

    It signs in as the key that asks, so it is a secret for that minute.
    """
    link = call.service.console_link()
    base = (call.connection.url or "http://127.0.0.1:8000").rstrip("/")
    url = base + link.path.get_secret_value()
    call.out.lines({"url": url, "expires_in_seconds": link.expires_in_seconds}, [url])
