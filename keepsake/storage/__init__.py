"""MongoDB, settings and secrets: what every store and every process shares.

Others import from here; the modules of the package are its own.
"""

from typing import TYPE_CHECKING

from keepsake.facade import lazily

if TYPE_CHECKING:
    from keepsake.storage.clock import (
        STEADY_NOW,
        DatabaseClock,
        DatabaseTime,
        cluster_time,
        logical_time,
    )
    from keepsake.storage.indexes import (
        NEWEST,
        OLDEST,
        Bound,
        Index,
        IndexState,
        IndexUpkeep,
        Preparation,
        drop_indexes,
        ensure_indexes,
        indexes_there,
        inspect_indexes,
        older_than,
        read_along,
        repair_indexes,
    )
    from keepsake.storage.inputs import (
        NAME_MOST,
        BoundedName,
        LengthFirst,
        Moment,
        NamedPair,
        encodable,
        is_public,
        storable,
    )
    from keepsake.storage.mongo import (
        Document,
        Documents,
        Fence,
        FormerRecords,
        LoopDatabase,
        MongoSettings,
        StorageError,
        StorageUnavailable,
        Unfenced,
        Unreadable,
        connect,
        connect_on_loop,
        each_readable,
        first_id,
        literal,
        literals,
        log_unreadable,
        new_id,
        reading,
        refuse_former,
        require_writes,
        translated,
    )
    from keepsake.storage.restores import RESTORING, refuse_half_restored, restoring
    from keepsake.storage.secrecy import (
        NotPrivate,
        private_directory,
        read_secret,
        redacted,
        remember_secrets,
        write_secret,
    )
    from keepsake.storage.settings import (
        FILE_SUFFIX,
        Audience,
        DataSettings,
        Settings,
        UnknownSetting,
        explained,
        refuse_unknown,
    )

__all__ = [
    "FILE_SUFFIX",
    "NAME_MOST",
    "NEWEST",
    "OLDEST",
    "RESTORING",
    "STEADY_NOW",
    "Audience",
    "Bound",
    "BoundedName",
    "DataSettings",
    "DatabaseClock",
    "DatabaseTime",
    "Document",
    "Documents",
    "Fence",
    "FormerRecords",
    "Index",
    "IndexState",
    "IndexUpkeep",
    "LengthFirst",
    "LoopDatabase",
    "Moment",
    "MongoSettings",
    "NamedPair",
    "NotPrivate",
    "Preparation",
    "Settings",
    "StorageError",
    "StorageUnavailable",
    "Unfenced",
    "UnknownSetting",
    "Unreadable",
    "cluster_time",
    "connect",
    "connect_on_loop",
    "drop_indexes",
    "each_readable",
    "encodable",
    "ensure_indexes",
    "explained",
    "first_id",
    "indexes_there",
    "inspect_indexes",
    "is_public",
    "literal",
    "literals",
    "log_unreadable",
    "logical_time",
    "new_id",
    "older_than",
    "private_directory",
    "read_along",
    "read_secret",
    "reading",
    "redacted",
    "refuse_former",
    "refuse_half_restored",
    "refuse_unknown",
    "remember_secrets",
    "repair_indexes",
    "require_writes",
    "restoring",
    "storable",
    "translated",
    "write_secret",
]  # fmt: skip
_HOMES = {
    "clock": (
        "DatabaseClock", "DatabaseTime", "STEADY_NOW", "cluster_time", "logical_time",
    ),
    "indexes": (
        "Bound", "Index", "IndexState", "IndexUpkeep", "NEWEST", "OLDEST", "Preparation",
        "drop_indexes", "ensure_indexes", "indexes_there", "inspect_indexes", "older_than",
        "read_along", "repair_indexes",
    ),
    "inputs": (
        "BoundedName", "LengthFirst", "Moment", "NAME_MOST", "NamedPair", "encodable",
        "is_public", "storable",
    ),
    "mongo": (
        "Document", "Documents", "Fence", "FormerRecords", "LoopDatabase", "MongoSettings",
        "StorageError", "StorageUnavailable", "Unfenced", "Unreadable", "connect",
        "connect_on_loop", "each_readable", "first_id", "literal", "literals", "log_unreadable",
        "new_id", "reading", "refuse_former", "require_writes", "translated",
    ),
    "restores": ("RESTORING", "refuse_half_restored", "restoring"),
    "secrecy": (
        "NotPrivate", "private_directory", "read_secret", "redacted", "remember_secrets",
        "write_secret",
    ),
    "settings": (
        "Audience", "DataSettings", "FILE_SUFFIX", "Settings", "UnknownSetting", "explained",
        "refuse_unknown",
    ),
}  # fmt: skip

__getattr__ = lazily(__name__, {name: module for module, names in _HOMES.items() for name in names})
