"""A private RabbitMQ node: loopback only, management plugin on, its own epmd, cookie and users.

Its users and rights: one vhost, one user for Keepsake, one operator for the console.
"""

import base64
import hashlib
import json
import os
import secrets
import shutil
import socket
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, ClassVar

from keepsake.launcher.process import LOOPBACK, MARK, CannotStart, Process, free_port, until
from keepsake.launcher.settings import kept
from keepsake.storage import private_directory, write_secret

RABBITMQ_VHOST = "keepsake"
RABBITMQ_USER = "keepsake"
RABBITMQ_OPERATOR = "operator"
RABBITMQ_RIGHTS = {
    "configure": r"^keepsake\.",
    "write": r"^(amq\.default|keepsake\..*)$",
    "read": r"^keepsake\.",
}
"""Declares, reads and dead-letters its own queues and publishes to them, nothing else."""
NO_RIGHTS = {"configure": "^$", "write": "^$", "read": "^$"}
"""Sees figures by the tag `monitoring`, and neither reads, purges nor changes anything."""


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
            {"user": RABBITMQ_OPERATOR, "vhost": RABBITMQ_VHOST, **NO_RIGHTS},
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


RABBITMQ_SERVER = Path("/usr/lib/rabbitmq/bin/rabbitmq-server")
_HANDSHAKE = b"AMQP\x00\x00\x09\x01"


def epmd(port: int, log: Path) -> Process:
    """Erlang's name server, on the loopback interface; nodes leave one behind that is not ours."""
    return Process("epmd", ["epmd", "-address", LOOPBACK, "-port", str(port)], log=log)


class RabbitMQ:
    """Starts where its data directory left off. Debian's wrapper and /etc are not involved.

    management_port: None leaves the management plugin off. passwords: made when none are given.

    Raises:
        CannotStart: No RabbitMQ is installed.
    """

    CONFIGURATION: ClassVar[dict[str, str]] = {
        "vm_memory_high_watermark.absolute": "512MB",
        "disk_free_limit.absolute": "200MB",
        # Quorum queues hold their log in memory until it is so large: far below the watermark.
        "raft.wal_max_size_bytes": "64000000",
    }
    """What it may take of the machine."""
    _disposable = True
    """Whether data that cannot be read may be removed: no job is in there."""

    def __init__(
        self,
        directory: Path,
        port: int,
        management_port: int | None,
        passwords: Passwords | None = None,
    ) -> None:
        if not RABBITMQ_SERVER.exists():
            raise CannotStart(
                "no RabbitMQ: install Debian's rabbitmq-server, or set KEEPSAKE_AMQP_URL to one"
            )
        self._directory = directory = private_directory(directory)
        self._mnesia = directory / "mnesia"
        self._ended = False
        self.port = port
        self.management_port = management_port
        self.passwords = passwords or Passwords.kept_in(directory / "passwords.json")
        self._epmd = Process("epmd", ["epmd"], log=directory / "log" / "epmd.log")
        self.process = Process(
            "rabbitmq",
            [RABBITMQ_SERVER],
            log=directory / "log" / "console.log",
            directory=directory,
        )

    @property
    def name(self) -> str:
        """The node's name among Erlang's nodes."""
        return f"keepsake-{self.port}@localhost"

    @property
    def url(self) -> str:
        """Where clients connect, as the user with only the rights it needs."""
        return (
            f"amqp://{RABBITMQ_USER}:{self.passwords.user}@{LOOPBACK}:{self.port}/{RABBITMQ_VHOST}"
        )

    @property
    def management_url(self) -> str:
        """The management API, as the operator."""
        place = f"{LOOPBACK}:{self.management_port}"
        return f"http://{RABBITMQ_OPERATOR}:{self.passwords.operator}@{place}"

    def start(self) -> None:
        """Start it and wait until it answers an AMQP handshake: a failed start can exit with 0.

        A kill in the middle of a first start left, once in 28 tries, data that no later start could
        read. No job is in there, so such data is removed.

        Raises:
            CannotStart: It did not come up.
        """
        has_data = self._mnesia.exists()
        self._ended = False
        try:
            self._start()
        except CannotStart:
            if self._ended or not has_data or not self._disposable:
                raise
            self.wipe()
            self._start()

    def stop(self) -> None:
        """Stop it cleanly; while it is starting it would not hear."""
        self._ended = True
        if self._answers():
            self.process.stop(grace_seconds=30)
        self.kill()

    def kill(self) -> None:
        """End it without warning."""
        self._ended = True
        self.process.kill()
        self._epmd.kill()

    def wipe(self) -> None:
        """Remove all messages and queues of a node that is down."""
        shutil.rmtree(self._mnesia, ignore_errors=True)

    def _start(self) -> None:
        self.process.kill()
        self._epmd.kill()
        self._write_configuration()
        self.process.environment = self._environment(self._start_epmd(), free_port())
        self.process.start()
        until(self._answers, self.process, within_seconds=90)

    def _start_epmd(self) -> int:
        """Start the node's own name server; its port."""
        port = free_port()
        self._epmd = epmd(port, self._epmd.log)
        self._epmd.start()
        return port

    def _answers(self) -> bool:
        try:
            with socket.create_connection((LOOPBACK, self.port), timeout=1) as connection:
                connection.sendall(_HANDSHAKE)
                return connection.recv(1) == b"\x01"
        except OSError:
            return False

    def _write_configuration(self) -> None:
        for name in ("home", "log", "mnesia", "conf"):
            (self._directory / name).mkdir(mode=0o700, exist_ok=True)
        conf = self._directory / "conf"
        (conf / "env").write_text("")
        (conf / "advanced.config").write_text("[].\n")
        plugins = "rabbitmq_management" if self.management_port else ""
        (conf / "enabled_plugins").write_text(f"[{plugins}].\n")
        secret = conf / "definitions.json"
        write_secret(secret, json.dumps(definitions(self.passwords)))
        (conf / "rabbitmq.conf").write_text(self._configuration(secret))

    def _configuration(self, loaded: Path) -> str:
        settings = {
            "listeners.tcp.1": f"{LOOPBACK}:{self.port}",
            "load_definitions": str(loaded),
            "log.console": "false",
            "log.file.rotation.size": "10485760",
            "heartbeat": "60",
            **self.CONFIGURATION,
        }
        if self.management_port:
            settings["management.tcp.ip"] = LOOPBACK
            settings["management.tcp.port"] = str(self.management_port)
        return "".join(f"{name} = {value}\n" for name, value in settings.items())

    def _environment(self, epmd_port: int, distribution_port: int) -> dict[str, str]:
        """Nothing of ours but the launcher's mark; ports that nobody configures are new each time.

        RabbitMQ reads many variables, and a port of the last start may be another's by now.
        """
        root, conf = self._directory, self._directory / "conf"
        loopback_only = "-kernel inet_dist_use_interface {127,0,0,1}"
        return {
            **{name: value for name, value in os.environ.items() if name == MARK},
            "PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
            "LANG": "C.UTF-8",
            "HOME": str(root / "home"),
            "RABBITMQ_CONF_ENV_FILE": str(conf / "env"),
            "RABBITMQ_NODENAME": self.name,
            "RABBITMQ_NODE_IP_ADDRESS": LOOPBACK,
            "RABBITMQ_NODE_PORT": str(self.port),
            "RABBITMQ_DIST_PORT": str(distribution_port),
            "RABBITMQ_MNESIA_BASE": str(self._mnesia),
            "RABBITMQ_LOG_BASE": str(root / "log"),
            "RABBITMQ_PID_FILE": str(root / "rabbitmq.pid"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(conf / "enabled_plugins"),
            "RABBITMQ_CONFIG_FILE": str(conf / "rabbitmq.conf"),
            "RABBITMQ_ADVANCED_CONFIG_FILE": str(conf / "advanced.config"),
            "ERL_EPMD_ADDRESS": LOOPBACK,
            "ERL_EPMD_PORT": str(epmd_port),
            "ERL_CRASH_DUMP": str(root / "log" / "erl_crash.dump"),
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": loopback_only,
        }
