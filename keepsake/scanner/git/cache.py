"""The mirrors of this machine: which are whole after a power cut, and which are evicted.

Nothing of a mirror waits for the disk, so a power cut may leave packs that are short, empty or of
zeros. Git then takes an object for one that was never fetched: it would be listed as oversized.
So each fetch notes its packs and its limit of file size, and a mirror that differs is dropped.

Other processes fetch, evict and estimate meanwhile, so a file may be gone when it is looked at.
"""

import fcntl
import json
import os
import shutil
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from keepsake.scanner.settings import ScannerSettings

_NOTE = "keepsake.packs"
ESTIMATE = "estimate-"
"""How the folders begin that an estimate makes and deletes."""

Note = dict[str, Any]


def note_packs(mirror: Path, max_file_kb: int) -> None:
    """Write down which packs there are, their sizes, and up to what size files were fetched."""
    draft = mirror / f"{_NOTE}.draft"
    draft.write_text(json.dumps(_packs_now(mirror, max_file_kb)))
    draft.replace(mirror / _NOTE)


def packs_as_noted(mirror: Path, max_file_kb: int) -> bool:
    """Whether the packs are those of the last fetch that came to its end, with this limit."""
    try:
        noted = json.loads((mirror / _NOTE).read_bytes())
    except (OSError, ValueError):
        return False
    return bool(noted == _packs_now(mirror, max_file_kb))


def _packs_now(mirror: Path, max_file_kb: int) -> Note:
    packs = mirror / "objects" / "pack"
    sizes = {file.name: file.stat().st_size for file in sorted(packs.glob("pack-*"))}
    return {"max_file_kb": max_file_kb, "packs": sizes}


def evict(settings: ScannerSettings) -> list[str]:
    """Delete the mirrors that were used longest ago until the cache is within its limit.

    Returns the ids of the repositories whose mirrors are gone. A mirror in use stays.
    """
    _sweep(settings)
    mirrors = sorted(settings.scan_cache_path.glob("*.git"), key=_last_used)
    sizes = {mirror: size_bytes(mirror) for mirror in mirrors}
    excess, gone = sum(sizes.values()) - (settings.scan_cache_mb << 20), []
    for mirror in mirrors:
        if excess <= 0:
            break
        if drop(mirror):
            excess -= sizes[mirror]
            gone.append(mirror.stem)
    return gone


def size_bytes(folder: Path) -> int:
    """What the files of a folder take, as far as they are there."""
    total = 0
    for place, _, names in os.walk(folder):
        for name in names:
            with suppress(FileNotFoundError):
                total += Path(place, name).lstat().st_size
    return total


def lock_file(path: Path) -> Path:
    """The lock stays when its mirror goes: a deleted lock file would be two locks."""
    path.touch(mode=0o600)
    return path


def _sweep(settings: ScannerSettings) -> None:
    """Delete what killed estimates left: none takes as long as a fetch and a listing may."""
    longest = 2 * (settings.scan_fetch_timeout_seconds + settings.scan_git_timeout_seconds)
    for folder in settings.scan_cache_path.glob(f"{ESTIMATE}*"):
        with suppress(FileNotFoundError):
            if folder.stat().st_mtime < time.time() - longest:
                shutil.rmtree(folder, ignore_errors=True)


def drop(mirror: Path) -> bool:
    """Delete a mirror, unless it is in use; whether it was deleted."""
    with lock_file(mirror.with_suffix(".lock")).open("ab") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        shutil.rmtree(mirror, ignore_errors=True)
        return True


def _last_used(mirror: Path) -> float:
    lock = mirror.with_suffix(".lock")
    return lock.stat().st_mtime if lock.exists() else 0.0
