"""`keepsake run`, `keys`, `indexes` and `vault`: what operators type beside a service."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any

import click
from pydantic import ValidationError

from keepsake.access.keys import Role
from keepsake.jobs.vault import VaultClosed
from keepsake.launcher import administration, external, secrets_kept
from keepsake.launcher import indexes as declared
from keepsake.launcher.errors import CannotStart
from keepsake.launcher.run import run as launch
from keepsake.launcher.settings import StackSettings
from keepsake.parts import job_types, key_scopes
from keepsake.storage.errors import StorageError
from keepsake.storage.secrecy import NotPrivate
from keepsake.storage.settings import explained
from web import NewKey


class Failure(click.ClickException):
    """Ends a command with one line."""

    def show(self, file: IO[Any] | None = None) -> None:
        """Print it as the service prints what it says."""
        click.echo(f"keepsake: {self.message}", file=file, err=True)


class Refusal(Failure):
    """What was typed or set is wrong."""

    exit_code = 2


@contextmanager
def _failing() -> Iterator[None]:
    try:
        yield
    except ValidationError as error:
        raise Refusal(explained(error)) from error
    except (CannotStart, NotPrivate, StorageError, VaultClosed) as error:
        raise Failure(str(error)) from error


@click.command
@_failing()
def run() -> None:
    """Run the whole service in the foreground.

    Starts a private RabbitMQ and MongoDB, the web server and the workers, all on the loopback
    interface, and prints where they are. With KEEPSAKE_AMQP_URL or KEEPSAKE_MONGO_URL set, that
    server is used instead. Data, logs and the first API key stay in KEEPSAKE_DATA_DIR, by default
    .keepsake here. Ctrl-C stops all of it.
    """
    sys.exit(launch(StackSettings()))


@click.command
@click.option("--owner", required=True, help="Who the key stands for.")
@click.option("--role", type=click.Choice([*map(str, Role)]), help="Default: owner.")
@click.option("--scope", "scopes", multiple=True, type=click.Choice(key_scopes(job_types())),
              help="What it is held to; may be repeated. Default: all.")  # fmt: skip
@click.option("--organisation", "organisations", multiple=True,
              help="Whose shared indexes it may search; may be repeated.")  # fmt: skip
@click.option("--expires-at", metavar="2027-01-31T00:00:00Z", help="Default: never.")
@click.option("--name", help="What it is called in lists of keys.")
@_failing()
def keys(**fields: str | tuple[str, ...] | None) -> None:
    """Create an API key and print it.

    It is shown once, and stored as a hash. The service's MongoDB is that of KEEPSAKE_MONGO_URL,
    else the private one of `keepsake run`.
    """
    new = NewKey.model_validate({name: value for name, value in fields.items() if value})
    database = external.database(StackSettings())
    click.echo(administration.create_key(database, new))


@click.command
@click.option("--repair", is_flag=True, help="Create and rebuild what differs.")
@_failing()
def indexes(*, repair: bool) -> None:
    """Show MongoDB's indexes, or repair them.

    The exit code is 1 when one is missing or different and is not repaired.
    """
    database = external.database(StackSettings())
    states = (
        administration.repair_indexes(database)
        if repair
        else declared.states(database, repair=False)
    )
    for state in states:
        click.echo(f"{state.state:10} {state.index.collection}.{state.index.name}")
    sys.exit(0 if repair or all(state.state == "present" for state in states) else 1)


@click.group
def vault() -> None:
    """Look after the vault of credentials."""


@vault.command
@_failing()
def rewrap() -> None:
    """Seal every credential with the newest key of KEEPSAKE_SECRET_KEY."""
    settings = StackSettings()
    database = external.database(settings)
    rewrapped = administration.rewrap_vault(database, secrets_kept.vault(settings))
    click.echo(f"sealed anew: {rewrapped.sealed}")
    for reference in rewrapped.lost:
        click.echo(f"no key that is set opens {reference}", err=True)
    sys.exit(1 if rewrapped.lost else 0)
