"""A secret goes through jobs, one of which fails carelessly, and must be nowhere afterwards."""

import base64
import os
import secrets
from pathlib import Path

import httpx
import pika
import pytest
from bson import json_util
from pydantic import SecretStr

from keepsake.access.keys import KeyStore
from keepsake.jobs.states import State
from keepsake.jobs.vault import Vault, VaultSettings
from keepsake.launcher.administration import ensure_indexes
from keepsake.scanner.job_types import SCAN, SCANNER_QUEUE
from middleware.broker import BrokerSettings
from tests.faults.conftest import FAST, contents
from tests.integration.scanner.githost import GitHost
from tests.integration.scanner.gitrepo import GitRepo


@pytest.fixture
def canary():
    return "ghp_" + secrets.token_hex(20)


def collections(database):
    return [json_util.dumps(list(database[name].find()))
            for name in database.list_collection_names()]  # fmt: skip


def showing(secret, directory, rabbitmq):
    """The files that hold a secret, among logs, mirrors and what RabbitMQ wrote."""
    folders = (directory, Path(rabbitmq.process.log).parents[1])
    held = {path: content for folder in folders for path, content in contents(folder)}
    assert any(path.suffix == ".log" and content for path, content in held.items())
    return [path for path, content in held.items() if secret.encode() in content]


@pytest.mark.parametrize("max_attempts", [1, 2])
def test_a_secret_is_in_no_collection_queue_log_or_answer(
    post, fast_worker, job, engine, database, client, rabbitmq, canary, tmp_path, max_attempts
):
    key = base64.b64encode(os.urandom(32)).decode()
    vault = Vault(database, VaultSettings(secret_key=SecretStr(key)))
    reference = vault.put("alice", SecretStr(canary), ttl_seconds=600)
    job_id = post(do="leak", type=SCAN.name, credential=reference)
    database["jobs"].update_one({"_id": job_id}, {"$set": {"limits.max_attempts": max_attempts}})
    fast_worker(module="tests.faults.probes", KEEPSAKE_SECRET_KEY=key)
    job(job_id, State.DEAD_LETTER, State.RETRYING)
    if max_attempts > 1:
        due = database["jobs"].find_one()["created_at"]
        changes = {"limits.max_attempts": 1, "run_at": due, "notify_at": due}
        database["jobs"].update_one({"_id": job_id}, {"$set": changes})
    job(job_id, State.DEAD_LETTER)

    owner = KeyStore(database).create("alice")
    with httpx.Client(headers={"Authorization": f"Bearer {owner}"}, base_url=client.base_url) as me:
        answers = [me.get(f"/v1/jobs/{job_id}").text, me.get(f"/v1/jobs/{job_id}/attempts").text]

    assert "scanner.scan" in answers[0]
    assert [text for text in answers + collections(database) if canary in text] == []
    assert showing(canary, tmp_path, rabbitmq) == []
    assert database["vault"].count_documents({}) == 0


@pytest.fixture
def host(tmp_path, canary):
    """A git host that opens a private repository to the canary alone, and looks for it in /proc."""
    GitRepo(tmp_path / "hosted" / "acme" / "shop").commit({"a.py": "def sell(): pass\n"})
    served = GitHost(tmp_path / "hosted")
    served.token = canary
    yield served
    served.close()


@pytest.fixture
def private(database, web_server, fast_worker, empty_queues, host, tmp_path):
    """A client of a server that may scan what is on this machine, and such a worker's start."""
    ensure_indexes(database)
    settings = FAST | {
        "KEEPSAKE_SECRET_KEY": base64.b64encode(os.urandom(32)).decode(),
        "KEEPSAKE_SCAN_PROTOCOLS": '["http"]',
        "KEEPSAKE_SCAN_PRIVATE_HOSTS": "true",
        "KEEPSAKE_SCAN_CACHE_PATH": str(tmp_path / "mirrors"),
    }
    _, base_url = web_server(**settings)
    headers = {"Authorization": f"Bearer {KeyStore(database).create('alice')}"}
    with httpx.Client(base_url=base_url, headers=headers, timeout=60) as client:
        yield client, lambda: fast_worker(queues=SCANNER_QUEUE.name, **settings)


def waiting_message():
    """A message of the scanner's queue, whole, or None; it stays there."""
    with pika.BlockingConnection(BrokerSettings().parameters("test")) as connection:
        message = connection.channel().basic_get(SCANNER_QUEUE.name)
        return repr(message) if message[0] else None


def test_the_token_of_a_private_scan_is_seen_by_nobody_but_the_git_host(
    private, host, database, rabbitmq, canary, tmp_path, eventually
):
    client, start_worker = private
    body = {"url": f"{host.base}/acme/shop/.git", "token": canary, "options": {"force": True}}
    accepted = client.post("/v2/scanner/scans", json=body)
    message = eventually(waiting_message, within=30)
    start_worker()
    scanned = client.get(accepted.json()["status_url"], params={"wait": 30})
    granted, host.mood = host.authorised, "forbidding"
    failed = client.post("/v2/scanner/scans", json=body, headers={"Prefer": "wait=30"})
    answers = [accepted, scanned, failed, client.post("/v2/scanner/estimates", json=body)]
    answers += [
        client.get(path)
        for job in (accepted, failed)
        for path in (f"{job.json()['status_url']}/{part}" for part in ("attempts", "logs"))
    ]
    answers += [client.get(path) for path in ("/v1/jobs", "/v2/scanner/repositories")]
    shown = [f"{answer.headers}{answer.text}" for answer in answers]

    assert [job.json()["status"] for job in (scanned, failed)] == ["succeeded", "dead_letter"]
    assert failed.json()["error"]["kind"] == "credential"
    assert granted > 1
    assert host.authorised > granted
    assert host.seen == []
    assert list((tmp_path / "mirrors").rglob("config"))
    assert [text for text in (message, *shown, *collections(database)) if canary in text] == []
    assert showing(canary, tmp_path, rabbitmq) == []
    assert database["vault"].count_documents({}) == 0
