"""`python -m keepsake.launcher run | keys | indexes | vault`: what operators type."""

import argparse
import sys
from collections.abc import Callable

from pydantic import ValidationError
from pymongo.database import Database

from keepsake.access.roles import Role, Scope
from keepsake.jobs.vault import VaultClosed
from keepsake.launcher import administration, external, indexes, secrets_kept
from keepsake.launcher.errors import CannotStart
from keepsake.launcher.run import run
from keepsake.launcher.settings import StackSettings
from keepsake.storage.errors import StorageError
from keepsake.storage.mongo import Document
from keepsake.storage.private import NotPrivate
from keepsake.storage.settings import explained
from web.admin.keys import NewKey

Given = argparse.Namespace
Act = Callable[[Database[Document], StackSettings, Given], int]


def main() -> int:
    """Run one command; the exit code."""
    given = _parser().parse_args()
    try:
        settings = StackSettings()
        if given.command == "run":
            return run(settings)
        act: Act = given.act
        return act(external.database(settings), settings, given)
    except ValidationError as error:
        print(f"keepsake: {explained(error)}", file=sys.stderr)
        return 2
    except (CannotStart, NotPrivate, StorageError, VaultClosed) as error:
        print(f"keepsake: {error}", file=sys.stderr)
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m keepsake.launcher", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("run", help="start everything in the foreground")
    unset = argparse.SUPPRESS
    _describe_key(commands.add_parser("keys", help="create an API key", argument_default=unset))
    shown = commands.add_parser("indexes", help="show the indexes, or repair them")
    shown.add_argument("--repair", action="store_true", help="create and rebuild what differs")
    shown.set_defaults(act=_show_indexes)
    vault = commands.add_parser("vault", help="look after the vault of credentials")
    acts = vault.add_subparsers(required=True)
    rewrap = acts.add_parser("rewrap", help="seal every credential with the newest key")
    rewrap.set_defaults(act=_rewrap)
    return parser


def _describe_key(keys: argparse.ArgumentParser) -> None:
    """The fields of `POST /v1/admin/keys`, which checks them here too."""
    keys.add_argument("--owner", required=True, help="who the key stands for")
    keys.add_argument("--role", choices=[str(role) for role in Role])
    keys.add_argument("--scope", action="append", choices=[str(scope) for scope in Scope],
                      dest="scopes", help="what it is held to; may be repeated")  # fmt: skip
    keys.add_argument("--organisation", action="append", dest="organisations",
                      help="whose shared indexes it may search; may be repeated")  # fmt: skip
    keys.add_argument("--expires-at", metavar="2027-01-31T00:00:00Z")
    keys.add_argument("--name")
    keys.set_defaults(act=_create_key)


def _create_key(database: Database[Document], _: StackSettings, given: Given) -> int:
    fields = {name: value for name, value in vars(given).items() if name in NewKey.model_fields}
    print(administration.create_key(database, NewKey.model_validate(fields)))
    return 0


def _show_indexes(database: Database[Document], _: StackSettings, given: Given) -> int:
    repair = administration.repair_indexes
    states = repair(database) if given.repair else indexes.states(database, repair=False)
    for state in states:
        print(f"{state.state:10} {state.index.collection}.{state.index.name}")
    return 0 if given.repair or all(state.state == "present" for state in states) else 1


def _rewrap(database: Database[Document], settings: StackSettings, _: Given) -> int:
    rewrapped = administration.rewrap_vault(database, secrets_kept.vault(settings))
    print(f"sealed anew: {rewrapped.sealed}")
    for reference in rewrapped.lost:
        print(f"no key that is set opens {reference}", file=sys.stderr)
    return 1 if rewrapped.lost else 0


if __name__ == "__main__":
    sys.exit(main())
