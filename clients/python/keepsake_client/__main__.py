"""`keepsake`, and `python -m keepsake_client`."""

import sys


def main() -> None:
    """Run the command line; without the extra `cli`, say that it is needed."""
    try:
        from keepsake_client.cli import cli  # noqa: PLC0415 - needs the extra
    except ModuleNotFoundError as error:
        if error.name != "click":
            raise
        sys.exit("keepsake: the command line needs click: install keepsake-client[cli]")
    cli(prog_name="keepsake")


if __name__ == "__main__":
    main()
