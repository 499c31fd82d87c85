"""The node's users and rights: one vhost, one user for Keepsake, one operator for the console."""

import base64
import hashlib
import json
import os
import secrets
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from keepsake.launcher.settings import kept

RABBITMQ_VHOST = "keepsake"
RABBITMQ_USER = "keepsake"
RABBITMQ_OPERATOR = "operator"
OWN_QUEUES = r"^keepsake\."
RABBITMQ_RIGHTS = {
    "configure": OWN_QUEUES,
    "write": r"^(amq\.default|keepsake\..*)$",
    "read": OWN_QUEUES,
}
"""Declares, reads and dead-letters its own queues and publishes to them, nothing else."""


@dataclass(frozen=True, slots=True)
class Passwords:
    """Random ones, made at the first start."""

    user: str
    operator: str

    @classmethod
    def kept_in(cls, path: Path) -> "Passwords":
        """Read them, or make and keep them, readable by their owner only."""

        def make() -> str:
            return json.dumps(asdict(cls(secrets.token_urlsafe(18), secrets.token_urlsafe(12))))

        return cls(**json.loads(kept(path, make)))


def definitions(passwords: Passwords) -> dict[str, Any]:
    """What the node loads at its start; no guest user remains."""
    return {
        "vhosts": [{"name": RABBITMQ_VHOST}],
        "users": [
            _user(RABBITMQ_USER, passwords.user, ""),
            _user(RABBITMQ_OPERATOR, passwords.operator, "monitoring"),
        ],
        "permissions": [
            {"user": RABBITMQ_USER, "vhost": RABBITMQ_VHOST, **RABBITMQ_RIGHTS},
            {"user": RABBITMQ_OPERATOR, "vhost": RABBITMQ_VHOST, "configure": "^$", "write": "^$",
             "read": OWN_QUEUES},
        ],
        "queues": [],
        "exchanges": [],
        "bindings": [],
        "policies": [],
        "parameters": [],
    }  # fmt: skip


def _user(name: str, password: str, tags: str) -> dict[str, Any]:
    """RabbitMQ's salted SHA-256 form of a password."""
    salt = os.urandom(4)
    digest = hashlib.sha256(salt + password.encode()).digest()
    return {
        "name": name,
        "password_hash": base64.b64encode(salt + digest).decode(),
        "hashing_algorithm": "rabbit_password_hashing_sha256",
        "tags": tags,
    }
