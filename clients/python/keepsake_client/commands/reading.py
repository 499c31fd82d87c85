"""Reading code: `map`, `outline`, `source`, `history`."""

from typing import Any

import click

from keepsake_client.commands.calling import Call, ServiceCommand
from keepsake_client.commands.code import branch_option, place_of
from keepsake_client.commands.output import Column, printable

_COMMITS: tuple[Column[Any], ...] = (
    Column("commit", lambda change: change.commit[:12], whole=True),
    Column("when", lambda change: change.committed_at),
    Column("author", lambda change: change.author),
    Column("subject", lambda change: change.subject),
)
_REASONS = {
    "no mirror": "the service has no copy of the repository where it answers",
    "not fetched": "scans fetch no older commits (KEEPSAKE_SCAN_HISTORY_COMMITS)",
    "more commits": "there are more; ask for them by --limit",
    "too slow": "it took too long to look further",
    "not readable": "the service's copy of the repository cannot be read now",
}
_tokens = click.option(
    "--max-tokens", type=click.IntRange(50, 32_000), help="Print no more tokens than these."
)
_symbol = click.option("--symbol", help="Only this symbol; of any file if none is named.")
_first = click.option("--from", "first", type=click.IntRange(1), help="The first line.")
_last = click.option("--to", "last", type=click.IntRange(1), help="The last line.")


@click.command("map", cls=ServiceCommand)
@click.argument("repository")
@branch_option
@_tokens
@click.option("--query", help="What it is for; what fits comes first.")
@click.option("--path", help="A file or folder to look from.")
def code_map(
    call: Call,
    repository: str,
    branch: str | None,
    max_tokens: int | None,
    query: str | None,
    path: str | None,
) -> None:
    """The symbols that matter most in a repository (organisation/name), for a prompt."""
    place = place_of(repository, branch)
    shown = call.service.code.map(place, max_tokens=max_tokens, query=query, file=path)
    call.out.lines(shown, map(printable, shown.text.splitlines()))


@click.command(cls=ServiceCommand)
@click.argument("repository")
@click.argument("path")
@branch_option
@_tokens
def outline(
    call: Call, repository: str, path: str, branch: str | None, max_tokens: int | None
) -> None:
    """What a file of a repository (organisation/name) defines, as a tree."""
    place = place_of(repository, branch)
    shown = call.service.code.outline(place, path, max_tokens=max_tokens)
    call.out.lines(shown, map(printable, shown.text.splitlines()))


@click.command(cls=ServiceCommand)
@click.argument("repository")
@click.argument("path", required=False)
@branch_option
@_symbol
@_first
@_last
def source(call: Call, repository: str, path: str | None, branch: str | None, **which: Any) -> None:
    """A file of a repository (organisation/name), some of its lines, or a symbol."""
    found = call.service.code.source(place_of(repository, branch), path, **which)
    width = len(str(found.source.last))
    call.out.lines(
        found, (f"{number:{width}} {printable(line)}" for number, line in found.source.lines)
    )
    for other in found.others:
        click.echo(printable(f"Also {other.path}:{other.line} {other.qualified}"), err=True)


@click.command(cls=ServiceCommand)
@click.argument("repository")
@click.argument("path", required=False)
@branch_option
@_symbol
@_first
@_last
@click.option("--limit", "-n", type=click.IntRange(1, 50), help="At most so many.")
def history(
    call: Call, repository: str, path: str | None, branch: str | None, **which: Any
) -> None:
    """The last commits that changed a file, some of its lines, or a symbol of a repository."""
    found = call.service.code.history(place_of(repository, branch), path, **which)
    call.out.rows(found.commits, _COMMITS, none="No commit is known.")
    if found.reason:
        reason = _REASONS.get(found.reason, printable(found.reason))
        click.echo(f"Older commits may be missing: {reason}.", err=True)
