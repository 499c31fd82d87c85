"""Private RabbitMQ nodes that form a cluster on the loopback interface."""

import secrets
import time
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from threading import Event
from typing import Any

from pymongo import MongoClient
from pymongo.errors import PyMongoError

from keepsake.launcher.mongod import REPLICA_SET, Mongod
from keepsake.launcher.process import LOOPBACK, CannotStart, free_port, side_by_side, until
from keepsake.launcher.rabbitmq import Passwords, RabbitMQ, epmd
from keepsake.storage import private_directory, write_secret


class RabbitNode(RabbitMQ):
    """One node of a cluster; it joins the others by itself, at its first start and later."""

    _disposable = False  # the others would not let a node in that forgot that it is a member

    def __init__(self, directory: Path, epmd_port: int, cookie: str, passwords: Passwords) -> None:
        super().__init__(directory, free_port(), None, passwords)
        self._epmd_port, self._cookie = epmd_port, cookie
        self.members: list[str] = []

    def _start_epmd(self) -> int:
        """Nodes find each other by the cluster's, which outlives them."""
        return self._epmd_port

    def _write_configuration(self) -> None:
        super()._write_configuration()
        path = self._directory / "home" / ".erlang.cookie"
        write_secret(path, self._cookie)

    def _configuration(self, loaded: Path) -> str:
        backend = "rabbit_peer_discovery_classic_config"
        settings = {
            "cluster_formation.peer_discovery_backend": backend,
            "cluster_partition_handling": "pause_minority",
            **{f"cluster_formation.classic_config.nodes.{number}": name
               for number, name in enumerate(self.members, 1)},
        }  # fmt: skip
        added = "".join(f"{name} = {value}\n" for name, value in settings.items())
        return super()._configuration(loaded) + added


class RabbitCluster:
    """Three nodes that share a name server, a cookie and their users."""

    def __init__(self, directory: Path, size: int = 3) -> None:
        port = free_port()
        self._epmd = epmd(port, directory / "log" / "epmd.log")
        cookie = secrets.token_hex(16)
        passwords = Passwords.kept_in(private_directory(directory) / "passwords.json")
        self.nodes = [
            RabbitNode(directory / f"node-{number}", port, cookie, passwords)
            for number in range(size)
        ]
        for node in self.nodes:
            node.members = [member.name for member in self.nodes]

    @property
    def url(self) -> str:
        """Where clients connect: any of these."""
        return ";".join(node.url for node in self.nodes)

    def start(self) -> None:
        """Start the first node, then the others, which join it.

        Raises:
            CannotStart: One did not come up.
        """
        self._epmd.start()
        first, *others = self.nodes
        first.start()
        side_by_side(node.start for node in others)

    def stop(self) -> None:
        """End all at once: the data goes with the cluster."""
        side_by_side(node.kill for node in self.nodes)
        self._epmd.kill()


ELECTION_MS = 2_000
"""A primary that was silent for so long is replaced; MongoDB's default is 10 s."""
_HEARTBEAT_MS = 500
_UP_SECONDS = 60


class ReplicaSetMember(Mongod):
    """One member; it is up when it answers, whatever its part."""

    def start(self) -> None:
        """Start it and wait until it answers.

        Raises:
            CannotStart: It did not come up.
        """
        self._data.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.process.start()
        until(lambda: bool(self.hello()), self.process, within_seconds=_UP_SECONDS)

    @property
    def host(self) -> str:
        """Its name in the set."""
        return f"{LOOPBACK}:{self.port}"

    def hello(self) -> Mapping[str, Any]:
        """What it says of itself; nothing when it does not answer."""
        try:
            return self.command_of_admin("hello")
        except PyMongoError:
            return {}

    def command_of_admin(self, name: str, value: Any = 1, **options: Any) -> Mapping[str, Any]:
        """Give a command to this member.

        Raises:
            PyMongoError: It refused, or did not answer.
        """
        client: MongoClient[dict[str, Any]] = MongoClient(
            LOOPBACK, self.port, directConnection=True, serverSelectionTimeoutMS=500,
            socketTimeoutMS=5_000,
        )  # fmt: skip
        with closing(client):
            answer: Mapping[str, Any] = client.admin.command(name, value, **options)
            return answer


class ReplicaSet:
    """Three members, one of them the primary."""

    def __init__(self, directory: Path, size: int = 3) -> None:
        self.members = [
            ReplicaSetMember(directory / f"member-{number}", free_port()) for number in range(size)
        ]

    @property
    def url(self) -> str:
        """Where clients connect."""
        hosts = ",".join(member.host for member in self.members)
        return f"mongodb://{hosts}/?replicaSet={REPLICA_SET}"

    def start(self) -> None:
        """Start all members and wait until one is the primary and the others follow it.

        Raises:
            CannotStart: They did not get that far.
        """
        side_by_side(member.start for member in self.members)
        configuration = {
            "_id": REPLICA_SET,
            "members": [{"_id": n, "host": member.host} for n, member in enumerate(self.members)],
            "settings": {
                "electionTimeoutMillis": ELECTION_MS,
                "heartbeatIntervalMillis": _HEARTBEAT_MS,
            },
        }
        self.members[0].command_of_admin("replSetInitiate", configuration)
        self.await_whole()

    def primary(self) -> ReplicaSetMember | None:
        """The member that takes writes, when there is one."""
        return next((m for m in self.members if m.hello().get("isWritablePrimary")), None)

    def await_whole(self) -> None:
        """Wait until there is a primary and all others follow.

        Raises:
            CannotStart: Not in time.
        """
        pause, deadline = Event(), time.monotonic() + _UP_SECONDS
        while not self._whole():
            if time.monotonic() > deadline:
                raise CannotStart(f"the replica set was not whole in {_UP_SECONDS} s")
            pause.wait(0.1)

    def _whole(self) -> bool:
        answers = [member.hello() for member in self.members]
        follow = sum(bool(answer.get("secondary")) for answer in answers)
        return follow == len(answers) - 1 and any(
            answer.get("isWritablePrimary") for answer in answers
        )

    def stop(self) -> None:
        """End all at once: the data goes with the set."""
        side_by_side(member.kill for member in self.members)
