"""What drills print, and keep for the table of results if DRILL_RESULTS is set."""

import os

from bench import figures


def print_verdict(name: str, what: str, said: str, *, met: bool) -> None:
    """Print what came of a drill; with DRILL_RESULTS its line goes into bench/results."""
    print(f"{what}: {said}")
    if os.environ.get("DRILL_RESULTS"):
        aim = "none lost, failed or burnt"
        figures.keep(name, {}, [figures.Finding(what, said, aim=aim, met=met)])
