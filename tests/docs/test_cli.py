"""docs/cli.md against the command line."""

import re
from collections.abc import Iterator

import click
import pytest

from keepsake_client.cli import cli
from keepsake_client.commands import Exit, OutputCommand
from tests.conftest import ROOT

PAGE = (ROOT / "docs" / "cli.md").read_text()
ENDLESS = {"run", "mcp", "completion"}
"""They print nothing that a program would read."""
SECRETS = {"--key", "--token", "--api-key", "--password", "--secret"}


def leaves(command: click.Command, *names: str) -> Iterator[tuple[str, click.Command]]:
    if not isinstance(command, click.Group):
        yield " ".join(names), command
        return
    context = click.Context(command)
    for name in command.list_commands(context):
        below = command.get_command(context, name)
        assert below is not None
        yield from leaves(below, *names, name)


COMMANDS = {
    name: command
    for name, command in leaves(cli)
    if not (command.callback and command.callback.__qualname__.startswith("_broken"))
}


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_stands_in_the_page(name):
    assert f"`{name}`" in PAGE.partition("## All commands")[2]


def test_every_exit_code_stands_in_the_page():
    assert [int(code) for code in re.findall(r"^\| (\d+) \|", PAGE, re.MULTILINE)] == [*Exit]


@pytest.mark.parametrize("name", sorted(COMMANDS.keys() - ENDLESS))
def test_every_command_prints_json(name):
    assert isinstance(COMMANDS[name], OutputCommand)


@pytest.mark.parametrize("name", COMMANDS)
def test_no_command_takes_a_secret_as_an_argument_and_every_option_says_what_it_is(name):
    options = [param for param in COMMANDS[name].params if isinstance(param, click.Option)]

    assert SECRETS & {opt for option in options for opt in option.opts} == set()
    assert [option.name for option in options if not option.help] == []
    assert COMMANDS[name].help


@pytest.mark.parametrize("name", COMMANDS)
def test_no_two_parameters_of_a_command_have_one_name(name):
    names = [param.name for param in COMMANDS[name].get_params(click.Context(COMMANDS[name]))]

    assert len(set(names)) == len(names)
