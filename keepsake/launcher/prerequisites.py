"""What the distribution must bring: RabbitMQ's server, the libraries of mongod, and git.

Run as `python -m keepsake.launcher.prerequisites [PACKAGE…]`, before or after the dependencies:
it uses the standard library only. Packages that only tests or a benchmark need are named by them.
"""

import os
import re
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
_ON_REQUEST: dict[str, Callable[[], bool]] = {
    "chromium": lambda: shutil.which("chromium") is not None,
    "curl": lambda: shutil.which("curl") is not None,  # the commands of docs/api.md
    "debootstrap": lambda: shutil.which("debootstrap") is not None,
    "docker-compose": lambda: shutil.which("docker-compose") is not None,
    "libatomic1": lambda: _library("libatomic.so.1"),  # Playwright's Node
    "libfaketime": lambda: faketime() is not None,
    "prometheus": lambda: shutil.which("promtool") is not None,
    "skopeo": lambda: shutil.which("skopeo") is not None,
    "systemd": lambda: shutil.which("systemd-analyze") is not None,
    "systemd-container": lambda: shutil.which("systemd-nspawn") is not None,
    "universal-ctags": lambda: shutil.which("ctags") is not None,
}
_SPARED = {
    "KEEPSAKE_AMQP_URL": ("rabbitmq-server",),
    "KEEPSAKE_MONGO_URL": ("libcurl4", "liblzma5"),
}
_GIT = (2, 36)
"""The first with `git cat-file --batch-command`."""
# Keepsake runs a node of its own, and of Prometheus only the tool: Debian's servers, on the default
# ports, are kept from starting, now by policy-rc.d and at the next boot by systemd.
_SCRIPT = r"""
export DEBIAN_FRONTEND=noninteractive
policy=/usr/sbin/policy-rc.d
if [ ! -e $policy ]; then
    trap 'rm -f $policy' EXIT
    trap 'exit 1' INT TERM
    printf '#!/bin/sh\nexit 101\n' >$policy && chmod 755 $policy || exit
fi
get() { apt-get -qq -o DPkg::Lock::Timeout=120 "$@" </dev/null; }
get install -y --no-install-recommends "$@" ||
    { get update && get install -y --no-install-recommends "$@"; } || exit
for server in rabbitmq-server prometheus; do
    case " $* " in *" $server "*)
        if command -v systemctl >/dev/null; then systemctl disable $server || true; fi
    esac
done
"""


def missing(*requested: str) -> list[str]:
    """The packages that are not there; a server given by URL needs none."""
    spared = [
        name for setting, names in _SPARED.items() if os.environ.get(setting) for name in names
    ]
    needed = _PACKAGES | {name: _ON_REQUEST[name] for name in requested}
    return [name for name, there in needed.items() if name not in spared and not there()]


def faketime() -> Path | None:
    """The library of Debian's `libfaketime` for threads; None without the package."""
    return next(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"), None)


def outdated_git() -> str | None:
    """What to do about a git that is too old, in one line, or None."""
    shown = _run(["git", "--version"]).stdout.strip()
    version = re.search(r"(\d+)\.(\d+)", shown)
    if version and tuple(map(int, version.groups())) >= _GIT:
        return None
    return f"git 2.36 or newer is needed, and this is `{shown}`: install one and put it on the PATH"


def install(packages: list[str]) -> str | None:
    """Install packages with apt; what went wrong, in one line, or None."""
    named = " ".join(packages)
    if shutil.which("apt-get") is None:
        return f"install {named} with this system's package manager, then try again"
    root = [] if os.geteuid() == 0 else ["sudo", "-n"]
    if root and not _may_become_root():
        return f"no right to install packages: run `sudo apt-get install {named}`, then try again"
    print(f"Installing {named} …", flush=True)
    ended = _run([*root, "sh", "-c", _SCRIPT, "install", *packages])
    if ended.returncode != 0:
        errors = [line for line in ended.stderr.splitlines() if line.startswith("E: ")]
        return f"apt-get install {named} failed: {errors[-1][3:] if errors else 'run it by hand'}"
    return None


def _may_become_root() -> bool:
    return shutil.which("sudo") is not None and _run(["sudo", "-n", "true"]).returncode == 0


def _run(command: list[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, check=False)


def _library(name: str) -> bool:
    return name in _run(["/sbin/ldconfig", "-p"]).stdout


def main() -> None:
    """Install what is missing, or say in one line what to do."""
    packages = missing(*sys.argv[1:])
    trouble = (install(packages) if packages else None) or outdated_git()
    if trouble:
        sys.exit(f"keepsake: {trouble}")


if __name__ == "__main__":
    main()
