"""`python -m middleware.work actors …`: the `dramatiq` command, every line of its log in JSON."""

import sys

from dramatiq import cli

from middleware.logs import configure_logs


def main() -> int:
    """Run the command line; the exit code."""
    configure_logs()
    sys.argv.insert(1, "--skip-logging")
    return int(cli.main())  # type: ignore[no-untyped-call]


if __name__ == "__main__":
    sys.exit(main())
