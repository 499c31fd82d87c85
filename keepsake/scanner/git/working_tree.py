"""A folder's working tree as it is, with what is not committed, as a tree in the mirror.

Nothing is written below the folder: the index and the objects are the mirror's. Git runs with the
mirror's configuration and never reads the folder's, so that its hooks, filters and monitors do not
run. What links lead to is not read.
"""

import os
import stat
from collections.abc import Iterable, Mapping
from hashlib import sha1
from pathlib import Path
from urllib.parse import unquote, urlsplit

from keepsake.scanner.errors import MachineShort, TooLarge, Unsupported
from keepsake.scanner.git.cache import note_packs
from keepsake.scanner.git.environment import local_environment
from keepsake.scanner.git.mirror import Mirror
from keepsake.scanner.git.process import GitProcess, ProcessLimits, run

_INDEX = "keepsake.working-tree"
"""In the mirror. It remembers what files looked like, so that only changed ones are read again."""
_SUBMODULE = b"160000"
_FILE_MODE = "100644"
_GONE, _READ, _OVERSIZED = "gone", "read", "oversized"
Tracked = Mapping[bytes, tuple[bytes, bytes]]
"""By path its mode and object."""
_PATH_BYTES = 256  # what one listed path may take on average


class WorkingTree:
    """The working tree of the folder that a mirror is of; only for who holds the mirror."""

    def __init__(self, mirror: Mirror) -> None:
        """Raises Unsupported if the folder has none."""
        self._mirror = mirror
        self._folder = Path(unquote(urlsplit(mirror.repository.url).path))
        if not os.path.lexists(self._folder / ".git"):
            raise Unsupported("a bare repository has no working tree")

    def taken(self, commit: str) -> str:
        """The id of a tree of all files as they are: those of a commit, and others not ignored.

        Files over the limit of size are in it by name alone.

        Raises:
            TooLarge: There are more files than are allowed.
            Unsupported: Git cannot read one of them.
            MachineShort: It took too long.
        """
        for lock in self._mirror.path.glob(f"{_INDEX}*.lock"):
            lock.unlink()
        self._git("read-tree", "-m", "-i", commit)
        tracked = dict(map(_staged, self._listed("ls-files", "-z", "--stage")))
        others = self._listed("ls-files", "-z", "--others", *self._ignored())
        paths = [path for path, (mode, _) in tracked.items() if mode != _SUBMODULE] + others
        if len(paths) > self._mirror.settings.scan_max_files:
            raise TooLarge(f"there are more than {self._mirror.settings.scan_max_files} files")
        self._update(tracked, paths)
        tree = self._git("write-tree", "--missing-ok").decode().strip()
        note_packs(self._mirror.path, self._mirror.settings.scan_max_file_kb)
        return tree

    def _update(self, tracked: Tracked, paths: Iterable[bytes]) -> None:
        """Bring the index to what the files are. What was and is over the limit stays as it was."""
        links = _Links(os.fsencode(self._folder))
        most_bytes = self._mirror.settings.scan_max_file_kb << 10
        read, oversized, gone = [], {}, []
        for path in paths:
            fate, size = links.fate(path, most_bytes)
            if fate == _READ:
                read.append(path)
            elif fate == _OVERSIZED:
                oversized[path] = size
            elif path in tracked:
                gone.append(path)
        oids = {path: tracked[path][1].decode() for path in oversized if path in tracked}
        small = self._mirror.objects.sizes(list(oids.values()))
        changed = [path for path in oversized if oids.get(path, "") in {"", *small}]
        facts = [f"0 {'0' * 40}\t".encode() + path for path in gone] + [
            f"{_FILE_MODE} {_absent(path, oversized[path])} 0\t".encode() + path for path in changed
        ]
        self._git("update-index", "-z", "--index-info", stdin=_ended(facts))
        self._git("update-index", "--add", "--remove", "-z", "--stdin", stdin=_ended(read))

    def _ignored(self) -> list[str]:
        """What says which files are ignored: the tree's own, and the repository's for itself."""
        own = self._folder / ".git" / "info" / "exclude"
        links = _Links(os.fsencode(self._folder))
        there = links.fate(b".git/info/exclude", 1 << 20)[0] == _READ and not own.is_symlink()
        options = ["--exclude-per-directory=.gitignore"]
        return [*options, f"--exclude-from={own}"] if there else options

    def _listed(self, *args: str) -> list[bytes]:
        return [line for line in self._git(*args).split(b"\0") if line]

    def _git(self, *args: str, stdin: bytes = b"") -> bytes:
        settings = self._mirror.settings
        limits = ProcessLimits(
            seconds=settings.scan_git_timeout_seconds,
            memory_mb=settings.scan_git_memory_mb,
            file_mb=settings.scan_repository_mb,
            output_bytes=settings.scan_max_files * _PATH_BYTES + (1 << 16),
            timeout_error=MachineShort,
        )
        env = {
            **local_environment(),
            "GIT_DIR": str(self._mirror.path),
            "GIT_WORK_TREE": str(self._folder),
            "GIT_INDEX_FILE": str(self._mirror.path / _INDEX),
        }
        child = GitProcess(["git", *args], env, limits, stdin=stdin, cwd=str(self._folder))
        code, out, _ = run(child)
        if code:
            raise Unsupported("git cannot read the working tree")
        return out


class _Links:
    """Tells what a path is without following any link below a folder."""

    def __init__(self, folder: bytes) -> None:
        self._folder = folder
        self._plain: dict[bytes, bool] = {b"": True}

    def fate(self, path: bytes, most_bytes: int) -> tuple[str, int]:
        """What becomes of a file, and its size: read, listed as oversized, or gone."""
        place = self._folder + b"/" + path
        try:
            found = os.lstat(place)
        except OSError:
            return _GONE, 0
        if not self._is_plain(path.rpartition(b"/")[0]):
            return _GONE, 0
        if stat.S_ISLNK(found.st_mode):
            return _READ, found.st_size
        if not stat.S_ISREG(found.st_mode) or not os.access(place, os.R_OK):
            return _GONE, 0
        return (_OVERSIZED if found.st_size > most_bytes else _READ), found.st_size

    def _is_plain(self, parent: bytes) -> bool:
        """Whether a folder is reached through no link."""
        known = self._plain.get(parent)
        if known is None:
            above = self._is_plain(parent.rpartition(b"/")[0])
            place = self._folder + b"/" + parent
            known = above and stat.S_ISDIR(os.lstat(place).st_mode)
            self._plain[parent] = known
        return known


def _staged(line: bytes) -> tuple[bytes, tuple[bytes, bytes]]:
    facts, _, path = line.partition(b"\t")
    mode, oid, _ = facts.split(b" ")
    return path, (mode, oid)


def _absent(path: bytes, size: int) -> str:
    """The id of an object that is not there, as of all files over the limit; new for a new size."""
    return sha1(b"oversized\0%d\0" % size + path, usedforsecurity=False).hexdigest()


def _ended(lines: Iterable[bytes]) -> bytes:
    return b"".join(line + b"\0" for line in lines)
