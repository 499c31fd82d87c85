"""From an empty Debian to a turn that is found, by the steps of docs/operating.md.

`python deploy/walk/walk.py` as root. debootstrap makes a machine in a directory, from where this
system has its packages; systemd-nspawn boots it, with no network but its own. There the commands
under "systemd" are run as they stand in the document (inside.sh). Whatever was made is removed. The
exit code is 0 when all went well, and the last line says so.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from keepsake.launcher.mongod import binary

ROOT = Path(__file__).parents[2]
HERE = Path(__file__).parent
PACKAGES = (
    "ca-certificates", "dbus", "git", "libcurl4", "liblzma5", "openssl", "python3-venv",
    "rabbitmq-server", "systemd-sysv",
)  # fmt: skip
"""What an operator installs besides: systemd's own, and what docs/operating.md asks for."""
MOST_SECONDS = 1800
REBOOTED = 133
"""systemd-nspawn's exit code for a machine that wants to be booted anew."""
SECTION = re.compile(r"^### systemd\n(.*?)^##+ ", re.MULTILINE | re.DOTALL)
COMMANDS = re.compile(r"^```sh\n(.*?)^```", re.MULTILINE | re.DOTALL)


def steps(document: str) -> list[str]:
    """The commands of the section, as they stand there; each is a script."""
    return [step for section in SECTION.findall(document) for step in COMMANDS.findall(section)]


def mirror() -> tuple[str, str]:
    """This system's release, and where its packages come from."""
    release = dict(
        line.split("=", 1) for line in Path("/etc/os-release").read_text().splitlines() if line
    )["VERSION_CODENAME"]
    listed = subprocess.run(
        ["apt-get", "indextargets", "--format", "$(RELEASE) $(REPO_URI)", "Created-By: Packages",
         "Component: main"],
        capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    places = dict(line.split(" ", 1) for line in reversed(listed.splitlines()))
    return release, places[release]


def make(tree: Path) -> None:
    """An empty Debian, what an operator brings there, and what makes it walk."""
    release, place = mirror()
    run("debootstrap", "--variant=minbase", f"--include={','.join(PACKAGES)}", release, tree, place)
    brought = tree / "srv" / "keepsake"
    for name in ("deploy", "locks"):
        shutil.copytree(ROOT / name, brought / name)
    shutil.copytree(ROOT / "dist", brought / "dist")
    run(
        sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--require-hashes",
        "--only-binary", ":all:", "--dest", tree / "srv" / "wheels", "-r", ROOT / "locks/run.lock",
    )  # fmt: skip
    shutil.copy(binary(), tree / "usr" / "local" / "bin")
    for number, step in enumerate(steps((ROOT / "docs" / "operating.md").read_text())):
        (tree / "srv" / f"step-{number}.sh").write_text(step)
    for unit in HERE.glob("*.service"):
        shutil.copy(unit, tree / "etc" / "systemd" / "system")
    shutil.copy(HERE / "inside.sh", tree / "srv")
    (tree / "etc" / "hostname").write_text("walk\n")
    (tree / "etc" / "hosts").write_text("127.0.0.1 localhost walk\n")
    run("systemctl", f"--root={tree}", "--quiet", "enable", "walk.service")


def run(*command: str | Path) -> None:
    """Run a command; its output is ours.

    Raises:
        CalledProcessError: It failed.
    """
    subprocess.run(command, check=True, stdout=sys.stderr)


def walk(tree: Path) -> bool:
    """Boot the machine, and again when it asks for it; whether all went well at its end."""
    try:
        while boot(tree) == REBOOTED:
            pass
    finally:
        print((tree / "srv" / "log").read_text(), end="", flush=True)
    return (tree / "srv" / "done").exists()


def boot(tree: Path) -> int:
    """Run the machine until it is down; systemd-nspawn's exit code."""
    machine = subprocess.Popen(
        ["systemd-nspawn", "--quiet", "--boot", "--register=no", "--keep-unit", "--private-network",
         "--console=pipe", "--directory", tree],
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        return machine.wait(MOST_SECONDS)
    except subprocess.TimeoutExpired:
        machine.terminate()  # which asks the machine to power off
        return machine.wait()


@contextmanager
def directory() -> Iterator[Path]:
    """Where the machine is, in memory: to install on a disk takes ten times as long."""
    place = Path(tempfile.mkdtemp(prefix="keepsake-walk-"))
    run("mount", "-t", "tmpfs", "-o", "mode=0755,size=4G", "keepsake-walk", place)
    try:
        yield place
    finally:
        run("umount", place)
        place.rmdir()


def main() -> None:
    """Walk, and say how it went."""
    if os.geteuid() != 0:
        sys.exit("keepsake: only root can make a machine: sudo make walk-systemd")
    with directory() as tree:
        make(tree)
        arrived = walk(tree)
    print("walk: arrived" if arrived else "walk: did not arrive")
    sys.exit(not arrived)


if __name__ == "__main__":
    main()
