"""Runs a command beside a real service: `python -m tests.adapters.served COMMAND …`.

The command has another virtual environment than the service, so it cannot share its fixtures.
"""

import os
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

from keepsake.access.keys import KeyStore
from keepsake.launcher.administration import ensure_indexes
from keepsake.launcher.mongod import Mongod
from keepsake.launcher.process import free_port
from keepsake.launcher.rabbitmq import RabbitMQ
from keepsake.storage.mongo import MongoSettings, connect
from tests.conftest import started_web, started_worker


def served(stack: ExitStack, folder: Path) -> dict[str, str]:
    """What a client needs to know of a service that was started."""
    mongod = Mongod(folder / "mongo", free_port())
    rabbitmq = RabbitMQ(folder / "rabbitmq", free_port(), free_port())
    for server in (mongod, rabbitmq):
        stack.callback(server.stop)
        server.start()
    os.environ |= {
        "KEEPSAKE_DATA_DIR": str(folder / "data"),
        "KEEPSAKE_MONGO_URL": mongod.url,
        "KEEPSAKE_AMQP_URL": rabbitmq.url,
        "KEEPSAKE_MANAGEMENT_URL": rabbitmq.management_url,
    }
    database = connect(MongoSettings(mongo_url=mongod.url))
    ensure_indexes(database)
    key = KeyStore(database).create("ann")
    database.client.close()
    web, base_url = started_web(folder / "web.log")
    stack.callback(web.stop, grace_seconds=5)
    stack.callback(started_worker(folder / "worker.log").kill)
    return {"KEEPSAKE_URL": base_url, "KEEPSAKE_API_KEY": key}


def main() -> int:
    """The exit code of the command."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="keepsake-")))
        known = served(stack, folder)
        return subprocess.run(sys.argv[1:], env={**os.environ, **known}, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
