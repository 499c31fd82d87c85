"""The command line with commands that other distributions add."""

import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

GREETING = """
import click

@click.command
def greet() -> None:
    "Greet."
    click.echo("hello")
"""


@pytest.fixture
def installed(tmp_path):
    """Put a distribution beside the client; its folder is where tests look for packages."""

    def install(points: str, **modules: str) -> Path:
        metadata = tmp_path / "greetings-2.5.dist-info"
        metadata.mkdir()
        (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: greetings\nVersion: 2.5\n")
        (metadata / "entry_points.txt").write_text(f"[keepsake.commands]\n{points}\n")
        for name, text in modules.items():
            (tmp_path / f"{name}.py").write_text(text)
        return tmp_path

    return install


def keepsake(*arguments: str, beside: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "keepsake_client", *arguments],
        env={"PYTHONPATH": str(beside), "XDG_CONFIG_HOME": str(beside)},
        capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_an_installed_distribution_adds_a_command(installed):
    folder = installed("greet = greetings:greet", greetings=GREETING)

    ended = keepsake("greet", beside=folder)

    assert (ended.returncode, ended.stdout) == (0, "hello\n")
    assert "greet Greet." in " ".join(keepsake("--help", beside=folder).stdout.split())


def test_versions_are_shown_of_the_client_and_of_what_adds_commands(installed):
    ended = keepsake("version", beside=installed("greet = greetings:greet"))

    lines = ended.stdout.splitlines()
    assert lines[0] == f"keepsake-client {version('keepsake-client')}"
    assert "greetings 2.5" in lines


def test_no_added_command_is_loaded_for_another(installed):
    folder = installed("greet = greetings:greet", greetings="raise SystemExit('loaded')")

    assert keepsake("version", beside=folder).returncode == 0


@pytest.mark.parametrize(
    ("greetings", "reason"),
    [
        ("import absent", "No module named 'absent'"),
        ("", "module 'greetings' has no attribute 'greet'"),
    ],
)
def test_a_command_that_cannot_be_loaded_says_why_and_spoils_no_other(installed, greetings, reason):
    folder = installed("greet = greetings:greet", greetings=greetings)

    ended = keepsake("greet", beside=folder)

    assert ended.returncode == 1
    assert ended.stderr == f"Error: greet of greetings cannot be loaded: {reason}\n"
    assert keepsake("--help", beside=folder).returncode == 0


def test_an_added_command_replaces_none_of_the_clients(installed):
    folder = installed("version = greetings:greet", greetings=GREETING)

    assert "hello" not in keepsake("version", beside=folder).stdout


def test_an_unknown_command_is_refused(installed):
    ended = keepsake("gret", beside=installed("greet = greetings:greet", greetings=GREETING))

    assert ended.returncode == 2
    assert "No such command 'gret'" in ended.stderr


def test_without_its_extra_the_command_line_names_it(installed):
    folder = installed("", click="raise ModuleNotFoundError(name='click')")

    ended = keepsake("version", beside=folder)

    assert (ended.returncode, ended.stdout) == (1, "")
    assert "keepsake-client[cli]" in ended.stderr


def test_mcp_asks_for_a_key_and_takes_none_as_an_argument(tmp_path):
    without = keepsake("mcp", beside=tmp_path)
    assert (without.returncode, without.stdout) == (4, "")
    assert "KEEPSAKE_API_KEY" in without.stderr
    assert "--key " not in keepsake("mcp", "--help", beside=tmp_path).stdout


def test_mcp_reads_its_key_from_a_file_and_shows_none_of_it(tmp_path):
    file = tmp_path / "key"
    file.write_text("two words\n")

    refused = keepsake("mcp", "--key-file", str(file), beside=tmp_path)

    assert refused.returncode == 2
    assert len(refused.stderr.splitlines()) == 1
    assert "words" not in refused.stderr


def test_a_version_is_shown_without_what_speaks_to_a_service(tmp_path):
    script = (
        "import sys; from keepsake_client.__main__ import main; sys.argv[1:] = ['--version']\n"
        "try: main()\n"
        "finally: print(sorted({'httpx', 'pydantic', 'rich', 'asyncio'} & set(sys.modules)))"
    )

    shown = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    ).stdout

    assert shown == f"keepsake-client {version('keepsake-client')}\n[]\n"
