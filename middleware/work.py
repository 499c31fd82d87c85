"""`python -m middleware.work actors …`: the `dramatiq` command, every line of its log in JSON."""

import sys

from dramatiq import cli

from middleware import logs


def main() -> int:
    """Run the command line; the exit code."""
    logs.configure()
    sys.argv.insert(1, "--skip-logging")
    return int(cli.main())  # type: ignore[no-untyped-call]


if __name__ == "__main__":
    sys.exit(main())
