"""What the distribution must bring: RabbitMQ's server and the libraries of mongod.

Run as `python -m stack.prerequisites` by `make setup`, before or after the dependencies: it uses
the standard library only.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

SERVER = Path("/usr/lib/rabbitmq/bin/rabbitmq-server")
_PACKAGES: dict[str, Callable[[], bool]] = {
    "rabbitmq-server": lambda: SERVER.exists(),
    "libcurl4": lambda: _library("libcurl.so.4"),
    "liblzma5": lambda: _library("liblzma.so.5"),
    "git": lambda: shutil.which("git") is not None,
}


def missing() -> list[str]:
    """The packages that are not there."""
    return [package for package, present in _PACKAGES.items() if not present()]


def install(packages: list[str]) -> str | None:
    """Install packages with apt; what went wrong, in one line, or None."""
    named = " ".join(packages)
    if shutil.which("apt-get") is None:
        return f"install {named} with this system's package manager, then try again"
    root = [] if os.geteuid() == 0 else ["sudo", "-n"]
    if root and (shutil.which("sudo") is None or _fails(["sudo", "-n", "true"])):
        return f"no right to install packages: run `sudo apt-get install {named}`, then try again"
    print(f"Installing {named} …", flush=True)
    command = [*root, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq"]
    if _fails([*command, "install", "-y", "--no-install-recommends", *packages]):
        if _fails([*command, "update"]):
            return "apt-get update failed: check the network and the package sources"
        if _fails([*command, "install", "-y", "--no-install-recommends", *packages]):
            return f"apt-get install {named} failed: run it by hand to see why"
    return None


def _fails(command: list[str]) -> bool:
    return subprocess.run(command, capture_output=True, check=False).returncode != 0


def _library(name: str) -> bool:
    listed = subprocess.run(["/sbin/ldconfig", "-p"], capture_output=True, text=True, check=False)
    return name in listed.stdout


def main() -> None:
    """Install what is missing, or say in one line what to do."""
    packages = missing()
    trouble = install(packages) if packages else None
    if trouble:
        sys.exit(f"keepsake: {trouble}")


if __name__ == "__main__":
    main()
