"""Source trees to scan: what PyPI packages ship, committed into local repositories.

The archives are of the versions and hashes of locks/trees.lock, and are kept in .keepsake/trees.
"""

import shutil
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
ARCHIVES = ROOT / ".keepsake" / "trees"
SDISTS = "django,sqlalchemy"
"""Their sdists hold tests and documentation, as a repository does."""
_CHANGED = 10
_AUTHOR = ("-c", "user.name=bench", "-c", "user.email=bench@example.com")


@dataclass(frozen=True, slots=True)
class Tree:
    """A repository with one commit."""

    name: str
    path: Path

    @property
    def url(self) -> str:
        """Where a scanner finds it."""
        return f"file://{self.path}"

    def change(self) -> None:
        """Add a function to ten Python files of all sizes and commit."""
        files = sorted(self.path.rglob("*.py"), key=lambda file: (file.stat().st_size, file))
        step = len(files) // _CHANGED
        for file in files[step // 2 :: step][:_CHANGED]:
            file.write_text(file.read_text() + "\n\ndef added_by_the_benchmark():\n    return 1\n")
        self._git("add", "--all")
        self._git(*_AUTHOR, "commit", "--quiet", "--message", "ten files")

    def commit_all(self) -> "Tree":
        """Make the folder a repository, packed as a host keeps it."""
        self._git("init", "--quiet", "--initial-branch", "main")
        self._git("config", "uploadpack.allowFilter", "true")
        self._git("config", "gc.auto", "0")
        self._git("add", "--all", "--force")
        self._git(*_AUTHOR, "commit", "--quiet", "--message", "all")
        self._git("repack", "-a", "-d", "--quiet")
        return self

    def _git(self, *args: str) -> None:
        command = ["git", "-c", "safe.directory=*", "-C", str(self.path), *args]
        subprocess.run(command, check=True, capture_output=True)


def unpacked(folder: Path, *names: str) -> list[Path]:
    """The trees of some packages, in folders of their names."""
    _download()
    return [_unpacked(folder / name, _archive(name)) for name in names]


def repository(folder: Path, name: str) -> Tree:
    """One package as a repository."""
    return Tree(name, unpacked(folder, name)[0]).commit_all()


def together(folder: Path, names: Sequence[str]) -> Tree:
    """Several packages as one repository."""
    unpacked(folder / "all", *names)
    return Tree("all", folder / "all").commit_all()


def part(folder: Path, whole: Tree, *inside: str) -> Tree:
    """Some folders of a tree as a repository."""
    for name in inside:
        shutil.copytree(whole.path / name, folder / "part" / name)
    return Tree("part", folder / "part").commit_all()


def _download() -> None:
    if not ARCHIVES.exists():
        draft = ARCHIVES.with_suffix(".draft")
        subprocess.run(
            [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check",
             "--no-deps", "--require-hashes", "--no-binary", SDISTS, "--dest", str(draft),
             "-r", str(ROOT / "locks" / "trees.lock")],
            check=True,
        )  # fmt: skip
        draft.rename(ARCHIVES)


def _archive(name: str) -> Path:
    return next(ARCHIVES.glob(f"{name}-*"))


def _unpacked(folder: Path, archive: Path) -> Path:
    folder.mkdir(parents=True)
    if archive.suffix == ".whl":
        with zipfile.ZipFile(archive) as wheel:
            wheel.extractall(folder)
        return folder
    with tarfile.open(archive) as sdist:
        sdist.extractall(folder, filter="data")
    return next(folder.iterdir())
