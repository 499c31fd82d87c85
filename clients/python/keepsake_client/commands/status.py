"""`keepsake status`: whether the service accepts jobs and runs them."""

import sys

import click

from keepsake_client.commands.calling import Call, ServiceCommand
from keepsake_client.commands.exits import Exit


@click.command(cls=ServiceCommand)
def status(call: Call) -> None:
    """Show whether jobs are accepted, and each part that they need.

    Exit code 1 says that it is not ready, or degraded: jobs wait for a part that is away.
    """
    ready = call.service.ready()
    call.out.record(ready, [
        ("service", call.connection.url or "http://127.0.0.1:8000"),
        ("status", ready.status),
        ("mongodb", ready.mongodb),
        ("rabbitmq", ready.rabbitmq),
        ("workers", ready.workers),
    ])  # fmt: skip
    sys.exit(Exit.DONE if ready.status == "ready" else Exit.FAILED)
