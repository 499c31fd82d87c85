"""What `keepsake run` starts and keeps running: private servers, web and workers.

Tests, benches and fault injection start the same servers. Importing the package loads nothing: the
Makefile runs `keepsake.launcher.prerequisites` before anything is installed.
"""

from typing import TYPE_CHECKING

from keepsake.facade import lazily

if TYPE_CHECKING:
    from keepsake.launcher.administration import (
        create_key,
        ensure_indexes,
        index_states,
        migrate,
        migration_states,
        open_database,
        repair_indexes,
        rewrap_vault,
    )
    from keepsake.launcher.backups import compact, make_backup, restore_backup
    from keepsake.launcher.clusters import (
        ELECTION_MS,
        RabbitCluster,
        ReplicaSet,
        ReplicaSetMember,
    )
    from keepsake.launcher.data_directory import database_of
    from keepsake.launcher.environment import SteppedClock
    from keepsake.launcher.mongod import REPLICA_SET, TRANSACTION_SECONDS, Mongod
    from keepsake.launcher.prerequisites import outdated_git
    from keepsake.launcher.process import (
        LOOPBACK,
        CannotStart,
        Process,
        free_port,
        side_by_side,
        until,
    )
    from keepsake.launcher.rabbitmq import (
        RABBITMQ_RIGHTS,
        RABBITMQ_SERVER,
        RABBITMQ_USER,
        RABBITMQ_VHOST,
        RabbitMQ,
    )
    from keepsake.launcher.run import serve
    from keepsake.launcher.settings import (
        KINDS,
        LauncherSettings,
        read_env_file,
        vault_key,
        vault_settings,
    )

__all__ = [
    "ELECTION_MS",
    "KINDS",
    "LOOPBACK",
    "RABBITMQ_RIGHTS",
    "RABBITMQ_SERVER",
    "RABBITMQ_USER",
    "RABBITMQ_VHOST",
    "REPLICA_SET",
    "TRANSACTION_SECONDS",
    "CannotStart",
    "LauncherSettings",
    "Mongod",
    "Process",
    "RabbitCluster",
    "RabbitMQ",
    "ReplicaSet",
    "ReplicaSetMember",
    "SteppedClock",
    "compact",
    "create_key",
    "database_of",
    "ensure_indexes",
    "free_port",
    "index_states",
    "make_backup",
    "migrate",
    "migration_states",
    "open_database",
    "outdated_git",
    "read_env_file",
    "repair_indexes",
    "restore_backup",
    "rewrap_vault",
    "serve",
    "side_by_side",
    "until",
    "vault_key",
    "vault_settings",
]

__getattr__ = lazily(
    __name__,
    {
        "CannotStart": "process",
        "ELECTION_MS": "clusters",
        "KINDS": "settings",
        "LOOPBACK": "process",
        "LauncherSettings": "settings",
        "Mongod": "mongod",
        "Process": "process",
        "RABBITMQ_RIGHTS": "rabbitmq",
        "RABBITMQ_SERVER": "rabbitmq",
        "RABBITMQ_USER": "rabbitmq",
        "RABBITMQ_VHOST": "rabbitmq",
        "REPLICA_SET": "mongod",
        "RabbitCluster": "clusters",
        "RabbitMQ": "rabbitmq",
        "ReplicaSet": "clusters",
        "ReplicaSetMember": "clusters",
        "SteppedClock": "environment",
        "TRANSACTION_SECONDS": "mongod",
        "compact": "backups",
        "create_key": "administration",
        "database_of": "data_directory",
        "ensure_indexes": "administration",
        "free_port": "process",
        "index_states": "administration",
        "migrate": "administration",
        "migration_states": "administration",
        "make_backup": "backups",
        "open_database": "administration",
        "outdated_git": "prerequisites",
        "read_env_file": "settings",
        "repair_indexes": "administration",
        "restore_backup": "backups",
        "rewrap_vault": "administration",
        "serve": "run",
        "side_by_side": "process",
        "until": "process",
        "vault_key": "settings",
        "vault_settings": "settings",
    },
)
