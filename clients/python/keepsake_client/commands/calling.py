"""What all commands share: `--json`, how they end, and which service they ask as whom."""

import os
import shlex
import sys
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.shell_completion import CompletionItem

from keepsake_client.commands import connections
from keepsake_client.commands.connections import Connection, connection
from keepsake_client.commands.exits import CommandFailed, Exit, explained
from keepsake_client.commands.output import Output

if TYPE_CHECKING:
    from typing_extensions import Self

    from keepsake_client.client import Keepsake

RETRY_SECONDS = 3.0
"""For how long a request is sent again; a person should hear soon that the service is away."""


class OutputCommand(click.Command):
    """A command that prints; its callback takes `out`, and it has `--json`."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.params += self.common()

    def common(self) -> list[click.Parameter]:
        """The options that every command of this class has."""
        return [click.Option(["--json", "as_json"], is_flag=True, help="Print JSON.")]

    def invoke(self, ctx: click.Context) -> Any:
        """Run it, and end as docs/cli.md says."""
        try:
            with explained():
                return self._flushed(ctx)
        except BrokenPipeError:
            _be_quiet()
            sys.exit(Exit.BROKEN_PIPE)

    def _flushed(self, ctx: click.Context) -> Any:
        """Run it; a reader that has left is noticed here, not when the interpreter ends."""
        try:
            return self.run(ctx, Output(as_json=ctx.params.pop("as_json")))
        finally:
            sys.stdout.flush()

    def run(self, ctx: click.Context, out: Output) -> Any:
        """Run the callback."""
        self.prepare(ctx)
        ctx.params["out"] = out
        return super().invoke(ctx)

    def prepare(self, ctx: click.Context) -> None:
        """Make of common options what the callback takes.

        Raises:
            UsageError: They do not go together.
        """


class ServiceCommand(OutputCommand):
    """A command that asks a service; its callback takes `call`."""

    def common(self) -> list[click.Parameter]:
        """Which service, as whom."""
        return [
            *super().common(),
            click.Option(["--profile"], help="The service and key of this name.",
                         shell_complete=_named_profiles),
            click.Option(["--url"], help="Where the service is."),
            click.Option(["--key-file"], help="The file that holds the API key.",
                         type=click.Path(dir_okay=False, path_type=Path)),
        ]  # fmt: skip

    def run(self, ctx: click.Context, out: Output) -> Any:
        """Run the callback, and close what it opened."""
        typed = {name: ctx.params.pop(name) for name in ("profile", "url", "key_file")}
        self.prepare(ctx)
        with Call(out, typed) as ctx.params["call"]:
            return click.Command.invoke(self, ctx)


class Call:
    """A call of a command: where it prints to and which service it asks.

    typed: the options of a service that were typed.
    """

    def __init__(self, out: Output, typed: dict[str, Any]) -> None:
        self.out = out
        self._typed = typed

    def __enter__(self) -> "Self":
        """Use it until the end of the block."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the client, if there is one."""
        if "service" in vars(self):
            self.service.close()

    @cached_property
    def connection(self) -> Connection:
        """Which service, as whom."""
        return connection(**self._typed)

    @cached_property
    def service(self) -> "Keepsake":
        """The client.

        Raises:
            CommandFailed: There is no key, or it or the address cannot be one.
        """
        return self.client(RETRY_SECONDS)

    def client(self, retry_seconds: float) -> "Keepsake":
        """A client of the service, which sends requests again for so long."""
        from keepsake_client.client import Keepsake  # noqa: PLC0415 - 0.3 s that help need not wait

        where = self.connection
        return Keepsake(where.url, where.key(), retry_seconds=retry_seconds)

    def again(self, command: str, *arguments: str) -> str:
        """A command line for the same service, to be shown to people."""
        options = [
            word
            for name, value in self._typed.items() if value
            for word in (f"--{name.replace('_', '-')}", str(value))
        ]  # fmt: skip
        return shlex.join(["keepsake", *command.split(), *arguments, *options])


def _named_profiles(_: click.Context, __: click.Parameter, begun: str) -> list[CompletionItem]:
    with suppress(CommandFailed):
        return [CompletionItem(name) for name in connections.read() if name.startswith(begun)]
    return []


def _be_quiet() -> None:
    """Let nothing be printed any more, not even when the interpreter ends."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
