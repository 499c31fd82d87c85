"""A bare mirror of one owner's repository: a cache that any worker can make again.

It holds the wanted commits, to the depth of the settings, and no blobs over the file limit. By
default a fetch moves no history, and never a file that would be skipped. It has no remote in its
configuration: nothing can be fetched into it by accident, and it holds no credentials.
"""

import fcntl
import os
import re
import shutil
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

from pydantic import SecretStr

from keepsake.scanner.errors import (
    BranchNotFound,
    GitFailed,
    MachineShort,
    MirrorDamaged,
    RefMoved,
    TooLarge,
)
from keepsake.scanner.git import cache
from keepsake.scanner.git.cache import lock_file, size_bytes
from keepsake.scanner.git.environment import (
    Remote,
    configured,
    local_environment,
    remote_environment,
)
from keepsake.scanner.git.process import GitProcess, Objects, ProcessLimits, run
from keepsake.scanner.git.remote import failure
from keepsake.scanner.models import Repository, ResolvedRef, digest
from keepsake.scanner.settings import ScannerSettings
from keepsake.storage import private_directory

_PERCENT = re.compile(rb"([A-Z][a-z]+ \w+):\s+(\d+)%")
_MANY_PACKS = 32
_NOTE_SECONDS = 0.5


class Mirror:
    """One repository on this machine's disk; only `locked` gives one."""

    def __init__(
        self, repository: Repository, settings: ScannerSettings, *, trees_only: bool = False
    ) -> None:
        self._trees_only = trees_only
        self._is_new = False
        self.repository = repository
        self.settings = settings
        self.path = settings.scan_cache_path / f"{repository.id}.git"
        self.objects = Objects(self._object_reader, self.damaged, settings.scan_git_timeout_seconds)

    def tree(self, commit: str) -> str | None:
        """The id of the tree of a commit, or of a tree; None when it is not here.

        Raises:
            GitFailed: The mirror cannot be read; it is dropped, since it can be made again.
        """
        return self.objects.name(f"{commit}^{{tree}}") if self.path.exists() else None

    def fetch(self, resolved: ResolvedRef, token: SecretStr | None) -> Iterator[str]:
        """Fetch the commit; yields about twice a second how far git says it is.

        Raises:
            ScanError: The remote cannot be read, is too large, or moved the branch meanwhile.
        """
        yield from self._fetch_commit(resolved, token)
        if self._is_too_large and not self._is_new:  # the packs of many fetches add up
            self.discard()
            yield from self._fetch_commit(resolved, token)
        self._check_size()
        cache.note_packs(self.path, self.settings.scan_max_file_kb)

    def verify(self) -> None:
        """Make sure that what is not here was never fetched; costs as much as a fetch of it all.

        Raises:
            MirrorDamaged: Something was fetched and cannot be read.
        """
        if self._is_new:
            return
        indexes = [str(index) for index in self._packs.glob("*.idx")]
        code, _, _ = run(self.reading_process("verify-pack", *indexes, output_bytes=1 << 16))
        if code:
            raise self.damaged()

    def read(self, *args: str, output_bytes: int) -> bytes:
        """Run a git that only reads the mirror.

        Raises:
            MirrorDamaged: It could not.
        """
        code, out, errors = run(self.reading_process(*args, output_bytes=output_bytes))
        if code:
            raise self.damaged() from failure(code, errors)
        return out

    def reading_process(self, *args: str, output_bytes: int) -> GitProcess:
        """A git that only reads the mirror, not yet started."""
        limits = ProcessLimits(
            seconds=self.settings.scan_git_timeout_seconds,
            memory_mb=self.settings.scan_git_memory_mb,
            output_bytes=output_bytes,
            timeout_error=MachineShort,
        )
        argv = ["git", f"--git-dir={self.path}", *args]
        return GitProcess(argv, local_environment(), limits)

    def damaged(self) -> MirrorDamaged:
        """Delete the mirror, since it can be made again; the error that says so."""
        self.discard()
        return MirrorDamaged("the mirror cannot be read; it is fetched again")

    def discard(self) -> None:
        """Delete the mirror."""
        self.close()
        shutil.rmtree(self.path, ignore_errors=True)

    def close(self) -> None:
        """End the git that reads it."""
        self.objects.close()

    def _fetch_commit(self, resolved: ResolvedRef, token: SecretStr | None) -> Iterator[str]:
        self._prepare()
        try:
            yield from self._run_fetch(resolved.commit, resolved, token)
        except BranchNotFound:  # some hosts give no commit by its id
            if not resolved.full_ref:
                raise
            yield from self._run_fetch(resolved.full_ref, resolved, token)
        if self.tree(resolved.commit) is None:
            self._suspect_damage()
            raise RefMoved("the branch moved while it was fetched")

    def _run_fetch(
        self, wanted: str, resolved: ResolvedRef, token: SecretStr | None
    ) -> Iterator[str]:
        kept = f"refs/keepsake/{digest(resolved.branch)}"
        depth = 1 if self._trees_only else self.settings.scan_history_commits
        argv = (
            "git", "fetch", f"--depth={depth}", "--no-tags", "--no-write-fetch-head",
            self._progress_option, "--no-auto-maintenance", "origin", f"+{wanted}:{kept}",
        )  # fmt: skip
        with remote_environment(self.repository.url, token, self.settings) as remote:
            child = self._fetch_process(argv, remote)
            with child:
                due = time.monotonic() + _NOTE_SECONDS
                for _ in child.output():
                    if time.monotonic() >= due:
                        due = time.monotonic() + _NOTE_SECONDS
                        yield _percent(child.errors)
                code = child.code()
        if code and self._has_too_large_pack():
            raise TooLarge(f"the repository is over {self.settings.scan_repository_mb} MB")
        if code:
            error = failure(code, bytes(child.errors))
            if isinstance(error, GitFailed):
                self._suspect_damage()
            raise error

    def _has_too_large_pack(self) -> bool:
        """Whether a pack ended at the limit: git does not say that a signal stopped its writer."""
        limit = self.settings.scan_repository_mb << 20
        return any(pack.stat().st_size >= limit for pack in self._packs.glob("tmp_*"))

    @property
    def _progress_option(self) -> str:
        """Git writes each percent, for minutes or for milliseconds: an increment does without."""
        return "--quiet" if any(self._packs.glob("*.pack")) else "--progress"

    @property
    def _packs(self) -> Path:
        return self.path / "objects" / "pack"

    def _fetch_process(self, argv: Sequence[str], remote: Remote) -> GitProcess:
        settings = self.settings
        limits = ProcessLimits(
            seconds=settings.scan_fetch_timeout_seconds,
            memory_mb=settings.scan_git_memory_mb,
            file_mb=settings.scan_repository_mb,
        )
        blobs = f"blob:limit={settings.scan_max_file_kb + 1}k"
        origin = {
            "remote.origin.url": self.repository.url,
            "remote.origin.promisor": "true",
            "remote.origin.partialclonefilter": "blob:none" if self._trees_only else blobs,
        }
        env = configured(remote.env, origin)
        return GitProcess(
            argv, env, limits, inherited=remote.inherited, tethered=True, cwd=str(self.path)
        )

    def _object_reader(self) -> GitProcess:
        reader = self.reading_process("cat-file", "--batch-command", "--buffer", output_bytes=0)
        return replace(reader, interactive=True)

    def _prepare(self) -> None:
        """Make the mirror if it is not there; begin anew when it has grown into many packs."""
        if len(list(self._packs.glob("*.pack"))) > _MANY_PACKS:
            self.discard()
        self._is_new = not self.path.exists()
        if self._is_new:
            self._create()
        for leftover in (*self._packs.glob("tmp_*"), *self.path.glob("*.lock")):
            leftover.unlink(missing_ok=True)

    def _create(self) -> None:
        draft = self.path.with_suffix(".draft")
        shutil.rmtree(draft, ignore_errors=True)
        seconds = self.settings.scan_git_timeout_seconds
        limits = ProcessLimits(
            seconds=seconds, memory_mb=512, file_mb=1, timeout_error=MachineShort
        )
        argv = ["git", "init", "--bare", "--quiet", "--template=", str(draft)]
        code, _, errors = run(GitProcess(argv, local_environment(), limits))
        if code:
            raise failure(code, errors)
        draft.rename(self.path)

    def _suspect_damage(self) -> None:
        """Drop the mirror: what git cannot explain, or has and does not find, may be its fault.

        Raises:
            MirrorDamaged: It has not just been made.
        """
        if not self._is_new:
            raise self.damaged()

    def _check_size(self) -> None:
        if self._is_too_large:
            self.discard()
            raise TooLarge(f"the repository is over {self.settings.scan_repository_mb} MB")

    @property
    def _is_too_large(self) -> bool:
        return size_bytes(self.path) > self.settings.scan_repository_mb << 20


@contextmanager
def locked(repository: Repository, settings: ScannerSettings) -> Iterator[Mirror]:
    """Hold the mirror for this process; released when the process ends, however it ends.

    Raises:
        GitFailed: Another process of this machine holds it.
        NotPrivate: Another user of this machine could change it.
    """
    place = private_directory(settings.scan_cache_path)
    with lock_file(place / f"{repository.id}.lock").open("wb") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise GitFailed("another scan of this machine holds the mirror") from error
        os.utime(lock.name)
        with closing(Mirror(repository, settings)) as mirror:
            if mirror.path.exists() and not cache.packs_as_noted(
                mirror.path, settings.scan_max_file_kb
            ):
                mirror.discard()
            yield mirror


def _percent(errors: bytearray) -> str:
    steps = _PERCENT.findall(bytes(errors[-512:]))
    return f"{steps[-1][0].decode().lower()} {int(steps[-1][1])} %" if steps else ""
