"""Which commits changed some lines: `git log -L` on a mirror, bounded, and never a fetch."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from keepsake.scanner.errors import MachineShort, TooLarge
from keepsake.scanner.git.environment import local_environment
from keepsake.scanner.git.process import GitProcess, ProcessLimits
from keepsake.scanner.settings import ScannerSettings

NO_MIRROR, NOT_FETCHED, MORE, TOO_SLOW, UNREADABLE = (
    "no mirror", "not fetched", "more commits", "too slow", "not readable",
)  # fmt: skip
_SECONDS = 5
_AT_ONCE = 4
"""That one process runs; others wait as long as one may take."""
_OUTPUT_BYTES = 1 << 20
_SHOWN_CHARS = 200
_FIELDS = 4
_LAST_SECOND = 253_402_300_799
"""Of the year 9999: who commits may say any time, or none that git can read."""
_FORMAT = "--format=%H%x00%ct%x00%an%x00%s"


@dataclass(frozen=True, slots=True)
class LineChange:
    """A commit that changed some lines."""

    commit: str
    at: datetime
    author: str
    subject: str


@dataclass(slots=True)
class LineChanges:
    """The newest first; `reason` says why older ones are missing, None when none are."""

    listed: list[LineChange] = field(default_factory=list)
    reason: str | None = None


class LineLog:
    """Reads mirrors of this machine while others may fetch into them or delete them."""

    def __init__(self, settings: ScannerSettings) -> None:
        self._settings = settings
        self._slots = threading.BoundedSemaphore(_AT_ONCE)

    def changes(
        self, repository: str, commit: str, path: str, lines: tuple[int, int], limit: int
    ) -> LineChanges:
        """The last commits up to one that changed lines of a file, as they are numbered there.

        repository: its id.
        """
        mirror = self._settings.scan_cache_path / f"{repository}.git"
        if not mirror.exists():
            return LineChanges(reason=NO_MIRROR)
        if not self._slots.acquire(timeout=_SECONDS):
            return LineChanges(reason=TOO_SLOW)
        try:
            out, reason = self._output(_argv(mirror, commit, path, lines, limit))
        finally:
            self._slots.release()
        changes = LineChanges(list(_parsed(out)), reason)
        _leave_out_fetched_ends(changes, mirror)
        if len(changes.listed) > limit:
            changes = LineChanges(changes.listed[:limit], MORE)
        return changes

    def _output(self, argv: list[str]) -> tuple[bytes, str | None]:
        """What git wrote, and why that is not all."""
        limits = ProcessLimits(
            seconds=_SECONDS, memory_mb=self._settings.scan_git_memory_mb,
            output_bytes=_OUTPUT_BYTES, timeout_error=MachineShort,
        )  # fmt: skip
        out = bytearray()
        try:
            with GitProcess(argv, local_environment(), limits) as child:
                for piece in child.output():
                    out += piece
                return bytes(out), UNREADABLE if child.code() else None
        except (MachineShort, TooLarge):
            return bytes(out), TOO_SLOW


def _argv(
    mirror: Path, commit: str, path: str, lines: tuple[int, int], limit: int
) -> list[str]:  # fmt: skip
    first, last = lines
    return [
        "git", f"--git-dir={mirror}", "log", "--no-patch", "--no-ext-diff", "--no-textconv",
        f"--max-count={limit + 1}", _FORMAT, f"-L{first},{last}:{path}", commit,
    ]  # fmt: skip


def _parsed(out: bytes) -> Iterator[LineChange]:
    """Whole lines alone: the last one may be cut off."""
    for line in out.split(b"\n")[:-1]:
        parts = line.decode("utf-8", "replace").split("\0")
        if len(parts) == _FIELDS:
            commit, seconds, author, subject = parts
            at = datetime.fromtimestamp(min(max(int(seconds or 0), 0), _LAST_SECOND), UTC)
            yield LineChange(commit, at, _without_address(_shown(author)), _shown(subject))


def _leave_out_fetched_ends(changes: LineChanges, mirror: Path) -> None:
    """Where the mirror's history ends git takes all lines for new: these commits tell nothing."""
    try:
        ends = frozenset((mirror / "shallow").read_text().split())
    except FileNotFoundError:
        return
    known = [change for change in changes.listed if change.commit not in ends]
    if len(known) < len(changes.listed):
        changes.listed, changes.reason = known, changes.reason or NOT_FETCHED


def _shown(text: str) -> str:
    return "".join(char if char.isprintable() else " " for char in text)[:_SHOWN_CHARS]


def _without_address(author: str) -> str:
    """Some give an e-mail address for a name: what stands before the `@` is shown."""
    return author.split("@")[0].strip() if "@" in author else author
