"""`keepsake run`, `issue-key`, `indexes`, `migrate` and `vault`: what is typed beside a service."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any

import click
from pydantic import ValidationError

import web
from keepsake.access import Role
from keepsake.backup import BackupFailed
from keepsake.jobs import FormerWorkers, MigrationState, MigrationStep, VaultClosed
from keepsake.launcher import (
    KINDS,
    CannotStart,
    LauncherSettings,
    create_key,
    index_states,
    migration_states,
    open_database,
    read_env_file,
    repair_indexes,
    rewrap_vault,
    serve,
    vault_settings,
)
from keepsake.launcher import migrate as ask_to_migrate
from keepsake.parts import check, job_types, key_scopes
from keepsake.storage import (
    DataSettings,
    NotPrivate,
    StorageError,
    UnknownSetting,
    explained,
    private_directory,
    refuse_unknown,
)
from keepsake_client.commands import CommandFailed, Exit, Output, OutputCommand


@contextmanager
def failing() -> Iterator[None]:
    """Say in one line what is wrong, and end with the exit code that fits."""
    try:
        yield
    except ValidationError as error:
        raise CommandFailed(explained(error), Exit.USAGE) from error
    except UnknownSetting as error:
        raise CommandFailed(str(error), Exit.USAGE) from error
    except (
        BackupFailed,
        CannotStart,
        FormerWorkers,
        NotPrivate,
        StorageError,
        VaultClosed,
    ) as error:
        raise CommandFailed(str(error)) from error


def host_settings() -> LauncherSettings:
    """What this host is told of where the service's parts are.

    Raises:
        UnknownSetting: A variable of the environment is no setting.
    """
    refuse_unknown(KINDS)
    return LauncherSettings()


@click.command
@failing()
def run() -> None:
    """Run the whole service in the foreground.

    Starts a private RabbitMQ and MongoDB, the web server and the workers, all on the loopback
    interface, and prints where they are. With KEEPSAKE_AMQP_URL or KEEPSAKE_MONGO_URL set, that
    server is used instead. Data, logs and the first API key stay in KEEPSAKE_DATA_DIR, by default
    .keepsake here; settings may stand in its .env. Ctrl-C stops all of it.
    """
    read_env_file(private_directory(DataSettings().data_dir))
    check(KINDS)
    sys.exit(serve(LauncherSettings()))


@click.command("issue-key", cls=OutputCommand)
@click.option("--owner", required=True, help="Who the key stands for.")
@click.option("--role", type=click.Choice([*map(str, Role)]), help="Default: owner.")
@click.option("--scope", "scopes", multiple=True, type=click.Choice(key_scopes(job_types())),
              help="What it is held to; may be repeated. Default: all.")  # fmt: skip
@click.option("--organisation", "organisations", multiple=True,
              help="Whose shared indexes it may search; may be repeated.")  # fmt: skip
@click.option("--expires-at", metavar="2027-01-31T00:00:00Z", help="Default: never.")
@click.option("--name", help="What it is called in lists of keys.")
@failing()
def issue_key(out: Output, **fields: str | tuple[str, ...] | None) -> None:
    """Create an API key beside the database and print it: the first one, before there is any.

    It is shown once, and stored as a hash. The service's MongoDB is that of KEEPSAKE_MONGO_URL,
    else the private one of `keepsake run` in KEEPSAKE_DATA_DIR. With an operator's key,
    `keepsake keys create` does the same over HTTP.
    """
    new = web.NewKey.model_validate({name: value for name, value in fields.items() if value})
    database = open_database(host_settings())
    key = create_key(database, new)
    out.lines({"key": key, "owner": new.owner}, [key])


@click.command(cls=OutputCommand)
@click.option("--repair", is_flag=True, help="Create and rebuild what differs.")
@failing()
def indexes(out: Output, *, repair: bool) -> None:
    """Show MongoDB's indexes, or repair them.

    The exit code is 1 when one is missing or different and is not repaired.
    """
    database = open_database(host_settings())
    states = list(repair_indexes(database) if repair else index_states(database))
    shown = [
        {"index": f"{state.index.collection}.{state.index.name}", "state": str(state.state)}
        for state in states
    ]
    out.lines(shown, (f"{index['state']:10} {index['index']}" for index in shown))
    sys.exit(0 if repair or all(state.state == "present" for state in states) else 1)


@click.command(cls=OutputCommand)
@click.option("--show", is_flag=True, help="Ask for nothing.")
@click.option("--finish", is_flag=True,
              help="Take away what former versions need: they cannot come back then.")  # fmt: skip
@failing()
def migrate(out: Output, *, show: bool, finish: bool) -> None:
    """Ask for the jobs that bring what former versions wrote into the present form, and show them.

    They run while everything is in use, versions before go on reading, and a repeat asks for
    nothing anew. --finish is for when none of these will come back. The exit code is 1 as long as
    a migration is not finished.
    """
    database = open_database(host_settings())
    if not show:
        ask_to_migrate(database, MigrationStep.FINISH if finish else MigrationStep.RECORDS)
    states = migration_states(database)
    out.lines(
        [_migration(state) for state in states],
        (f"{state.done or 'not begun':10} {state.name:26} {_under_way(state)}".rstrip()
         for state in states),
    )  # fmt: skip
    sys.exit(0 if all(state.done is MigrationStep.FINISH for state in states) else 1)


def _migration(state: MigrationState) -> dict[str, Any]:
    job = state.job.record if state.job else {}
    return {"migration": state.name, "done": state.done, "job_id": job.get("_id"),
            "status": job.get("state"), "progress": job.get("progress")}  # fmt: skip


def _under_way(state: MigrationState) -> str:
    """What its newest job says."""
    if state.job is None:
        return ""
    progress = state.job.get("progress") or {}
    far = f", {progress['done']} of {progress['total']} records" if progress else ""
    return f"{state.job.id} {state.job.state}{far}"


@click.group
def vault() -> None:
    """Look after the vault of credentials."""


@vault.command(cls=OutputCommand)
@failing()
def rewrap(out: Output) -> None:
    """Seal every credential with the newest key of KEEPSAKE_SECRET_KEY."""
    settings = host_settings()
    database = open_database(settings)
    rewrapped = rewrap_vault(database, vault_settings(settings))
    out.lines(asdict(rewrapped), [f"sealed anew: {rewrapped.sealed}"])
    for reference in rewrapped.lost:
        click.echo(f"no key that is set opens {reference}", err=True)
    sys.exit(1 if rewrapped.lost else 0)
