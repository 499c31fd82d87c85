"""What is known of users: `context`, `timeline`, `users`, and `fact`, which states one by hand."""

from datetime import datetime
from itertools import islice
from typing import Any

import click

from keepsake_client.commands.calling import Call, ServiceCommand
from keepsake_client.commands.memory import user_option
from keepsake_client.commands.output import Column, ago, plain, printable
from keepsake_client.commands.submits import priority_option, submit_options, submitted
from keepsake_client.commands.values import moment, text_of

_ENTRIES: tuple[Column[Any], ...] = (
    Column("at", lambda entry: entry.at),
    Column("", lambda entry: entry.kind),
    Column("content", lambda entry: entry.content),
    Column("instead of", lambda entry: entry.before.content if entry.before else ""),
)
_USERS: tuple[Column[Any], ...] = (
    Column("user", lambda user: user.user_id, whole=True),
    Column("memories", lambda user: user.memories),
    Column("turns", lambda user: user.turns),
    Column("changed", lambda user: ago(user.changed_at)),
)
_limit = click.option("--limit", "-n", type=click.IntRange(min=1), default=50, show_default=True,
                      help="At most so many.")  # fmt: skip


@click.command(cls=ServiceCommand)
@click.argument("query", required=False)
@user_option
@click.option("--max-tokens", type=int, help="How long it may be, in tokens.")
def context(call: Call, query: str | None, user: str | None, max_tokens: int | None) -> None:
    """Print what is remembered of a user, as Markdown for a prompt.

    With a QUERY, `-` for stdin, what was said near it is added.
    """
    asked = None if query is None else text_of(query)
    made = call.service.memory.context(asked, user_id=user, max_tokens=max_tokens)
    call.out.lines(made, map(printable, made.markdown.splitlines()))


@click.command(cls=ServiceCommand)
@user_option
@click.option("--since", type=moment, help="From then on.")
@click.option("--until", type=moment, help="Before that.")
@_limit
def timeline(
    call: Call, user: str | None, since: datetime | None, until: datetime | None, limit: int
) -> None:
    """Show what happened to a user and what changed in what is known, the latest first."""
    entries = call.service.memory.timeline(
        user_id=user, since=since, until=until, page_size=min(limit, 200)
    )
    call.out.rows(islice(entries, limit), _ENTRIES, "Nothing is known of this user.")


@click.command(cls=ServiceCommand)
@click.argument("prefix", required=False)
@_limit
def users(call: Call, prefix: str | None, limit: int) -> None:
    """List the users of whom anything is remembered, or those whose ids begin with PREFIX."""
    listed = call.service.users.list(prefix=prefix, page_size=min(limit, 100))
    call.out.rows(islice(listed, limit), _USERS, "There are no such users.")


@click.command(cls=ServiceCommand)
@click.argument("content")
@user_option
@click.option("--attribute", "-a", metavar="NAME", help="Which one it gives, as in `lives_in`.")
@click.option("--subject", metavar="WHOM", help="Whose; the user's own by default.")
@click.option("--since", "valid_from", type=moment, help="Since when it is so; now by default.")
@click.option("--expires", "expires_at", type=moment, help="Until when it is in answers.")
@priority_option
@submit_options(waits=True)
def fact(
    call: Call,
    content: str,
    *,
    user: str | None,
    wait: bool,
    timeout: float | None,
    **options: Any,
) -> None:
    """Remember a fact by hand: a sentence, or the value of an attribute.

    It takes the place of another value of its attribute.
    """
    job = call.service.memory.state(text_of(content), user_id=user, **options)
    if submitted(call, job, wait=wait, timeout=timeout):
        for operation in plain(job.info)["result"]["operations"]:
            line = f"{operation['type'].lower()} {operation['domain']}: {operation['content']}"
            call.out.line(printable(f"{line} ({operation['reason']})"))
