"""The command line: commands of its own, and those that installed distributions add."""

import os
import sys
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points, version
from typing import NoReturn

import click
from click.shell_completion import get_completion_class

from keepsake_client.commands import Output, OutputCommand

GROUP = "keepsake.commands"
"""The entry points that add commands; each names a `click.Command`."""
_OWN = {
    "console": "console:console",
    "context": "known:context",
    "credential": "keeping_up:credential",
    "dead": "dead:dead",
    "doctor": "doctor:doctor",
    "erase": "memory:erase",
    "export": "memory:export",
    "fact": "known:fact",
    "history": "reading:history",
    "hooks": "keeping_up:hooks",
    "implementations": "code:implementations",
    "import": "memory:import_",
    "jobs": "jobs:jobs",
    "keys": "keys:keys",
    "map": "reading:code_map",
    "mcp": "mcp:mcp",
    "outline": "reading:outline",
    "owners": "owners:owners",
    "profiles": "profiles:profiles",
    "queues": "queues:queues",
    "recall": "memory:recall",
    "refs": "code:refs",
    "remember": "memory:remember",
    "restore": "memory:restore",
    "scan": "code:scan",
    "search-code": "code:search_code",
    "search-text": "code:search_text",
    "source": "reading:source",
    "status": "status:status",
    "subclasses": "code:subclasses",
    "timeline": "known:timeline",
    "usage": "usage:usage",
    "users": "known:users",
    "webhooks": "webhooks:webhooks",
    "workers": "workers:workers",
}
"""Where in `keepsake_client.commands` each command is, so that none is loaded for another."""


class Commands(click.Group):
    """Loads a command only when it is named, or listed with its help."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names of all commands, in order."""
        return sorted({*super().list_commands(ctx), *_OWN, *entry_points(group=GROUP).names})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """A command by its name; its own come first."""
        if cmd_name in _OWN:
            module, _, name = _OWN[cmd_name].partition(":")
            loaded: click.Command = getattr(
                import_module(f"keepsake_client.commands.{module}"), name
            )
            return loaded
        command = super().get_command(ctx, cmd_name)
        added = entry_points(group=GROUP, name=cmd_name)
        if command is not None or not added:
            return command
        return _loaded(next(iter(added)))


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="keepsake-client", message="keepsake-client %(version)s")
@click.pass_context
def cli(ctx: click.Context) -> None:
    """Keepsake: durable memory and code search for AI agents."""
    if os.environ.get("NO_COLOR"):
        ctx.color = False
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr] # a text stream


@cli.command("version", cls=OutputCommand)
def show_version(out: Output) -> None:
    """Show the versions of the client and of what adds commands to it."""
    versions = {"keepsake-client": version("keepsake-client")}
    for point in entry_points(group=GROUP):
        if point.dist is not None:
            versions[point.dist.name] = point.dist.version
    out.lines(versions, (f"{name} {number}" for name, number in versions.items()))


@cli.command
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion(shell: str) -> None:
    r"""Print what makes a shell complete commands, options and profiles.

    \b
    bash: eval "$(keepsake completion bash)" in ~/.bashrc
    zsh:  eval "$(keepsake completion zsh)" in ~/.zshrc
    fish: keepsake completion fish > ~/.config/fish/completions/keepsake.fish
    """
    written = get_completion_class(shell)
    if written is not None:
        click.echo(written(cli, {}, "keepsake", "_KEEPSAKE_COMPLETE").source())


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
