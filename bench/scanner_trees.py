"""Source trees to scan: what PyPI wheels ship, committed into local repositories."""

import subprocess
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path

PACKAGES = {"django": "django==5.2.8", "sqlalchemy": "sqlalchemy==2.0.44"}
_CHANGED = 10


@dataclass(frozen=True, slots=True)
class Tree:
    """A repository with one commit of a package's files."""

    name: str
    path: Path

    @property
    def url(self) -> str:
        """Where a scanner finds it."""
        return f"file://{self.path}"

    def change(self) -> None:
        """Add a function to ten files and commit."""
        files = sorted(self.path.rglob("*.py"), key=lambda file: -file.stat().st_size)[10:]
        for file in files[:: len(files) // _CHANGED][:_CHANGED]:
            file.write_text(file.read_text() + "\n\ndef added_by_the_benchmark():\n    return 1\n")
        self._commit("ten files")

    def _commit(self, message: str) -> None:
        _git(self.path, "add", "--all")
        _git(self.path, "-c", "user.name=bench", "-c", "user.email=bench@example.com", "commit",
             "--quiet", "--message", message)  # fmt: skip


def trees(folder: Path) -> list[Tree]:
    """Download the wheels with pip and commit what is in them."""
    return [_tree(folder, name, requirement) for name, requirement in PACKAGES.items()]


def committed(name: str, path: Path) -> Tree:
    """A folder of files as a repository."""
    _git(path, "init", "--quiet", "--initial-branch", "main")
    _git(path, "config", "uploadpack.allowFilter", "true")
    tree = Tree(name, path)
    tree._commit("all")  # noqa: SLF001 - of the same module
    return tree


def _tree(folder: Path, name: str, requirement: str) -> Tree:
    wheels, path = folder / f"{name}-wheel", folder / "trees" / name
    subprocess.run(
        [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps",
         "--only-binary", ":all:", "--dest", str(wheels), requirement],
        check=True,
    )  # fmt: skip
    path.mkdir(parents=True)
    with zipfile.ZipFile(next(wheels.glob("*.whl"))) as wheel:
        wheel.extractall(path)
    return committed(name, path)


def _git(path: Path, *args: str) -> None:
    subprocess.run(["git", "-C", str(path), *args], check=True, capture_output=True)
