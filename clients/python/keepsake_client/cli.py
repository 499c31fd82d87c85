"""The command line: commands of its own, and those that installed distributions add."""

from importlib.metadata import EntryPoint, entry_points, version
from typing import NoReturn

import click

from keepsake_client.mcp.command import mcp

GROUP = "keepsake.commands"
"""The entry points that add commands; each names a `click.Command`."""


class Commands(click.Group):
    """Loads an added command only when it is named, or listed with its help."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names of all commands, in order."""
        return sorted({*super().list_commands(ctx), *entry_points(group=GROUP).names})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """A command by its name; its own come first."""
        command = super().get_command(ctx, cmd_name)
        added = entry_points(group=GROUP, name=cmd_name)
        if command is not None or not added:
            return command
        return _loaded(next(iter(added)))


@click.group(cls=Commands)
def cli() -> None:
    """Keepsake: durable memory and code search for AI agents."""


@cli.command("version")
def show_version() -> None:
    """Show the versions of the client and of what adds commands to it."""
    versions = {"keepsake-client": version("keepsake-client")}
    for point in entry_points(group=GROUP):
        if point.dist is not None:
            versions[point.dist.name] = point.dist.version
    for name, number in versions.items():
        click.echo(f"{name} {number}")


cli.add_command(mcp)


def _loaded(point: EntryPoint) -> click.Command:
    """An added command; one that cannot be imported says so when it is run."""
    try:
        command: click.Command = point.load()
    except (ImportError, AttributeError) as error:
        return _broken(point, error)
    return command


def _broken(point: EntryPoint, error: Exception) -> click.Command:
    owner = point.dist.name if point.dist else "an unknown distribution"
    reason = f"{point.name} of {owner} cannot be loaded: {error}"

    def fail() -> NoReturn:
        raise click.ClickException(reason)

    return click.Command(point.name, callback=fail, short_help=reason)
