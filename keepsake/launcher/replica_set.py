"""Private mongods that form a replica set on the loopback interface."""

import time
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from threading import Event
from typing import Any

from pymongo import MongoClient
from pymongo.errors import PyMongoError

from keepsake.launcher.errors import CannotStart
from keepsake.launcher.mongod import REPLICA_SET, Mongod
from keepsake.launcher.ports import LOOPBACK, free_port
from keepsake.launcher.together import side_by_side
from keepsake.launcher.waiting import until

ELECTION_MS = 2_000
"""A primary that was silent for so long is replaced; MongoDB's default is 10 s."""
_HEARTBEAT_MS = 500
_UP_SECONDS = 60


class Member(Mongod):
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
            Member(directory / f"member-{number}", free_port()) for number in range(size)
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
        made = {
            "_id": REPLICA_SET,
            "members": [{"_id": n, "host": member.host} for n, member in enumerate(self.members)],
            "settings": {
                "electionTimeoutMillis": ELECTION_MS,
                "heartbeatIntervalMillis": _HEARTBEAT_MS,
            },
        }
        self.members[0].command_of_admin("replSetInitiate", made)
        self.await_whole()

    def primary(self) -> Member | None:
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
        said = [member.hello() for member in self.members]
        follow = sum(bool(one.get("secondary")) for one in said)
        return follow == len(said) - 1 and any(one.get("isWritablePrimary") for one in said)

    def stop(self) -> None:
        """End all at once: the data goes with the set."""
        side_by_side(member.kill for member in self.members)
