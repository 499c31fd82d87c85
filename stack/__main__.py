"""`python -m stack run | keys | indexes`: what operators type."""

import argparse
import sys

from pydantic import ValidationError
from pymongo.database import Database

from access.keys import KeyStore
from access.roles import Role
from stack import external, indexes
from stack.errors import CannotStart
from stack.run import run
from stack.settings import StackSettings
from storage.errors import StorageError
from storage.mongo import Document
from storage.settings import explained


def main() -> int:
    """Run one command; the exit code."""
    arguments = _parser().parse_args()
    try:
        settings = StackSettings()
    except ValidationError as error:
        print(f"keepsake: {explained(error)}", file=sys.stderr)
        return 2
    if arguments.command == "run":
        return run(settings)
    try:
        return int(arguments.act(external.database(settings), arguments))
    except (CannotStart, StorageError) as error:
        print(f"keepsake: {error}", file=sys.stderr)
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m stack", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("run", help="start everything in the foreground")
    keys = commands.add_parser("keys", help="create an API key")
    keys.add_argument("--owner", required=True, help="who the key stands for")
    keys.add_argument("--role", choices=[str(role) for role in Role], default="owner")
    keys.set_defaults(act=_create_key)
    shown = commands.add_parser("indexes", help="show the indexes, or repair them")
    shown.add_argument("--repair", action="store_true", help="create and rebuild what differs")
    shown.set_defaults(act=_show_indexes)
    return parser


def _create_key(database: Database[Document], arguments: argparse.Namespace) -> int:
    print(KeyStore(database).create(arguments.owner, role=Role(arguments.role)))
    return 0


def _show_indexes(database: Database[Document], arguments: argparse.Namespace) -> int:
    found = indexes.states(database, repair=arguments.repair)
    for one in found:
        print(f"{one.state:10} {one.index.collection}.{one.index.name}")
    return 0 if arguments.repair or all(one.state == "present" for one in found) else 1


if __name__ == "__main__":
    sys.exit(main())
