"""Source trees to scan, and their symbols as universal-ctags sees them.

The trees are what PyPI packages ship, committed into local repositories.

The archives are of the versions and hashes of locks/trees.lock, and are kept in .keepsake/trees.
"""

import json
import re
import shutil
import subprocess
import sys
import tarfile
import time
import zipfile
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
ARCHIVES = ROOT / ".keepsake" / "trees"
SDISTS = "django,sqlalchemy"
"""Their sdists hold tests and documentation, as a repository does."""
_CHANGED = 10
_AUTHOR = ("-c", "user.name=bench", "-c", "user.email=bench@example.com")


@dataclass(frozen=True, slots=True)
class SourceTree:
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

    def commit_all(self) -> "SourceTree":
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


def repository(folder: Path, name: str) -> SourceTree:
    """One package as a repository."""
    return SourceTree(name, unpacked(folder, name)[0]).commit_all()


def together(folder: Path, names: Sequence[str]) -> SourceTree:
    """Several packages as one repository."""
    unpacked(folder / "all", *names)
    return SourceTree("all", folder / "all").commit_all()


def part(folder: Path, whole: SourceTree, *inside: str) -> SourceTree:
    """Some folders of a tree as a repository."""
    for name in inside:
        shutil.copytree(whole.path / name, folder / "part" / name)
    return SourceTree("part", folder / "part").commit_all()


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


KINDS = {"class": "class", "function": "function", "member": "method", "method": "method"}
"""ctags' kinds in Python, in our words; it has others, such as variables, that we do not list."""

READ_BY_CTAGS = ".py"
"""Not Cython, nor a template of a file."""

Symbol = tuple[str, str, int]
"""Path, name, line."""

_LAMBDA = re.compile(r"=\s*lambda\b")
_MADE = re.compile(r"^\s*\w+ = [\w.]+\(")
_MISSED = re.compile(r"\bdef inline\b")


def run_ctags(tree: Path, out: Path) -> float:
    """Write the tags of a tree, with the fields that we store too; the seconds it took."""
    out.unlink(missing_ok=True)  # ctags overwrites no file that does not look like tags
    began = time.perf_counter()
    subprocess.run(
        ["ctags", "-R", "--output-format=json", "--fields=+neKS",
         "--exclude=.git", "-f", str(out), "."],
        cwd=tree, check=True, capture_output=True,
    )  # fmt: skip
    return time.perf_counter() - began


def tags(out: Path) -> dict[Symbol, str]:
    """The classes, functions and methods of Python files, each with its kind."""
    symbols: dict[Symbol, str] = {}
    for line in out.read_text().splitlines():
        tag = json.loads(line)
        if (
            tag.get("_type") == "tag"
            and tag["path"].endswith(READ_BY_CTAGS)
            and tag["kind"] in KINDS
        ):
            path = tag["path"].removeprefix("./")
            symbols[path, tag["name"], tag["line"]] = KINDS[tag["kind"]]
    return symbols


def compared(
    tree: Path,
    ours: Mapping[Symbol, str],
    theirs: Mapping[Symbol, str],
    skipped: Mapping[str, str],
) -> dict[str, Any]:
    """How many agree in path, name, line and kind, and of which class each difference is.

    skipped: the files that we do not parse, with the reason. `agreement` is of the symbols of files
    that both read, `agreement_over_all` of all.
    """
    either = ours.keys() | theirs.keys()
    both = {symbol for symbol in either if _read_by_both(symbol[0], skipped)}
    same = sum(theirs.get(symbol) == kind for symbol, kind in ours.items())
    differ = {
        symbol: _class(tree, symbol, ours, theirs)
        for symbol in both
        if ours.get(symbol) != theirs.get(symbol)
    }
    other = sorted(symbol for symbol, what in differ.items() if what.startswith("other"))
    return {
        "agreement": round(same / len(both), 5),
        "agreement_over_all": round(same / len(either), 5),
        "same": same,
        "in_files_that_one_skips": len(either - both),
        "differences": dict(Counter(differ.values()).most_common()),
        "unexplained": other[:20],
    }


def _read_by_both(path: str, skipped: Mapping[str, str]) -> bool:
    return path.endswith(READ_BY_CTAGS) and path not in skipped


def _class(
    tree: Path, symbol: Symbol, ours: Mapping[Symbol, str], theirs: Mapping[Symbol, str]
) -> str:
    path, _, line = symbol
    if symbol in ours and symbol in theirs:
        return f"other kind: we say {ours[symbol]}, ctags {theirs[symbol]}"
    text = (tree / path).read_text().splitlines()[line - 1]
    if symbol in theirs and _LAMBDA.search(text):
        return "ctags lists a lambda that is given a name"
    if ours.get(symbol) == "class" and _MADE.search(text):
        return "ctags takes a class that a call makes for a variable"
    if symbol in ours and _MISSED.search(text):
        return "ctags takes `inline` for a word of Cython and misses the function"
    return "other, only ours" if symbol in ours else "other, only ctags"
