"""Backups of the database: made, checked and restored.

RabbitMQ and mirrors hold nothing that must be backed up.

- `manifest` says what is in a backup, and sees whether that is so.
- `snapshot` makes one by itself, `restoring` restores it.
- `tools` leaves both to `mongodump` and `mongorestore`.
"""

from typing import TYPE_CHECKING

from keepsake.facade import lazily

if TYPE_CHECKING:
    from keepsake.backup.manifest import BackupFailed, Manifest
    from keepsake.backup.restoring import SERVERS_OWN, restore_snapshot
    from keepsake.backup.snapshot import take_snapshot
    from keepsake.backup.tools import restore_by_mongorestore, take_by_mongodump

__all__ = [
    "SERVERS_OWN",
    "BackupFailed",
    "Manifest",
    "restore_by_mongorestore",
    "restore_snapshot",
    "take_by_mongodump",
    "take_snapshot",
]

__getattr__ = lazily(
    __name__,
    {
        "BackupFailed": "manifest",
        "Manifest": "manifest",
        "SERVERS_OWN": "restoring",
        "restore_by_mongorestore": "tools",
        "restore_snapshot": "restoring",
        "take_by_mongodump": "tools",
        "take_snapshot": "snapshot",
    },
)
