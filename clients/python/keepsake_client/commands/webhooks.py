"""Where the service posts what happened: `webhooks`."""

from pathlib import Path
from typing import Any

import click

from keepsake_client.commands.calling import Call, ServiceCommand
from keepsake_client.commands.output import Column, ago
from keepsake_client.commands.secret_files import out_file_option, reserved, shown

_EVENTS = ("job.ended", "memory.changed", "index.published")
_WEBHOOKS: tuple[Column[Any], ...] = (
    Column("webhook", lambda webhook: webhook.webhook_id, whole=True),
    Column("address", lambda webhook: webhook.url),
    Column("events", lambda webhook: " ".join(webhook.events)),
    Column("active", lambda webhook: "yes" if webhook.active else f"no: {webhook.reason or ''}"),
)
_DELIVERIES: tuple[Column[Any], ...] = (
    Column("job", lambda delivery: delivery.job_id, whole=True),
    Column("event", lambda delivery: delivery.event),
    Column("status", lambda delivery: delivery.status),
    Column("answered", lambda delivery: delivery.answered or ""),
    Column("begun", lambda delivery: ago(delivery.created_at)),
    Column("error", lambda delivery: delivery.error or ""),
)


@click.group
def webhooks() -> None:
    """Make, list, try and end webhooks, to which what happened is posted."""


@webhooks.command(cls=ServiceCommand)
@click.argument("address")
@click.option("--event", "events", type=click.Choice(_EVENTS), multiple=True, required=True,
              help="What is posted; may be repeated.")  # fmt: skip
@click.option("--description", help="For its readers.")
@out_file_option("secret")
def make(
    call: Call,
    address: str,
    events: tuple[str, ...],
    description: str | None,
    out_file: Path | None,
) -> None:
    """Post what happens from now on to an https address."""
    with reserved(out_file):
        made = call.service.webhooks.create(address, events, description=description)
        made = made.model_copy(update={"secret": shown(made.secret, out_file)})
    call.out.record(made, [
        ("webhook", made.webhook_id), ("address", made.url), ("secret", made.secret),
    ])  # fmt: skip


@webhooks.command("ls", cls=ServiceCommand)
def ls(call: Call) -> None:
    """List webhooks."""
    call.out.rows(call.service.webhooks.list(), _WEBHOOKS, none="No webhooks.")


@webhooks.command("rm", cls=ServiceCommand)
@click.argument("webhook_id")
def rm(call: Call, webhook_id: str) -> None:
    """End a webhook: what is not delivered yet is not posted."""
    call.service.webhooks.delete(webhook_id)
    call.out.record(
        {"webhook_id": webhook_id, "deleted": True}, [("webhook", webhook_id), ("deleted", "yes")]
    )


@webhooks.command("test", cls=ServiceCommand)
@click.argument("webhook_id")
def send_test(call: Call, webhook_id: str) -> None:
    """Post the event `webhook.test`; `deliveries` shows what came of it."""
    call.out.rows([call.service.webhooks.test(webhook_id)], _DELIVERIES, none="")


@webhooks.command("deliveries", cls=ServiceCommand)
@click.argument("webhook_id")
@click.option("--limit", type=click.IntRange(1, 1_000), default=20, show_default=True,
              help="How many.")  # fmt: skip
def deliveries(call: Call, webhook_id: str, limit: int) -> None:
    """List the last deliveries of a webhook."""
    rows = []
    for row in call.service.webhooks.deliveries(webhook_id, page_size=min(limit, 100)):
        rows.append(row)
        if len(rows) == limit:
            break
    call.out.rows(rows, _DELIVERIES, none="No deliveries.")


@webhooks.command("replay", cls=ServiceCommand)
@click.argument("webhook_id")
@click.argument("job_id")
def replay(call: Call, webhook_id: str, job_id: str) -> None:
    """Post the event of a delivery once more."""
    call.out.rows([call.service.webhooks.replay(webhook_id, job_id)], _DELIVERIES, none="")
