"""What `keepsake doctor` looks at on a host of the server: its settings, git, and room on disk."""

import shutil
from collections.abc import Iterator
from pathlib import Path

from pydantic import ValidationError

from keepsake.launcher import KINDS, outdated_git
from keepsake.scanner import ScannerSettings
from keepsake.storage import DataSettings, UnknownSetting, explained, refuse_unknown
from keepsake_client.commands import Finding

_SCARCE_BYTES = 2 * 1024**3


def checks() -> Iterator[Finding]:
    """This host, part by part; nothing on it is changed."""
    settings = _settings()
    yield settings
    if settings.state == "ok":
        yield _room()
    if mend := outdated_git():
        yield Finding("git", "fault", "is missing or too old for scans", mend)


def _settings() -> Finding:
    try:
        refuse_unknown(KINDS)
        for kind in KINDS:
            kind()
    except UnknownSetting as error:
        return Finding("settings", "fault", str(error), "set the right one, or none")
    except ValidationError as error:
        return Finding("settings", "fault", explained(error), "keepsake settings lists them")
    return Finding("settings", "ok", "of this host are right")


def _room() -> Finding:
    """The disk of what a host keeps: the data of `keepsake run`, and mirrors of repositories."""
    folders = (DataSettings().data_dir, ScannerSettings().scan_cache_path)
    free, folder = min((shutil.disk_usage(_existing(path)).free, path) for path in folders)
    if free < _SCARCE_BYTES:
        return Finding(
            "disk", "warning", f"{free // 1024**2} MiB are free below {folder}",
            "make room: MongoDB and RabbitMQ stop taking writes on a full disk",
        )  # fmt: skip
    return Finding("disk", "ok", f"{free // 1024**3} GiB are free below {folder}")


def _existing(path: Path) -> Path:
    """A path, or what there is of the way to it."""
    return next(folder for folder in (path, *path.absolute().parents) if folder.exists())
