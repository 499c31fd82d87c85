"""A secret goes through a job that fails carelessly, and must be nowhere afterwards."""

import base64
import os
import secrets
from pathlib import Path

import httpx
import pytest
from bson import json_util
from pydantic import SecretStr

from access.keys import KeyStore
from jobs.policy import JobType
from jobs.states import State
from jobs.vault import Vault, VaultSettings


@pytest.fixture
def canary():
    return "ghp_" + secrets.token_hex(20)


@pytest.mark.parametrize("max_attempts", [1, 2])
def test_a_secret_is_in_no_collection_queue_log_or_answer(
    post, fast_worker, job, engine, database, client, rabbitmq, canary, tmp_path, max_attempts
):
    key = base64.b64encode(os.urandom(32)).decode()
    vault = Vault(database, VaultSettings(secret_key=SecretStr(key)))
    reference = vault.put("alice", SecretStr(canary), ttl_seconds=600)
    fast_worker(module="tests.faults.probes", KEEPSAKE_SECRET_KEY=key)
    job_id = post(do="leak", type=JobType.SCANNER_SCAN, credential=reference)
    database["jobs"].update_one({"_id": job_id}, {"$set": {"limits.max_attempts": max_attempts}})
    job(job_id, State.DEAD_LETTER, State.RETRYING)
    if max_attempts > 1:
        due = database["jobs"].find_one()["created_at"]
        changes = {"limits.max_attempts": 1, "run_at": due, "ring_at": due}
        database["jobs"].update_one({"_id": job_id}, {"$set": changes})
    job(job_id, State.DEAD_LETTER)

    owner = KeyStore(database).create("alice")
    with httpx.Client(headers={"Authorization": f"Bearer {owner}"}, base_url=client.base_url) as me:
        answers = [me.get(f"/v1/jobs/{job_id}").text, me.get(f"/v1/jobs/{job_id}/attempts").text]
    collections = [json_util.dumps(list(database[name].find()))
                   for name in database.list_collection_names()]  # fmt: skip
    written = [path.read_bytes() for folder in (tmp_path, Path(rabbitmq.process.log).parents[1])
               for path in folder.rglob("*") if path.is_file()]  # fmt: skip

    assert "scanner.scan" in answers[0]
    assert [text for text in answers + collections if canary in text] == []
    assert [blob for blob in written if canary.encode() in blob] == []
    assert database["vault"].count_documents({}) == 0
