"""`make run`: everything in the foreground, until Ctrl-C; one sample turn shows that it works."""

import errno
import json
import os
import signal
import sys
import threading
import time
from contextlib import suppress
from typing import Any

import httpx

import web
from keepsake.access import KeyStore
from keepsake.jobs import MigrationStep
from keepsake.launcher import components
from keepsake.launcher.administration import create_key, ensure_indexes, migrate, open_database
from keepsake.launcher.components import MONGODB, PrivateServers
from keepsake.launcher.data_directory import held
from keepsake.launcher.environment import end_orphans, mark
from keepsake.launcher.process import LOOPBACK, CannotStart
from keepsake.launcher.rabbitmq import RABBITMQ_OPERATOR
from keepsake.launcher.settings import LauncherSettings
from keepsake.launcher.supervisor import Stopped, Supervisor
from keepsake.storage import NotPrivate, StorageError, private_directory, read_secret, write_secret

_READY_SECONDS = 60
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
DEVELOPER = "developer"
_TURN = {
    "user_query": "I live in Lisbon and I am allergic to peanuts.",
    "agent_response": "Noted: Lisbon, and no peanuts.",
    "user_id": "sample",
}
_QUESTION = {"query": "Which foods should be avoided?", "user_id": "sample", "top_k": 3}
_ENDED = {"succeeded", "dead_letter", "cancelled"}


def serve(settings: LauncherSettings) -> int:
    """Start all parts, say where they are, and keep them running; the exit code."""
    began = time.monotonic()
    supervisor = Supervisor(_say)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: supervisor.stopping.set())
    os.umask(0o077)  # what the parts write is for this user alone
    try:
        private_directory(settings.data_dir)
        with held(settings.data_dir):
            _run(settings, supervisor, began)
    except (CannotStart, NotPrivate, StorageError) as error:
        print(f"keepsake: {error}", file=sys.stderr)
        return 1
    except OSError as error:
        if error.errno not in _NO_ROOM:
            raise
        print(f"keepsake: {settings.data_dir}: {error.strerror}", file=sys.stderr)
        return 1
    _say("stopped; the data stays in " + str(settings.data_dir))
    return 0


def _run(settings: LauncherSettings, supervisor: Supervisor, began: float) -> None:
    """Start, keep and stop all parts; the lock is held until the last process is gone."""
    try:
        with suppress(Stopped):
            _start(settings, supervisor, began)
            supervisor.stopping.wait()
        _say("stopping")
    finally:
        supervisor.stop()
        end_orphans(settings.data_dir)  # what a part had started and its group did not hold


def _start(settings: LauncherSettings, supervisor: Supervisor, began: float) -> None:
    if left := end_orphans(settings.data_dir):
        _say(f"ended {left} processes that a killed run left behind")
    os.environ.update(mark(settings.data_dir))
    components.require_ports(settings)
    servers = components.private_servers(settings)
    variables = components.known(settings, servers)
    if started := servers.components:
        _say("starting " + " and ".join(server.name for server in started))
    keepers = supervisor.begin(*started)
    supervisor.await_up(keeper for keeper in keepers if keeper.part.name == MONGODB)
    key = _prepared(settings)
    _say(f"starting web and {settings.worker_processes} workers")  # they wait for RabbitMQ
    keepers += supervisor.begin(
        components.web(settings, variables), *components.workers(settings, variables)
    )
    supervisor.await_up(keepers)
    base_url = settings.base_url
    _await_ready(base_url, supervisor)
    _introduce(settings, servers, base_url, key, time.monotonic() - began)
    if settings.sample:
        _show_sample(base_url, key, supervisor)
    _say("running; Ctrl-C stops it")


def _prepared(settings: LauncherSettings) -> str:
    """The development key; indexes are made and the key is created at the first run.

    What former versions wrote is migrated in the background; they can still read it then.
    """
    database = open_database(settings)
    ensure_indexes(database)
    for name in migrate(database, MigrationStep.RECORDS):
        _say(f"asked for {name}")
    keys, path = KeyStore(database), settings.data_dir / "api-key"
    key = read_secret(path) if path.exists() else ""
    if not key or keys.principal(key) is None:
        key = create_key(database, web.NewKey(owner=DEVELOPER))
        write_secret(path, key)
    database.client.close()
    return key


def _await_ready(base_url: str, supervisor: Supervisor) -> None:
    deadline = time.monotonic() + _READY_SECONDS
    wanting = [""]

    def decided() -> bool:
        wanting[0] = components.unready(base_url)
        return not wanting[0] or time.monotonic() > deadline

    supervisor.wait_for(decided)
    if wanting[0]:
        raise CannotStart(f"not ready in {_READY_SECONDS} s: {wanting[0]}")


def _show_sample(base_url: str, key: str, supervisor: Supervisor) -> None:
    """The service runs whether or not its sample went well."""
    try:
        _post_sample(base_url, key, supervisor.stopping)
    except httpx.HTTPError as error:
        _say(f"the sample failed: {error}")


def _post_sample(base_url: str, key: str, stopping: threading.Event) -> None:
    """Post a turn, follow its job to the end, and search for what is remembered."""
    headers = {"Authorization": f"Bearer {key}"}
    with httpx.Client(base_url=base_url, headers=headers, trust_env=False) as client:
        client.timeout = httpx.Timeout(30)
        _say(f"POST /v2/memory/ingest {json.dumps(_TURN['user_query'])}")
        accepted = client.post("/v2/memory/ingest", json=_TURN).raise_for_status().json()
        _say(f"  202 {accepted['job_id']} {accepted['status']}")
        _follow(client, accepted, stopping)
        _say(f"POST /v1/memory/search {json.dumps(_QUESTION['query'])}")
        answer = client.post("/v1/memory/search", json=_QUESTION).raise_for_status().json()
        for hit in answer["data"]["results"]:
            _say(f"  {hit['score']:.2f} {hit['domain']}: {hit['content']}")


def _follow(client: httpx.Client, job: dict[str, Any], stopping: threading.Event) -> None:
    """Poll until the job ends, saying each status once."""
    deadline, status = time.monotonic() + 60, job["status"]
    while job["status"] not in _ENDED and time.monotonic() < deadline:
        job = client.get(job["status_url"]).raise_for_status().json()
        if job["status"] != status:
            status = job["status"]
            _say(f"  {status}")
        if stopping.wait(0.02):
            break


def _introduce(
    settings: LauncherSettings,
    servers: PrivateServers,
    base_url: str,
    key: str,
    elapsed_seconds: float,
) -> None:
    _say(f"ready in {elapsed_seconds:.1f} s")
    print(f"  console    {base_url}/console/")
    print(f"  API        {base_url}\n  API docs   {base_url}/docs")
    if servers.rabbitmq is not None:
        print(f"  RabbitMQ   http://{LOOPBACK}:{settings.management_port}"
              f"  (login {RABBITMQ_OPERATOR} / {servers.rabbitmq.passwords.operator})")  # fmt: skip
    print(f"  API key    {key}  (also in {settings.data_dir / 'api-key'})")
    beside = ", rabbitmq/log and mongo/mongod.log beside it" if servers.components else ""
    print(f"  logs       {settings.data_dir / 'log'}{beside}")
    print("Try:")
    print(f"  curl -s {base_url}/v2/memory/ingest -H 'Authorization: Bearer {key}' \\\n"
          "    -H 'Content-Type: application/json' -d '{\"user_query\": \"I live in Lisbon\"}'",
          flush=True)  # fmt: skip


def _say(line: str) -> None:
    """Print a line; that nobody can read it, or its disk is full, ends nothing that runs."""
    with suppress(OSError):
        print(f"keepsake: {line}" if not line.startswith((" ", "POST")) else line, flush=True)
