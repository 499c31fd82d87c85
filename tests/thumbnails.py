"""The example package, installed beside the server and not into its environment."""

import os
import subprocess
import sys
from pathlib import Path

from tests.conftest import ROOT

EXAMPLE = ROOT / "examples" / "thumbnails"


def install(target: Path) -> Path:
    """Install the example into a folder."""
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index",
               "--no-build-isolation", "--disable-pip-version-check", "--target", str(target),
               str(EXAMPLE)]  # fmt: skip
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return target


def beside(target: Path) -> dict[str, str]:
    """The environment of processes that find what is installed in a folder."""
    return {"PYTHONPATH": os.pathsep.join([str(target), str(ROOT)])}
